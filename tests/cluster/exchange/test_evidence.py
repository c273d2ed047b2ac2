"""What production runs, on a real API server, passes every check of the cluster."""

from __future__ import annotations

from dataclasses import replace

from policies.account import Account, Subject
from policies.catalogue import catalogue
from policies.environment import Environment
from policies.evidence import AccountTarget
from policies.evidence.judging import findings
from policies.evidence.reaching import of_kubeconfig
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.model import Outcome
from tests.cluster.conftest import Cluster
from tests.policies.account.clients import REGION, session

CLUSTER_ONLY = {
    "chg-1-images-by-digest",
    "chg-5-namespace-restricted",
    "chg-5-restricted-workloads",
    "iam-4-accounts-without-tokens",
    "iam-4-no-mounted-tokens",
    "iam-4-no-secrets",
    "iam-5-no-cluster-admins",
    "iam-5-roles-without-wildcards",
    "loc-3-images",
    "net-4-namespace-closed",
    "net-4-one-way-in",
}
"""The checks of what the program declares in the cluster; nodes and what they start are not there to be looked at."""


class Unreleased(Account):
    """An account to which nothing was released: its images come from its own registry, whatever its labels say."""

    def environment(self, subject: Subject) -> Environment:
        """As on a developer's machine."""
        return Environment.LOCAL


def test_what_the_program_declares_passes_every_check_of_the_cluster(exchange: Cluster) -> None:
    """Judged as local, for no pipeline has released the images that this cluster runs."""
    cluster = of_kubeconfig(exchange.plane.kubeconfig)
    reader = Recorder(BotoSource(AccountTarget(session(), REGION, "http://127.0.0.1:1", cluster=cluster)))
    account = Unreleased("123456789012", REGION, reader)
    passed: set[str] = set()
    for control in catalogue():
        own = [check for check in control.detective if getattr(check, "name", "") in CLUSTER_ONLY]
        if own:
            for found in findings(replace(control, detective=tuple(own)), account):
                if found.resource == "namespaces/open":  # which a test opened
                    continue
                assert found.outcome is not Outcome.FAIL, (found.control, found.resource, found.reason)
                passed |= set(found.checks) if found.outcome is Outcome.PASS else set()
    assert passed == CLUSTER_ONLY
