"""An account whose Kubernetes objects were declared state moves onto a control plane; a fresh one empties it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from sandbox.plan.record import Plan
from sandbox.provision import in_process
from sandbox.provision.account import Account
from sandbox.provision.engine import provision_by_engine
from sandbox.provision.in_process import provision_in_process
from sandbox.provision.outcome import ProvisionError
from sandbox.runtime.controlplane.configuration import CLUSTER
from sandbox.twin.kubernetes import KubernetesTwin
from sandbox.twin.kubernetes_api import Reference
from sandbox.twin.kubernetes_fresh import empty
from tests.cluster.conftest import Cluster
from tests.cluster.plane import RunningPlane
from tests.planning import Planner
from tests.twin.account_server import AccountServer

NAMESPACE, POLICY = (
    "kubernetes:core/v1:Namespace",
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
)
CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"


@pytest.fixture(scope="module")
def cluster(breakable: RunningPlane) -> Cluster:
    """A cluster that these tests may fill, empty and kill."""
    return Cluster(breakable.plane)


class Home:
    """One account, served with a control plane or without."""

    def __init__(self, folder: Path, breakable: RunningPlane) -> None:
        self.folder, self._kubeconfig = folder, breakable.plane.kubeconfig
        self.server = AccountServer(folder / "account")

    @property
    def account(self) -> Account:
        return Account(self.server.url)

    def moves(self, kubeconfig: Path | None = None) -> None:
        """As `make up` does it after the control plane was built: the same account, told of its cluster."""
        self.server.stop()
        self.server = AccountServer(self.folder / "account", "--kubernetes", str(kubeconfig or self._kubeconfig))


@pytest.fixture
def home(tmp_path: Path, breakable: RunningPlane, cluster: Cluster) -> Iterator[Home]:
    home = Home(tmp_path, breakable)
    yield home
    home.server.stop()
    empty(cluster.api)


def nothing(_: str, __: int, ___: int | None) -> None:
    """No progress is looked at."""


def make(twin: KubernetesTwin, type_: str, manifest: dict[str, object]) -> str:
    inputs, failures = twin.check(type_, "urn:x::made", None, manifest)
    assert failures == []
    return twin.create(type_, "urn:x::made", inputs)[0]


def test_a_fresh_account_has_an_empty_cluster_and_leaves_the_clusters_own(home: Home, cluster: Cluster) -> None:
    home.moves()
    twin = KubernetesTwin(home.server.url)
    make(twin, NAMESPACE, {"metadata": {"name": "ours"}})
    make(twin, CLASS, {"metadata": {"name": "urgent"}, "value": 10.0})
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["DELETE"], "resources": ["*"]}
    forbids = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "false"}]}
    make(twin, POLICY, {"metadata": {"name": "nothing-goes"}, "spec": forbids})
    binding = {"policyName": "nothing-goes", "validationActions": ["Deny"]}
    make(twin, f"{POLICY}Binding", {"metadata": {"name": "nothing-goes"}, "spec": binding})
    cluster.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "by-hand"}}, manager="kubectl")
    home.account.reset()
    namespaces = {each["metadata"]["name"] for each in cluster.api.every("v1", "Namespace")}
    assert namespaces == {"default", "kube-node-lease", "kube-public", "kube-system"}
    assert cluster.api.find(Reference("scheduling.k8s.io/v1", "PriorityClass", None, "urgent")) is None
    assert cluster.api.find(Reference("scheduling.k8s.io/v1", "PriorityClass", None, "system-node-critical"))
    definition = "secretproviderclasses.secrets-store.csi.x-k8s.io"
    assert cluster.api.find(Reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, definition))


def test_in_process_the_next_run_builds_a_fresh_account_on_the_cluster_and_the_one_after_reuses_it(
    home: Home, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, runs = Plan("valletta-local", "local", (), {}), list[str]()

    def work(endpoint: str, _: object) -> dict[str, str]:
        twin = KubernetesTwin(endpoint)
        found = twin.read(NAMESPACE, make(twin, NAMESPACE, {"metadata": {"name": "exchange"}}), {}, {})
        assert found is not None
        runs.append(found[2]["metadata"]["uid"])
        return {}

    monkeypatch.setattr(in_process, "_work", work)
    provision_in_process(home.account, home.folder / "account", nothing, plan)
    declared = home.account.life()
    home.moves()
    assert home.account.life().born == declared.born, "the account is the same"
    provision_in_process(home.account, home.folder / "account", nothing, plan)
    provision_in_process(home.account, home.folder / "account", nothing, plan)
    found = cluster.api.find(Reference("v1", "Namespace", None, "exchange"))
    assert found is not None
    assert (len(runs), found["metadata"]["uid"]) == (2, runs[1])


def test_the_control_plane_is_one_cluster_and_a_copys_is_another_that_is_declared(home: Home, cluster: Cluster) -> None:
    home.moves()
    served = KubernetesTwin(home.server.url, CLUSTER)
    copys = KubernetesTwin(home.server.url, "valletta-local-pr-123-exchange")
    for twin in (served, copys):
        make(twin, NAMESPACE, {"metadata": {"name": "exchange"}})
    assert (served.observable(NAMESPACE), copys.observable(NAMESPACE)) == (True, False)
    copys.delete(NAMESPACE, "exchange", {})
    assert copys.read(NAMESPACE, "exchange", {}, {}) is None
    assert cluster.api.find(Reference("v1", "Namespace", None, "exchange")) is not None


def test_a_control_plane_that_is_away_is_told_with_the_way_out(home: Home, breakable: RunningPlane) -> None:
    away = home.folder / "kubeconfig"
    away.write_text(breakable.plane.kubeconfig.read_text().replace(breakable.plane.url, "https://127.0.0.1:1"))
    home.moves(away)
    with pytest.raises(ProvisionError, match=r"Kubernetes API at https://127\.0\.0\.1:1 does not answer") as told:
        home.account.life()
    assert told.value.hint == "make up"


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_the_engine_makes_on_the_cluster_what_was_declared_state_and_leaves_the_rest_alone(
    home: Home, cluster: Cluster, planner: Planner
) -> None:
    if shutil.which("pulumi") is None:
        pytest.skip("no Pulumi CLI on the PATH")
    plan = planner("local")
    objects = sum(each.type.startswith("kubernetes:") for each in plan.resources)

    def up() -> tuple[int, int]:
        done = provision_by_engine(PulumiCommand(), home.account, home.folder, nothing, plan=plan, policy_pack=None)
        return done.created, done.unchanged

    made, _ = up()
    home.moves()
    assert up() == (objects, made - objects)
    assert cluster.api.find(Reference("v1", "Namespace", None, "exchange"))
    assert up() == (0, made)
