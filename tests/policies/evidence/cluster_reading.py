"""Reading a cluster in tests: a reader of it, and the pods that it lists."""

from __future__ import annotations

from typing import Any

from policies.account import Account
from policies.cluster import objects
from policies.evidence import AccountTarget
from policies.evidence.reaching import Cluster
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from tests.policies.account.clients import REGION, session
from tests.policies.kubernetes_api import PODS


def reader_of(cluster: Cluster | None, **more: Any) -> Recorder:  # noqa: ANN401  (a target's own fields)
    """A reader of an account with this cluster."""
    return Recorder(BotoSource(AccountTarget(session(), REGION, cluster=cluster, **more)))


def pods_of(reader: Recorder) -> list[str]:
    """The names of the pods that the reader lists."""
    account = Account("123456789012", REGION, reader)
    return [objects.name_of(each) for each in account.objects(PODS)]


NAMES = [f"pod-{n}" for n in range(7)]
