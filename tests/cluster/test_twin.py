"""The Kubernetes half of the twin on a real control plane: admission decides, drift shows, nothing is left behind."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.runtime.controlplane.plane import API_SERVER, CONTROLLERS
from sandbox.twin.errors import TwinError
from sandbox.twin.kubernetes import KubernetesTwin
from sandbox.twin.kubernetes_api import ApiError, KubernetesApi, Reference
from tests.cluster.conftest import Cluster
from tests.cluster.plane import RunningPlane
from tests.planning import Planner
from tests.twin.account_server import AccountServer

Json = dict[str, Any]

CONFIG_MAP, SECRET, NAMESPACE = (
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Namespace",
)
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
LABELS = {"app": "gateway"}


@pytest.fixture(scope="module")
def cluster(breakable: RunningPlane) -> Cluster:
    """A cluster that these tests may fill, empty and kill."""
    return Cluster(breakable.plane)


@pytest.fixture(scope="module")
def account(breakable: RunningPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountServer]:
    """An account whose cluster that is."""
    server = AccountServer(tmp_path_factory.mktemp("account"), "--kubernetes", str(breakable.plane.kubeconfig))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def twin(account: AccountServer) -> KubernetesTwin:
    return KubernetesTwin(account.url)


class Made:
    """One object, as Pulumi's engine would keep it: its inputs and outputs, through every operation."""

    def __init__(self, twin: KubernetesTwin, type_: str, manifest: Json) -> None:
        self.twin, self.type = twin, type_
        self.urn = f"urn:pulumi:local::valletta-local::{type_}::made"
        self.inputs, failures = twin.check(type_, self.urn, None, manifest)
        assert failures == []
        self.id, self.outputs = twin.create(type_, self.urn, self.inputs)

    def refreshed(self) -> Json:
        """The inputs as a refresh rebuilds them; they and the state are kept."""
        found = self.twin.read(self.type, self.id, self.inputs, self.outputs)
        assert found is not None
        _, self.inputs, self.outputs = found
        return self.inputs

    def brought_to(self, manifest: Json) -> None:
        news, failures = self.twin.check(self.type, self.urn, self.inputs, manifest)
        assert failures == []
        self.outputs = self.twin.update(self.type, self.id, self.inputs, news)
        self.inputs = news


def config_map(namespace: str, name: str = "settings", **data: str) -> Json:
    return {"metadata": {"name": name, "namespace": namespace}, "data": data}


def deployment(namespace: str, **annotations: str) -> Json:
    """With much that the API writes in another way, or completes: quantities, empty lists, default protocols."""
    container = {
        "name": "gateway",
        "image": "gateway@sha256:" + "0" * 64,
        "args": ["--one", "--two"],
        "ports": [{"containerPort": 8080.0}],
        "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    volumes = [{"name": "scratch", "emptyDir": {}}]
    spec = {"containers": [container], "volumes": volumes, "automountServiceAccountToken": False, "nodeSelector": {}}
    metadata: Json = {"name": "gateway", "namespace": namespace, "labels": LABELS}
    if annotations:
        metadata["annotations"] = {key.replace("_", "."): value for key, value in annotations.items()}
    template = {"metadata": {"labels": LABELS}, "spec": spec}
    return {"metadata": metadata, "spec": {"replicas": 2.0, "selector": {"matchLabels": LABELS}, "template": template}}


def behind_its_back(cluster: Cluster, manifest: Json, type_: str = "merge") -> None:
    """A change as somebody with kubectl makes it."""
    path = cluster.api.path(Reference.of(manifest))
    body = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    kind = f"application/{type_}-patch+json"
    cluster.api.ask("PATCH", path, params={"fieldManager": "kubectl-edit"}, content=json.dumps(body), kind=kind)


def live(cluster: Cluster, kind: str, namespace: str, name: str, api_version: str = "v1") -> Json:
    found = cluster.api.find(Reference(api_version, kind, namespace, name))
    assert found is not None
    return found


def test_a_refused_admission_is_told_in_the_apis_own_words_and_makes_nothing(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    name = f"no-secrets-{uuid.uuid4().hex[:6]}"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}
    policy = {
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "!('password' in object.data)", "message": "a password belongs elsewhere"}],
        },
    }
    inside = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": inside}
    admission = "kubernetes:admissionregistration.k8s.io/v1"
    Made(twin, f"{admission}:ValidatingAdmissionPolicy", policy)
    Made(twin, f"{admission}:ValidatingAdmissionPolicyBinding", {"metadata": {"name": name}, "spec": binding})
    wrong = twin.check(CONFIG_MAP, "urn:x::y", None, config_map(namespace, password="x"))[0]
    eventually_refused(twin, wrong)
    with pytest.raises(ApiError, match="a password belongs elsewhere"):
        twin.create(CONFIG_MAP, "urn:x::y", wrong)
    assert cluster.api.find(Reference("v1", "ConfigMap", namespace, "settings")) is None


