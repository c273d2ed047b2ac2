"""What must hold of all that runs in a cluster: read off the recorded plans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.workloads.deploy import load_deployments
from sandbox.plan.record import Plan
from tests.infra.golden import CLUSTERS

each_cluster = pytest.mark.parametrize("stack", CLUSTERS)


@each_cluster
def test_every_namespace_denies_by_default_both_ways(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    names = {each.inputs["metadata"]["name"] for each in plan.of_type("kubernetes:core/v1:Namespace")}
    denied = {
        each.inputs["metadata"]["namespace"]
        for each in plan.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        if each.inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    }
    assert names == denied == {"exchange"}


def test_network_policies_open_the_flows_of_deploy_toml_and_no_other(production_workloads: Plan) -> None:
    policies = {
        each.inputs["metadata"]["name"]: each.inputs["spec"]
        for each in production_workloads.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    deployments = load_deployments()
    assert set(policies) == {"default-deny", "allow-dns", *(f"allow-{service}" for service in deployments)}
    called = {peer for each in policies["allow-gateway"]["egress"] for peer in _called(each)}
    assert called == {"app.kubernetes.io/name=matching", "5432", "80", "443", "7001"}
    callers = {peer for each in policies["allow-matching"]["ingress"] for peer in _called(each, "from")}
    assert callers == {"app.kubernetes.io/name=gateway", "7001"}
    assert "ingress" not in policies["allow-ledger"], "nobody calls the ledger"


def _called(rule: Mapping[str, Any], direction: str = "to") -> Iterator[str]:
    for peer in rule[direction]:
        yield from (f"{key}={value}" for key, value in peer.get("podSelector", {}).get("matchLabels", {}).items())
    yield from (str(port["port"]) for port in rule["ports"])


@each_cluster
def test_every_pod_is_restricted_bounded_and_named_by_digest(plans: dict[str, Plan], stack: str) -> None:
    workloads = [each for each in plans[stack].resources if "template" in each.inputs.get("spec", {})]
    assert len(workloads) >= len(load_deployments())
    for workload in workloads:
        pod = workload.inputs["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
            assert set(container["resources"]) == {"limits", "requests"}
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "privileged": False,
                "readOnlyRootFilesystem": True,
            }


def test_servers_start_after_their_migration_and_after_the_network_is_closed(production_workloads: Plan) -> None:
    policies = {each.urn for each in production_workloads.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")}
    for deployment in production_workloads.of_type("kubernetes:apps/v1:Deployment"):
        assert any("batch/v1:Job" in urn for urn in deployment.dependencies), deployment.name
        assert policies <= set(deployment.dependencies), deployment.name


def test_every_variable_of_a_deploy_toml_reaches_its_container(production_workloads: Plan) -> None:
    for service, deployment in load_deployments().items():
        workload = next(
            each
            for each in production_workloads.resources
            if each.type in ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
            and each.inputs["metadata"]["name"] == service
        )
        (container,) = workload.inputs["spec"]["template"]["spec"]["containers"]
        assert [each["name"] for each in container["env"]] == list(deployment.env)
