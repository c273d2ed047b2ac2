"""TIM-1: every clock shows the same time, to within what an order of events can bear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from policies.account import Account, Subject
from policies.checks import check
from policies.cluster import live
from policies.cluster.objects import listed
from policies.model import Clause, Control, Planned, Severity

MOST: Final = timedelta(seconds=2)
"""How far a node's clock may be from the API server's. What is seen of it is whole seconds, so less cannot be told."""


@check("tim-1-node-clock", live.node_leases, proves=f"its clock is within {MOST.seconds} seconds of the API server's")
def clock_is_in_step(lease: Subject, _: Account) -> Iterator[str]:
    """A node's clock, by which it renews its lease, is in step with the API server's, which dates the renewal."""
    renewed = lease.get("spec.renewTime")
    dated = [
        entry["time"]
        for entry in listed(lease.data, "metadata.managedFields")
        if entry.get("manager") == "kubelet" and entry.get("time")
    ]
    if renewed is None or not dated:
        yield "shows no renewal of its lease, so nothing is known of its clock"
        return
    drift = abs(datetime.fromisoformat(renewed) - max(map(datetime.fromisoformat, dated)))
    if drift > MOST:
        yield f"shows a time {drift.total_seconds():.1f} seconds away from the API server's"


CONTROL = Control(
    id="TIM-1",
    title="Clocks in step",
    statement=(
        f"Every node's clock is within {MOST.seconds} seconds of the cluster's API server, and an alarm tells of a"
        " drift of 100 milliseconds."
    ),
    rationale=(
        "Which bet came before the goal is decided by times that machines write down. Two clocks that differ tell two"
        " stories."
    ),
    clauses=(
        Clause("GLI-19", "3.0", "2.2.1"),
        Clause("GLI-19", "3.0", "2.2.2"),
        Clause("ISO 27001", "2022", "8.17"),
        Clause("PCI DSS", "4.0.1", "10.6"),
    ),
    severity=Severity.MEDIUM,
    owner="Infrastructure lead",
    evidence="The drift of every node over the period in question, and the time source that nodes are configured with.",
    detective=(
        clock_is_in_step,
        Planned("infra/observability", "Each node's offset from Amazon's time service as a series, with an alarm."),
    ),
)
