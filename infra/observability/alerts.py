"""The alerts on the exchange's own metrics, as data: what is asked, for how long, and what it means.

Each has a runbook in docs/runbooks/, named like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import yaml

GROUP: Final = "exchange"
INTERVAL: Final = "30s"


class Severity(StrEnum):
    """Whether somebody is woken, or finds it in the morning."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True)
class Alert:
    """One alert.

    Args:
        name: also of its runbook.
        expression: PromQL; the alert is for each series that it gives.
        lasts: how long it must hold, as `5m`.
        says: what is wrong, in a sentence.
    """

    name: str
    expression: str
    lasts: str
    severity: Severity
    says: str


ALERTS: Final[Sequence[Alert]] = (
    Alert(
        "shard-without-leader",
        "sum by (shard) (valletta_matching_leading) < 1 or absent(valletta_matching_leading)",
        "1m",
        Severity.PAGE,
        "No node leads the shard: no order is taken on its markets.",
    ),
    Alert(
        "shard-with-two-leaders",
        "sum by (shard) (valletta_matching_leading) > 1",
        "1m",
        Severity.PAGE,
        "Two nodes believe that they lead. The log fences one of them; until it notices, its reads are stale.",
    ),
    Alert(
        "shard-without-standby",
        "count by (shard) (valletta_matching_leading) < 2",
        "10m",
        Severity.TICKET,
        "The shard has one node: its loss would stop the markets until another has read the log.",
    ),
    Alert(
        "standby-behind",
        "max by (shard) (valletta_matching_applied_offset) - min by (shard) (valletta_matching_applied_offset) > 10000",
        "5m",
        Severity.TICKET,
        "The standby is far behind its leader: a hand-over would take longer than it should.",
    ),
    Alert(
        "hand-overs-frequent",
        "sum by (shard) (changes(valletta_matching_epoch_offset[1h])) > 8",
        "5m",
        Severity.TICKET,
        "The leadership of the shard changes hands more often than roll-outs explain.",
    ),
    Alert(
        "appends-unknown",
        "sum by (shard) (increase(valletta_matching_unknown_appends_total[10m])) > 5",
        "5m",
        Severity.TICKET,
        "The brokers leave appends unanswered: each costs a new epoch.",
    ),
    Alert(
        "publication-behind",
        "(valletta_matching_applied_offset - valletta_matching_published_offset) > 1000"
        " and valletta_matching_leading == 1",
        "2m",
        Severity.PAGE,
        "Events lag behind what was answered: statements and market data are old.",
    ),
    Alert(
        "projection-behind",
        "max by (shard) (valletta_matching_applied_offset) - max by (shard) (valletta_ledger_projected_offset) > 5000",
        "5m",
        Severity.PAGE,
        "The ledger lags behind the log: statements and balances in PostgreSQL are old.",
    ),
    Alert(
        "projection-waits",
        "min by (shard) (valletta_ledger_waiting) == 1",
        "5m",
        Severity.PAGE,
        "Every projector waits for the log or for the database.",
    ),
    Alert(
        "gateway-failing",
        'sum(rate(valletta_gateway_requests_total{status=~"5.."}[5m])) / sum(rate(valletta_gateway_requests_total[5m]))'
        " > 0.01",
        "5m",
        Severity.PAGE,
        "More than one request in a hundred fails.",
    ),
    Alert(
        "gateway-slow",
        "histogram_quantile(0.99, sum by (le) (rate(valletta_gateway_request_seconds_bucket[5m]))) > 0.5",
        "10m",
        Severity.PAGE,
        "One request in a hundred takes longer than half a second.",
    ),
    Alert(
        "metrics-missing",
        'up{job="exchange"} == 0 or absent(up{job="exchange"})',
        "10m",
        Severity.TICKET,
        "A pod gives no metrics, so that no other alert speaks for it.",
    ),
)


def rule_groups(alerts: Sequence[Alert] = ALERTS) -> str:
    """The alerts as a file of rules for Prometheus."""
    rules = [
        {
            "alert": each.name,
            "expr": each.expression,
            "for": each.lasts,
            "labels": {"severity": each.severity.value},
            "annotations": {"summary": each.says, "runbook": runbook(each.name)},
        }
        for each in alerts
    ]
    return yaml.safe_dump(
        {"groups": [{"name": GROUP, "interval": INTERVAL, "rules": rules}]}, sort_keys=True, width=120
    )


def runbook(name: str) -> str:
    """Where it is written what to do, within the repository."""
    return f"docs/runbooks/{name}.md"
