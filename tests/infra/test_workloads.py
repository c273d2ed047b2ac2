"""What must hold of all that runs in a cluster: read off the recorded plans."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from infra.foundation.edge.edge_port import EDGE_NODE_PORT
from infra.workloads.deploy import load_deployments
from sandbox.plan.record import Plan
from services.gateway.settings import GatewaySettings
from tests.infra.golden import CLUSTERS

POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
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
        (container,) = pods(production_workloads)[service]["containers"]
        assert [each["name"] for each in container["env"]] == list(deployment.env)


def pods(plan: Plan) -> dict[str, dict[str, Any]]:
    """The specs of the pods that serve, by service."""
    found = {}
    for kind in ("Deployment", "StatefulSet"):
        for each in plan.of_type(f"kubernetes:apps/v1:{kind}"):
            template = each.inputs["spec"]["template"]
            found[template["metadata"]["labels"]["app.kubernetes.io/name"]] = template["spec"]
    return found


@each_cluster
def test_only_who_calls_the_api_server_has_a_token_and_it_lasts_minutes(plans: dict[str, Plan], stack: str) -> None:
    deployments = load_deployments()
    for service, pod in pods(plans[stack]).items():
        projected = [each["projected"] for each in pod["volumes"] if "projected" in each]
        tokens = [one["serviceAccountToken"] for each in projected for one in each["sources"][:1]]
        wanted = (
            [{"path": "token", "expirationSeconds": 600}] if "kubernetes" in deployments[service].access.calls else []
        )
        assert tokens == wanted, service
    accounts = plans[stack].of_type("kubernetes:core/v1:ServiceAccount")
    assert all(each.inputs["automountServiceAccountToken"] is False for each in accounts)


@each_cluster
def test_a_shard_may_use_its_own_lease_and_nothing_else(plans: dict[str, Plan], stack: str) -> None:
    (lease,) = plans[stack].of_type("kubernetes:coordination.k8s.io/v1:Lease")
    (role,) = plans[stack].of_type("kubernetes:rbac.authorization.k8s.io/v1:Role")
    (binding,) = plans[stack].of_type("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert "spec" not in lease.inputs, "whoever declares the spec takes the lease from its holder"
    assert lease.ignore_changes == ("spec",)
    assert role.inputs["rules"] == [
        {
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "resourceNames": [lease.inputs["metadata"]["name"]],
            "verbs": ["get", "watch", "patch"],
        }
    ]
    assert binding.inputs["subjects"] == [{"kind": "ServiceAccount", "name": "matching-0", "namespace": "exchange"}]
    assert not plans[stack].of_type("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    assert not plans[stack].of_type("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding")


@pytest.mark.parametrize("stack", ["staging-workloads", "production-workloads"])
def test_a_leader_and_its_standby_never_share_a_zone_or_a_node(plans: dict[str, Plan], stack: str) -> None:
    (shard,) = plans[stack].of_type("kubernetes:apps/v1:StatefulSet")
    pod = shard.inputs["spec"]["template"]["spec"]
    assert shard.inputs["spec"]["replicas"] == 2
    (spread,) = pod["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert spread["labelSelector"] == term["labelSelector"] == shard.inputs["spec"]["selector"]


def test_on_one_node_a_standby_may_run_beside_its_leader(plans: dict[str, Plan]) -> None:
    (shard,) = plans["local"].of_type("kubernetes:apps/v1:StatefulSet")
    pod = shard.inputs["spec"]["template"]["spec"]
    assert pod["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "ScheduleAnyway"
    assert list(pod["affinity"]["podAntiAffinity"]) == ["preferredDuringSchedulingIgnoredDuringExecution"]


def test_the_gateways_replicas_are_decided_by_load_alone(production_workloads: Plan) -> None:
    (scaler,) = production_workloads.of_type("kubernetes:autoscaling/v2:HorizontalPodAutoscaler")
    assert (scaler.inputs["spec"]["minReplicas"], scaler.inputs["spec"]["maxReplicas"]) == (3, 12)
    replicas = {
        each.inputs["metadata"]["name"]: each.inputs["spec"].get("replicas")
        for each in production_workloads.of_type("kubernetes:apps/v1:Deployment")
    }
    assert replicas == {"gateway": None, "ledger": 2}


@each_cluster
def test_a_roll_out_takes_no_replica_away_before_its_successor_serves(plans: dict[str, Plan], stack: str) -> None:
    for each in plans[stack].of_type("kubernetes:apps/v1:Deployment"):
        assert each.inputs["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_a_stopping_gateway_has_time_to_drain_and_to_finish_what_it_was_asked(production_workloads: Plan) -> None:
    pod = pods(production_workloads)["gateway"]
    drain = next(each["value"] for each in pod["containers"][0]["env"] if each["name"] == "VALLETTA_DRAIN_S")
    finish = GatewaySettings.model_fields["shutdown_timeout_s"].default
    assert pod["terminationGracePeriodSeconds"] >= int(drain) + finish + 5


@each_cluster
def test_one_pod_of_a_service_may_be_moved_at_a_time(plans: dict[str, Plan], stack: str) -> None:
    budgets = plans[stack].of_type("kubernetes:policy/v1:PodDisruptionBudget")
    selected = [each.inputs["spec"]["selector"] for each in budgets]
    running = [
        each.inputs["spec"]["selector"]
        for kind in ("Deployment", "StatefulSet")
        for each in plans[stack].of_type(f"kubernetes:apps/v1:{kind}")
    ]
    assert selected == running
    assert {each.inputs["spec"]["maxUnavailable"] for each in budgets} == {1}


@each_cluster
def test_a_secret_is_a_file_that_the_pods_own_role_fetches(plans: dict[str, Plan], stack: str) -> None:
    classes = {
        each.inputs["metadata"]["name"]: each.inputs["spec"]
        for each in plans[stack].of_type("kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass")
    }
    deployments = load_deployments()
    assert set(classes) == {name for name, each in deployments.items() if each.access.secrets}
    for service, spec in classes.items():
        assert spec["parameters"]["usePodIdentity"] == "true"
        objects = json.loads(spec["parameters"]["objects"])
        files = {f"/mnt/secrets/{each['objectAlias']}" for each in objects}
        (container,) = pods(plans[stack])[service]["containers"]
        named = {each["value"] for each in container["env"] if each["name"].endswith("_SECRET")}
        assert named == files
        assert all(each["objectName"].startswith("arn:aws:secretsmanager:") for each in objects)
        assert {"mountPath": "/mnt/secrets", "name": "secrets", "readOnly": True} in container["volumeMounts"]
    assert not plans[stack].of_type("kubernetes:core/v1:Secret"), "a Secret would be a second place to guard"


@each_cluster
def test_every_pod_has_a_priority_that_exists_and_shards_stay_longest(plans: dict[str, Plan], stack: str) -> None:
    classes = {
        each.inputs["metadata"]["name"]: each.inputs["value"]
        for each in plans[stack].of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    }
    order = [classes[f"valletta-{each}"] for each in ("shard", "gateway", "projector", "job")]
    assert all(higher > lower for higher, lower in pairwise(order))
    used = {pod["priorityClassName"] for pod in pods(plans[stack]).values()}
    jobs = [each.inputs["spec"]["template"]["spec"] for each in plans[stack].of_type("kubernetes:batch/v1:Job")]
    assert used | {"valletta-job"} == set(classes)
    assert {each["priorityClassName"] for each in jobs} == {"valletta-job"}


def test_from_outside_there_is_one_node_port_and_nothing_else(production_workloads: Plan) -> None:
    services = production_workloads.of_type("kubernetes:core/v1:Service")
    outside = [each.inputs for each in services if each.inputs["spec"]["type"] != "ClusterIP"]
    assert [(each["metadata"]["name"], each["spec"]["type"]) for each in outside] == [("gateway-edge", "NodePort")]
    assert [port["nodePort"] for port in outside[0]["spec"]["ports"]] == [EDGE_NODE_PORT]


@each_cluster
def test_everything_that_guards_is_there_before_the_first_pod(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    guards = {
        each.urn
        for kind in (
            "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
            "core/v1:LimitRange",
            "core/v1:ResourceQuota",
            "networking.k8s.io/v1:NetworkPolicy",
            "scheduling.k8s.io/v1:PriorityClass",
        )
        for each in plan.of_type(f"kubernetes:{kind}")
    }
    for each in plan.resources:
        if "template" in each.inputs.get("spec", {}):
            assert guards <= set(each.dependencies), each.urn


def test_a_second_shard_has_objects_of_its_own_and_shares_nothing() -> None:
    deployment = load_deployments()["matching"]
    assert deployment.accounts(2) == ("matching-0", "matching-1")
    assert load_deployments()["ledger"].accounts(2) == ("ledger",)


def test_every_service_account_is_bound_to_its_role_in_aws(production: Plan, production_workloads: Plan) -> None:
    bound = {
        each.inputs["serviceAccount"] for each in production.of_type(POD_IDENTITY) if "serviceAccount" in each.inputs
    }
    accounts = {
        each.inputs["metadata"]["name"] for each in production_workloads.of_type("kubernetes:core/v1:ServiceAccount")
    }
    assert accounts <= bound