def eventually_refused(twin: KubernetesTwin, manifest: Json) -> None:
    """A policy is in force a moment after it was accepted."""
    while True:
        try:
            twin.rehearse(CONFIG_MAP, manifest)
        except ApiError as error:
            assert "a password belongs elsewhere" in str(error)
            return


def test_what_was_applied_reads_back_as_it_was_given(twin: KubernetesTwin, cluster: Cluster, namespace: str) -> None:
    made = Made(twin, DEPLOYMENT, deployment(namespace))
    assert made.id == f"{namespace}/gateway"
    assert made.outputs["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "500m"
    while "deployment.kubernetes.io/revision" not in live(cluster, "Deployment", namespace, "gateway", "apps/v1")[
        "metadata"
    ].get("annotations", {}):
        pass  # a controller's own mark, which is no drift
    given = copy.deepcopy(made.inputs)
    assert made.refreshed() == given
    assert twin.diff(DEPLOYMENT, made.inputs, given).changes == []


def test_a_targeted_update_changes_that_and_takes_away_what_is_no_longer_given(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    made = Made(twin, CONFIG_MAP, config_map(namespace, one="1", two="2"))
    made.brought_to(config_map(namespace, one="uno"))
    assert live(cluster, "ConfigMap", namespace, "settings")["data"] == {"one": "uno"}
    assert made.refreshed()["data"] == {"one": "uno"}


def test_a_refresh_shows_exactly_what_somebody_changed(twin: KubernetesTwin, cluster: Cluster, namespace: str) -> None:
    made = Made(twin, DEPLOYMENT, deployment(namespace))
    given = copy.deepcopy(made.inputs)
    names = {"name": "gateway", "namespace": namespace}
    rogue: Json = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": names}
    sidecar = {"name": "spy", "image": "spy"}
    rogue["metadata"] = {**names, "labels": {"rogue": "yes"}}
    rogue["spec"] = {"replicas": 0, "template": {"spec": {"containers": [sidecar]}}}
    behind_its_back(cluster, rogue, "strategic-merge")
    expected = copy.deepcopy(given)
    expected["metadata"]["labels"] = {**LABELS, "rogue": "yes"}
    expected["spec"]["replicas"] = 0
    shown = made.refreshed()
    containers = {each["name"]: each for each in shown["spec"]["template"]["spec"].pop("containers")}
    (own,) = expected["spec"]["template"]["spec"].pop("containers")
    assert shown == expected
    assert containers.pop("gateway") == own
    assert containers["spy"] | sidecar == containers["spy"]


def test_what_somebody_else_set_is_overwritten_only_where_the_program_says_so(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    made = Made(twin, CONFIG_MAP, config_map(namespace, one="1"))
    rogue = config_map(namespace, one="2", rogue="yes") | {"apiVersion": "v1", "kind": "ConfigMap"}
    behind_its_back(cluster, rogue)
    wanted = config_map(namespace, one="1")
    with pytest.raises(ApiError, match=r'conflict with "kubectl-edit".*: \.data\.one.*pulumi.com/patchForce'):
        twin.rehearse(CONFIG_MAP, twin.check(CONFIG_MAP, made.urn, made.inputs, wanted)[0])
    with pytest.raises(ApiError, match=r'conflict with "kubectl-edit".*: \.data\.one.*pulumi.com/patchForce'):
        made.brought_to(wanted)
    wanted["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    made.brought_to(wanted)
    assert live(cluster, "ConfigMap", namespace, "settings")["data"] == {"one": "1"}
    assert made.refreshed()["data"] == {"one": "1"}


def test_a_secret_reads_back_in_the_form_in_which_it_was_given_and_its_drift_shows(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    metadata = {"name": "operator", "namespace": namespace}
    made = Made(twin, SECRET, {"metadata": metadata, "stringData": {"password": "hunter2"}})
    assert made.outputs["stringData"] == {"password": "hunter2"}
    assert "data" not in made.outputs, "the same once more, under another name, would not be known to be secret"
    given = copy.deepcopy(made.inputs)
    assert made.refreshed() == given
    rogue = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "changed"}}
    behind_its_back(cluster, rogue)
    assert made.refreshed()["stringData"] == {"password": "changed"}


def test_an_object_that_is_gone_reads_as_gone_and_cannot_be_updated(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    made = Made(twin, CONFIG_MAP, config_map(namespace, one="1"))
    cluster.api.delete(Reference("v1", "ConfigMap", namespace, "settings"))
    assert twin.read(CONFIG_MAP, made.id, made.inputs, made.outputs) is None
    with pytest.raises(TwinError, match="is gone; refresh, and it will be made again"):
        made.brought_to(config_map(namespace, one="2"))


def test_the_program_makes_an_object_once_and_takes_over_what_others_made(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    Made(twin, CONFIG_MAP, config_map(namespace, one="1"))
    with pytest.raises(TwinError, match="settings' already exists"):
        Made(twin, CONFIG_MAP, config_map(namespace, one="1"))
    found = config_map(namespace, "found", theirs="yes") | {"apiVersion": "v1", "kind": "ConfigMap"}
    cluster.api.apply(found, manager="helm")
    Made(twin, CONFIG_MAP, config_map(namespace, "found", ours="yes"))
    assert live(cluster, "ConfigMap", namespace, "found")["data"] == {"theirs": "yes", "ours": "yes"}


def test_a_preview_waits_for_what_the_deployment_has_yet_to_make(twin: KubernetesTwin, namespace: str) -> None:
    homeless = twin.check(CONFIG_MAP, "urn:x::y", None, config_map("not-made-yet", one="1"))[0]
    twin.rehearse(CONFIG_MAP, homeless)
    with pytest.raises(ApiError, match='namespaces "not-made-yet" not found'):
        twin.create(CONFIG_MAP, "urn:x::y", homeless)
    stranger, failures = twin.check(
        "kubernetes:tests.valletta.example/v1:Stranger", "urn:x::y", None, {"metadata": {"name": "x"}}
    )
    assert failures == []
    twin.rehearse("kubernetes:tests.valletta.example/v1:Stranger", stranger)


def test_a_preview_passes_over_what_will_be_replaced(twin: KubernetesTwin, namespace: str) -> None:
    made = Made(twin, DEPLOYMENT, deployment(namespace))
    changed = copy.deepcopy(made.inputs)
    changed["spec"]["selector"]["matchLabels"] = changed["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    twin.rehearse(DEPLOYMENT, changed)
    changed["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = 8080000
    del changed["spec"]["selector"]
    with pytest.raises(ApiError, match="containerPort"):
        twin.rehearse(
            DEPLOYMENT, made.inputs | {"spec": changed["spec"] | {"selector": made.inputs["spec"]["selector"]}}
        )


def test_a_custom_kind_lives_and_ends_with_its_definition(
    twin: KubernetesTwin, cluster: Cluster, namespace: str
) -> None:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    names = {"kind": "Pool", "plural": "pools", "singular": "pool", "listKind": "PoolList"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    group = f"g{uuid.uuid4().hex[:6]}.valletta.example"
    spec = {"group": group, "scope": "Cluster", "names": names, "versions": [version]}
    definition = Made(twin, DEFINITION, {"metadata": {"name": f"pools.{group}"}, "spec": spec})
    pool = Made(twin, f"kubernetes:{group}/v1:Pool", {"metadata": {"name": "big"}, "spec": {"size": 3.0}})
    assert pool.id == "big"
    assert pool.refreshed()["spec"] == {"size": 3}
    with pytest.raises(ApiError, match=r"\.spec\.sise"):
        Made(twin, f"kubernetes:{group}/v1:Pool", {"metadata": {"name": "bad"}, "spec": {"sise": 3.0}})
    twin.delete(pool.type, pool.id, pool.outputs)
    twin.delete(definition.type, definition.id, definition.outputs)
    assert twin.read(pool.type, pool.id, {}, {}) is None


def test_the_account_says_that_its_cluster_can_be_observed(account: AccountServer, twin: KubernetesTwin) -> None:
    told = httpx.get(f"{account.url}/valletta/observability", trust_env=False).json()
    assert "kubernetes:*" not in told["types"]
    assert twin.observable(DEPLOYMENT)


def test_every_manifest_of_the_program_is_accepted_read_without_drift_and_gone_in_the_end(
    twin: KubernetesTwin, cluster: Cluster, planner: Planner
) -> None:
    planned = [one for one in planner("local").resources if one.type.startswith("kubernetes:")]
    planned.sort(key=lambda one: one.type != NAMESPACE)
    assert len(planned) >= 15
    made: list[tuple[str, str, Json, Json]] = []
    before = everything(cluster.api)
    for one in planned:
        inputs, failures = twin.check(one.type, one.urn, None, one.inputs)
        assert failures == [], one.urn
        id_, outputs = twin.create(one.type, one.urn, inputs)
        made.append((one.type, id_, inputs, outputs))
    for type_, id_, inputs, outputs in made:
        found = twin.read(type_, id_, inputs, outputs)
        assert found is not None
        assert found[1] == inputs, f"{type_} {id_} shows drift where nobody changed it"
        twin.rehearse(type_, inputs)
    for type_, id_, _, outputs in reversed(made):
        twin.delete(type_, id_, outputs)
        assert twin.read(type_, id_, {}, {}) is None
        twin.delete(type_, id_, outputs)
    assert everything(cluster.api) - before == set()  # other tests' namespaces may have ended meanwhile


def everything(api: KubernetesApi) -> set[str]:
    """The name of every object in the cluster, but for events and what every request leaves behind."""
    fleeting = {"Event", "Lease", "ConfigMap kube-public", "ComponentStatus"}
    names = set()
    for version in api.versions():
        for served in api.kinds(version):
            if served.kind in fleeting:
                continue
            for each in api.every(version, served.kind):
                metadata = each["metadata"]
                names.add(f"{version} {served.kind} {metadata.get('namespace', '')}/{metadata['name']}")
    return names


def test_what_was_acknowledged_survives_kill_9_of_everything(
    breakable: RunningPlane, twin: KubernetesTwin, namespace: str
) -> None:
    made = Made(twin, CONFIG_MAP, config_map(namespace, one="1"))
    for name in (API_SERVER, CONTROLLERS, "etcd"):
        breakable.kill(name)
    with pytest.raises(ApiError, match="does not answer"):
        twin.read(CONFIG_MAP, made.id, made.inputs, made.outputs)
    breakable.start()
    breakable.plane.wait_ready()
    assert made.refreshed()["data"] == {"one": "1"}


def test_a_kubeconfig_that_is_none_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "kubeconfig"
    wrong.write_text("{}")
    with pytest.raises(TwinError, match=f"{wrong} is no kubeconfig"):
        KubernetesApi(wrong)
