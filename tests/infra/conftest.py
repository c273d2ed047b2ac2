"""Plans of the stacks, made once a session: a plan is frozen, so sharing it is safe."""

from __future__ import annotations

import pytest

from sandbox.plan.record import Plan
from tests.infra.golden import STACKS
from tests.planning import Planner


@pytest.fixture(scope="session")
def plans(planner: Planner) -> dict[str, Plan]:
    """The plan of every stack."""
    return {stack: planner(stack) for stack in STACKS}


@pytest.fixture(scope="session")
def production(plans: dict[str, Plan]) -> Plan:
    """The plan of production."""
    return plans["production"]


@pytest.fixture(scope="session")
def production_workloads(plans: dict[str, Plan]) -> Plan:
    """The plan of what runs in production's cluster."""
    return plans["production-workloads"]
