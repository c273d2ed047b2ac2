"""Each admission policy refuses its bad fixtures and accepts its good ones, on a real API server with all on."""

from __future__ import annotations

from typing import Any

import pytest

from infra.workloads.admission import load_admission
from sandbox.plan.record import Plan
from tests.cluster.conftest import Cluster
from tests.cluster.exchange.conftest import fixtures, in_order, refusal

POLICIES = sorted(load_admission())
GOOD = [(policy, each) for policy in POLICIES for each in fixtures(policy, "good.yaml")]
BAD = [(policy, each) for policy in POLICIES for each in fixtures(policy, "bad.yaml")]


def named(case: object) -> str:
    return case["metadata"]["name"] if isinstance(case, dict) else str(case)


@pytest.mark.parametrize(("policy", "manifest"), GOOD, ids=named)
def test_a_good_fixture_is_accepted(exchange: Cluster, policy: str, manifest: dict[str, Any]) -> None:
    told = refusal(exchange, manifest)
    assert "ValidatingAdmissionPolicy" not in told, policy
    if manifest["kind"] != "Secret":  # of which the namespace's quota has none
        assert told == ""


@pytest.mark.parametrize(("policy", "manifest"), BAD, ids=named)
def test_a_bad_fixture_is_refused_by_its_policy_alone(exchange: Cluster, policy: str, manifest: dict[str, Any]) -> None:
    told = refusal(exchange, manifest)
    assert f"ValidatingAdmissionPolicy '{policy}'" in told
    others = [other for other in POLICIES if other != policy and f"ValidatingAdmissionPolicy '{other}'" in told]
    assert others == [], "a fixture shows one thing"
    assert "no such key" not in told, "a policy that cannot be evaluated tells nobody what is wrong"


def test_what_the_program_declares_is_accepted_again_with_every_policy_on(exchange: Cluster, workloads: Plan) -> None:
    for manifest in in_order(workloads):
        assert refusal(exchange, manifest) == "", (manifest["kind"], manifest["metadata"]["name"])


def test_kube_system_is_left_alone(exchange: Cluster) -> None:
    """What no other namespace may run: or an add-on of EKS could not be updated."""
    manifest = next(each for _, each in BAD if each["metadata"]["name"] == "bad-network")
    metadata = {**manifest["metadata"], "namespace": "kube-system"}
    assert refusal(exchange, {**manifest, "metadata": metadata}) == ""
    assert refusal(exchange, {**manifest, "metadata": {**metadata, "namespace": "open"}}) != ""


def test_a_refusal_names_what_is_wrong_and_what_would_be_right(exchange: Cluster) -> None:
    tag = next(each for policy, each in BAD if policy == "images-by-digest" and each["kind"] == "Deployment")
    told = refusal(exchange, tag)
    assert "named by digest (...@sha256:...); not so: " in told
    assert tag["spec"]["template"]["spec"]["containers"][0]["image"] in told


def test_every_policy_is_understood_by_the_api_server(exchange: Cluster) -> None:
    """An expression that does not fit a type that it judges is told in the policy's status."""
    for policy in exchange.api.every("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"):
        warnings = policy.get("status", {}).get("typeChecking", {}).get("expressionWarnings", [])
        assert warnings == [], policy["metadata"]["name"]
