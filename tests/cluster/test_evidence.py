"""Evidence from a real Kubernetes API: read through its kubeconfig, in pages, by who may and who may not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from policies.account import Account, Unanswered
from policies.catalogue import control
from policies.evidence import AccountTarget, Finding
from policies.evidence import cluster as asking
from policies.evidence.judging import findings
from policies.evidence.reaching import Cluster, of_kubeconfig
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.model import Outcome
from sandbox.evidence import twin_target
from tests.cluster import conftest
from tests.policies.account.clients import REGION, session
from tests.twin.account_server import AccountServer

CONFIG_MAPS = "/api/v1/configmaps"
CONTROLS = ("NET-4", "IAM-4", "IAM-5", "CHG-1", "CHG-3", "CHG-5", "TIM-1")


def reader_of(cluster: Cluster) -> Recorder:
    """A reader of a twin that has this cluster, and nothing else that answers."""
    return Recorder(BotoSource(AccountTarget(session(), REGION, "http://127.0.0.1:1", cluster=cluster)))


def account_of(reader: Recorder) -> Account:
    return Account("123456789012", REGION, reader)


def found(cluster: conftest.Cluster, *controls: str) -> list[Finding]:
    """What the controls of the cluster say of it."""
    reader = reader_of(of_kubeconfig(cluster.plane.kubeconfig))
    account = account_of(reader)
    return [each for name in controls or CONTROLS for each in findings(control(name), account)]


def test_every_object_is_listed_over_pages(
    cluster: conftest.Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        metadata = {"name": f"evidence-{n}", "namespace": namespace}
        cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    monkeypatch.setattr(asking, "_PAGE", 3)
    listed = account_of(reader_of(of_kubeconfig(cluster.plane.kubeconfig))).objects(CONFIG_MAPS)
    mine = [each["metadata"] for each in listed if each["metadata"]["namespace"] == namespace]
    own = [each["name"] for each in mine if each["name"].startswith("evidence-")]  # Kubernetes puts one there too
    assert own == [f"evidence-{n}" for n in range(7)]


def test_who_may_not_list_gets_the_apis_own_refusal(cluster: conftest.Cluster, namespace: str, tmp_path: Path) -> None:
    """The same kubeconfig with the token of a service account that has no rights."""
    metadata = {"name": "auditor", "namespace": namespace}
    cluster.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    client = cluster.client_for("auditor", namespace)
    document = json.loads(cluster.plane.kubeconfig.read_text())
    token = client._http.headers["Authorization"].removeprefix("Bearer ")
    document["users"][0]["user"] = {"token": token}
    (tmp_path / "kubeconfig").write_text(json.dumps(document))
    with pytest.raises(Unanswered, match=r'Forbidden: .*User "system:serviceaccount:.*auditor" cannot list'):
        account_of(reader_of(of_kubeconfig(tmp_path / "kubeconfig"))).objects("/apis/apps/v1/deployments")


def test_what_kubernetes_brings_is_no_finding_and_what_is_added_is(cluster: conftest.Cluster, namespace: str) -> None:
    """A real cluster's own roles and bindings are let be; one that somebody adds, open as its namespace is, is not."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "everything", "namespace": namespace},
        "rules": [{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}],
    }
    cluster.apply(role)
    failed = {(each.control, each.resource): each.reason for each in found(cluster) if each.outcome is Outcome.FAIL}
    assert "wildcard" in failed["IAM-5", f"namespaces/{namespace}/roles/everything"]
    assert "no network policy" in failed["NET-4", f"namespaces/{namespace}"]
    assert not [resource for _, resource in failed if "clusterrole" in resource]


def test_a_node_whose_clock_is_off_is_told_from_one_whose_clock_is_right(cluster: conftest.Cluster) -> None:
    """The API server dates the renewal of a lease by its own clock, the node writes its own into it."""
    for node, ahead_s in (("right", 0), ("ahead", 30)):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + ahead_s))
        lease = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": f"evidence-{node}", "namespace": "kube-node-lease"},
            "spec": {"holderIdentity": node, "renewTime": f"{at}.000000Z"},
        }
        cluster.api.apply(lease, manager="kubelet", force=True)
    outcomes = {
        each.resource.rpartition("/")[2]: each.outcome
        for each in found(cluster, "TIM-1")
        if "/evidence-" in each.resource
    }
    assert outcomes == {"evidence-right": Outcome.PASS, "evidence-ahead": Outcome.FAIL}


def test_a_twin_tells_how_its_cluster_is_reached(cluster: conftest.Cluster, tmp_path: Path) -> None:
    """The local sandbox has a real API server, and evidence is collected from it; without one, nothing is seen."""
    for arguments, kubeconfig in (
        ((), None),
        (("--kubernetes", str(cluster.plane.kubeconfig)), cluster.plane.kubeconfig),
    ):
        server = AccountServer(tmp_path / str(len(arguments)), *arguments)
        try:
            target = twin_target(server.url, REGION)
        finally:
            server.stop()
        assert (target.cluster.server if target.cluster else None) == (kubeconfig and cluster.plane.url)
