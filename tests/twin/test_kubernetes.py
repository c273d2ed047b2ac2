"""The Kubernetes half: what the API would refuse is refused, and what it would replace is replaced."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.plan.record import Plan
from sandbox.twin.errors import TwinError, UnknownTypeError
from sandbox.twin.kubernetes import KubernetesTwin
from sandbox.twin.values import Value
from tests.planning import Planner
from tests.twin.account_server import AccountServer

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
NAMESPACE = "kubernetes:core/v1:Namespace"
LABELS = {"app": "gateway"}


def deployment() -> dict[str, Any]:
    container = {"name": "gateway", "image": "gateway@sha256:0", "ports": [{"containerPort": 8080.0}]}
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}
    return {
        "metadata": {"name": "gateway", "namespace": "default"},
        "spec": {"replicas": 2.0, "selector": {"matchLabels": LABELS}, "template": template},
    }


@pytest.fixture(scope="module")
def plan(planner: Planner) -> Plan:
    """The real program's manifests."""
    return planner("local")


@pytest.fixture
def kubernetes(account: AccountServer, request: pytest.FixtureRequest) -> KubernetesTwin:
    """A cluster of the test's own."""
    return KubernetesTwin(account.url, request.node.name)


def test_every_manifest_of_the_program_is_valid_kept_read_without_drift_and_gone_after_deletion(
    kubernetes: KubernetesTwin, plan: Plan
) -> None:
    planned = [one for one in plan.resources if one.type.startswith("kubernetes:")]
    planned.sort(key=lambda one: one.type != NAMESPACE)
    assert len(planned) >= 15
    made = []
    for one in planned:
        inputs, failures = kubernetes.check(one.type, one.urn, None, one.inputs)
        assert failures == [], one.urn
        id_, outputs = kubernetes.create(one.type, one.urn, inputs)
        assert kubernetes.read(one.type, id_, inputs, outputs) == (id_, inputs, outputs)
        assert kubernetes.diff(one.type, inputs, inputs).changes == []
        made.append((one.type, id_, inputs, outputs))
    for type_, id_, inputs, outputs in reversed(made):
        kubernetes.delete(type_, id_, outputs)
        assert kubernetes.read(type_, id_, inputs, outputs) is None
        kubernetes.delete(type_, id_, outputs)


@pytest.mark.parametrize(
    ("change", "property_", "reason"),
    [
        (lambda m: m["spec"].update(replicas="two"), "spec.replicas", "must be integer or null"),
        (lambda m: m["spec"].update(replica=2), "spec", "has no field replica; it has .*replicas"),
        (lambda m: m["spec"].pop("selector"), "spec", "'selector' is a required property"),
        (lambda m: m["metadata"].update(name="Gate_way"), "metadata.name", "lower-case letters"),
    ],
)
def test_an_invalid_manifest_is_told_by_field_and_rule(
    kubernetes: KubernetesTwin, change: Callable[[dict[str, Any]], object], property_: str, reason: str
) -> None:
    manifest = deployment()
    change(manifest)
    _, failures = kubernetes.check(DEPLOYMENT, "urn:x::gateway", None, manifest)
    assert [failure.property for failure in failures] == [property_]
    assert re.search(reason, failures[0].reason)


def test_a_secrets_value_is_not_quoted_by_a_failure(kubernetes: KubernetesTwin) -> None:
    manifest = {"metadata": {"name": "operator"}, "stringData": {"password": ["hunter2"]}}
    _, failures = kubernetes.check("kubernetes:core/v1:Secret", "urn:x::s", None, manifest)
    assert [failure.property for failure in failures] == ["stringData.password"]
    assert "hunter2" not in failures[0].reason


@pytest.mark.parametrize(
    ("type_", "path", "value"),
    [
        (DEPLOYMENT, ("spec", "selector"), {"matchLabels": {"app": "other"}}),
        (DEPLOYMENT, ("metadata", "name"), "other"),
        (DEPLOYMENT, ("metadata", "namespace"), "kube-system"),
    ],
)
def test_what_the_api_never_changes_forces_a_replacement(
    kubernetes: KubernetesTwin, type_: str, path: tuple[str, str], value: Value
) -> None:
    olds, _ = kubernetes.check(type_, "urn:x::gateway", None, deployment())
    news = copy.deepcopy(olds)
    news[path[0]][path[1]] = value
    difference = kubernetes.diff(type_, olds, news)
    assert difference.replaces == [path[0]]
    assert difference.delete_before_replace is (path[0] == "spec"), "the name clashes only where it stays"


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        ("kubernetes:batch/v1:Job", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {"a": 2}}}),
        (SERVICE, {"spec": {"clusterIP": "None"}}, {"spec": {"clusterIP": "10.0.0.1"}}),
        ("kubernetes:apps/v1:StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}}),
        ("kubernetes:core/v1:ConfigMap", {"immutable": True, "data": {"a": "1"}}, {"data": {"a": "2"}}),
        ("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}),
    ],
)
def test_immutable_fields_of_every_kind_force_a_replacement(
    kubernetes: KubernetesTwin, type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    kind = {"kind": type_.rpartition(":")[2]}
    assert kubernetes.diff(type_, {**kind, **old}, {**kind, **new}).replaces != []
    assert kubernetes.diff(type_, {**kind, **old}, {**kind, **old}).changes == []


def test_what_the_api_changes_is_updated_in_place_and_counted(kubernetes: KubernetesTwin) -> None:
    olds, _ = kubernetes.check(DEPLOYMENT, "urn:x::gateway", None, deployment())
    id_, created = kubernetes.create(DEPLOYMENT, "urn:x::gateway", olds)
    assert id_ == "default/gateway"
    news = copy.deepcopy(olds)
    news["spec"]["replicas"] = 5
    assert kubernetes.diff(DEPLOYMENT, olds, news).replaces == []
    updated = kubernetes.update(DEPLOYMENT, id_, olds, news)
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]
    assert updated["metadata"]["generation"] == 2
    assert kubernetes.read(DEPLOYMENT, id_, news, updated) == (id_, news, updated)


