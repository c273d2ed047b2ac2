"""The quota is what the services need at most: never less, so that a roll-out is never held up by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import StackSettings
from infra.workloads.capacity import largest, mebibytes, most_of, most_pods, thousandths
from infra.workloads.deploy import load_deployments
from infra.workloads.quota import hard_limits
from sandbox.plan.record import Plan
from tests.infra.golden import CLUSTERS

LOCAL = {"environment": "local", "account_id": "123456789012", "region": "eu-west-1"}
DEPLOYMENTS = load_deployments()


def settings(**given_settings: object) -> StackSettings:
    return StackSettings.model_validate({**LOCAL, **given_settings})


@pytest.mark.parametrize(("text", "number"), [("500m", 500), ("2", 2000), ("1m", 1)])
def test_cores_are_read(text: str, number: int) -> None:
    assert thousandths(text) == number


@pytest.mark.parametrize(("text", "number"), [("256Mi", 256), ("2Gi", 2048)])
def test_memory_is_read(text: str, number: int) -> None:
    assert mebibytes(text) == number


@given(most=st.integers(1, 100))
def test_a_roll_out_at_full_size_fits_with_every_old_pod_still_finishing(most: int) -> None:
    stack = settings(replicas={"gateway": {"least": 1, "most": most}})
    assert most_pods(DEPLOYMENTS["gateway"], stack) == 2 * most + 1 + 1
    quota = hard_limits(most_of(DEPLOYMENTS.values(), stack))
    assert int(quota["pods"]) == sum(most_pods(each, stack) for each in DEPLOYMENTS.values())
    one = DEPLOYMENTS["gateway"].resources
    assert thousandths(quota["limits.cpu"]) >= (2 * most + 2) * thousandths(one.cpu.limit)
    assert mebibytes(quota["requests.memory"]) >= (2 * most + 2) * mebibytes(one.memory.request)


@pytest.mark.parametrize("stack", CLUSTERS)
def test_no_container_is_larger_than_the_namespace_allows(plans: dict[str, Plan], stack: str) -> None:
    (limits,) = plans[stack].of_type("kubernetes:core/v1:LimitRange")
    (bounds,) = limits.inputs["spec"]["limits"]
    found: list[dict[str, Any]] = [
        container["resources"]["limits"]
        for each in plans[stack].resources
        if "template" in each.inputs.get("spec", {})
        for container in each.inputs["spec"]["template"]["spec"]["containers"]
    ]
    assert max(thousandths(each["cpu"]) for each in found) == thousandths(bounds["max"]["cpu"])
    assert max(mebibytes(each["memory"]) for each in found) == mebibytes(bounds["max"]["memory"])
    assert largest(DEPLOYMENTS).limit_cpu == thousandths(bounds["max"]["cpu"])


@pytest.mark.parametrize("stack", CLUSTERS)
def test_the_namespace_has_no_disk_no_load_balancer_and_no_secret(plans: dict[str, Plan], stack: str) -> None:
    (quota,) = plans[stack].of_type("kubernetes:core/v1:ResourceQuota")
    hard = quota.inputs["spec"]["hard"]
    assert {key for key, value in hard.items() if value == "0"} == {
        "persistentvolumeclaims",
        "secrets",
        "services.loadbalancers",
    }
    assert hard["services.nodeports"] == "1"
