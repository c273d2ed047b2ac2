"""Plans of the stacks, made once a session: a plan is frozen, so sharing it is safe."""

from __future__ import annotations

import pytest

from sandbox.plan.record import Plan, record_plan
from tests.infra.golden import STACKS


@pytest.fixture(scope="session")
def plans() -> dict[str, Plan]:
    """The plan of every stack."""
    return {stack: record_plan(stack) for stack in STACKS}


@pytest.fixture(scope="session")
def production(plans: dict[str, Plan]) -> Plan:
    """The plan of production."""
    return plans["production"]


@pytest.fixture(scope="session")
def production_workloads(plans: dict[str, Plan]) -> Plan:
    """The plan of what runs in production's cluster."""
    return plans["production-workloads"]
