"""CHG-3: what runs is the baseline, to the byte, and it is looked at every day."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.baseline import baseline_of
from policies.checks import check
from policies.cluster import live
from policies.cluster.objects import listed
from policies.environment import Environment
from policies.model import Clause, Control, Planned, Severity


def _released(account: Account) -> Iterator[Subject]:
    """The pods of environments to which images are released; to the local stack nothing is."""
    for pod in live.pods(account):
        if live.environment_of(pod, account) is not Environment.LOCAL:
            yield pod


@check("chg-3-live-images", _released, proves="every container that started runs an image of the baseline")
def runs_the_baseline(pod: Subject, account: Account) -> Iterator[str]:
    """The digest of every container that started, as its node reports it, is the one in the baseline."""
    environment = live.environment_of(pod, account)
    baseline = baseline_of(environment)
    if baseline is None:
        yield f"runs in {environment}, which has no baseline"
        return
    known = {f"{baseline.registry}/{repository}@{digest}" for repository, digest in baseline.images.items()}
    for kind in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for status in listed(pod.data, f"status.{kind}"):
            running = str(status.get("imageID") or "").rpartition("://")[2]  # some runtimes say by what they pulled it
            if running and running not in known:
                yield f"container {status['name']} runs {running}, which is not in the baseline of {environment}"


CONTROL = Control(
    id="CHG-3",
    title="What runs is the baseline",
    statement=(
        "At least every 24 hours the digest of every running container, as its node reports it, is compared with the"
        " baseline that was released. The local stack, to which nothing is released, has no baseline."
    ),
    rationale=(
        "A release that was tested and approved proves nothing about a program that somebody put in its place"
        " afterwards."
    ),
    clauses=(Clause("GLI-19", "3.0", "2.3"),),
    severity=Severity.CRITICAL,
    owner="Compliance officer",
    evidence="The baseline with the request that released it, and the comparison of every day of the period.",
    detective=(
        runs_the_baseline,
        Planned(
            ".github/workflows",
            "Today evidence is collected after each deployment, from outside the network, where the cluster does not"
            " answer. A daily run from within it is to come, by a role that may list what is in the cluster.",
        ),
    ),
)
