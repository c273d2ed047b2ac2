"""The settings of what runs in the cluster: each bad one is refused with its key, its value and what would be right."""

from __future__ import annotations

import pytest

from infra.settings import SettingsError
from infra.settings.workloads import Replicas
from infra.workloads.capacity import bounds
from infra.workloads.deploy import load_deployments
from tests.infra.configuration import LOCAL, assert_refused, settings

WORKLOADS = {**LOCAL, "layer": "workloads", "foundation_stack": "acme/valletta/foundation"}
STAGING, PRODUCTION = {**WORKLOADS, "environment": "staging"}, {**WORKLOADS, "environment": "production"}


REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (LOCAL, {"replicas": '{"gateway": {"least": 0, "most": 2}}'}, "valletta:replicas.gateway.least is 0"),
    (LOCAL, {"replicas": '{"gateway": {"least": 2, "most": 101}}'}, "valletta:replicas.gateway.most is 101"),
    (LOCAL, {"replicas": '{"gateway": {"least": 5, "most": 2}}'}, "least is 5, more than most, which is 2"),
    (LOCAL, {"replicas": '{"gateway": {"least": 2}}'}, "valletta:replicas.gateway.most is not set, and has no default"),
    (LOCAL, {"replicas": "3"}, "valletta:replicas is 3"),
    (LOCAL, {"vpc_cidr": "172.20.0.0/16"}, "the addresses overlap 172.20.0.0/16, in which Kubernetes has its services"),
    (
        STAGING,
        {"replicas": '{"gateway": {"least": 1, "most": 2}}'},
        "valletta:replicas has 1 for 'gateway'; staging needs 2 or more, so that it survives the loss of a zone",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[each[2] for each in REFUSED])
def test_a_bad_setting_is_refused(base: dict[str, str], changed: dict[str, str | None], told: str) -> None:
    assert_refused(base, changed, told)


def test_bounds_for_a_service_that_is_not_scaled_are_refused() -> None:
    stack = settings(LOCAL, replicas='{"matching": {"least": 2, "most": 3}}')
    with pytest.raises(SettingsError, match=r"replicas names 'matching'; scaled are gateway, whose deploy\.toml has"):
        stack.check_replicas(["gateway"])


def test_a_stack_without_bounds_has_those_of_the_deploy_toml() -> None:
    gateway = load_deployments()["gateway"]
    assert bounds(gateway, settings(LOCAL)) == Replicas(least=2, most=8)
    assert bounds(gateway, settings(PRODUCTION)) == Replicas(least=3, most=12)
    own = settings(PRODUCTION, replicas='{"gateway": {"least": 4, "most": 20}}')
    assert bounds(gateway, own) == Replicas(least=4, most=20)