def test_a_change_behind_the_programs_back_shows(account: AccountServer, kubernetes: KubernetesTwin) -> None:
    inputs, _ = kubernetes.check(DEPLOYMENT, "urn:x::drift", None, deployment())
    id_, outputs = kubernetes.create(DEPLOYMENT, "urn:x::drift", inputs)
    rogue = copy.deepcopy(outputs)
    rogue["spec"]["replicas"] = 0
    rogue["metadata"]["labels"] = {"rogue": "yes"}
    kubernetes._clients.declare(str(kubernetes._cluster), DEPLOYMENT, id_, rogue)
    read = kubernetes.read(DEPLOYMENT, id_, inputs, outputs)
    assert read is not None
    assert kubernetes.diff(DEPLOYMENT, read[1], inputs).changes == ["metadata", "spec"]


def test_numbers_of_the_wire_become_the_apis_integers(kubernetes: KubernetesTwin) -> None:
    checked, failures = kubernetes.check(DEPLOYMENT, "urn:x::gateway", None, deployment())
    assert failures == []
    assert type(checked["spec"]["replicas"]) is int


def test_names_are_made_up_once_and_the_namespace_defaults(kubernetes: KubernetesTwin) -> None:
    nameless = {**deployment(), "metadata": {}}
    first, _ = kubernetes.check(DEPLOYMENT, "urn:pulumi:s::p::t::gateway", None, nameless)
    assert first["metadata"]["name"].startswith("gateway-")
    assert first["metadata"]["namespace"] == "default"
    again, _ = kubernetes.check(DEPLOYMENT, "urn:pulumi:s::p::t::gateway", first, nameless)
    assert again == first


def test_an_object_needs_its_namespace_and_a_name_of_its_own(kubernetes: KubernetesTwin) -> None:
    lost = deployment()
    lost["metadata"]["namespace"] = "nowhere"
    inputs, _ = kubernetes.check(DEPLOYMENT, "urn:x::gateway", None, lost)
    with pytest.raises(TwinError, match="'nowhere' not found"):
        kubernetes.create(DEPLOYMENT, "urn:x::gateway", inputs)
    inputs, _ = kubernetes.check(DEPLOYMENT, "urn:x::gateway", None, deployment())
    kubernetes.create(DEPLOYMENT, "urn:x::gateway", inputs)
    with pytest.raises(TwinError, match="'default/gateway' already exists"):
        kubernetes.create(DEPLOYMENT, "urn:x::gateway", inputs)


@pytest.mark.parametrize(
    "type_", ["kubernetes:apps/v1:Deploymint", "kubernetes:helm.sh/v4:Chart", "kubernetes:apps/v1beta1:Deployment"]
)
def test_a_type_that_the_api_does_not_have_is_named(kubernetes: KubernetesTwin, type_: str) -> None:
    with pytest.raises(UnknownTypeError, match=type_):
        kubernetes.check(type_, "urn:x::y", None, {})


def test_a_type_of_an_add_on_is_validated_by_its_own_definition(kubernetes: KubernetesTwin) -> None:
    type_ = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
    wanted = {"metadata": {"name": "gateway"}, "spec": {"provider": "aws", "parameters": {"objects": "[]"}}}
    assert kubernetes.check(type_, "urn:x::y", None, wanted)[1] == []
    wanted["spec"] = {"provider": "aws", "parameter": {}}
    (failure,) = kubernetes.check(type_, "urn:x::y", None, wanted)[1]
    assert failure.property == "spec"
    assert "has no field parameter" in failure.reason


def test_objects_of_the_cluster_are_never_observable(kubernetes: KubernetesTwin) -> None:
    assert not kubernetes.observable(DEPLOYMENT)
