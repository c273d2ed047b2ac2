"""The plans of the stacks, each made once a test run, whichever of its processes asks first: a plan takes seconds."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from sandbox.plan.record import Plan, record_plan


class Planner:
    """Plans by the names of their stacks. A plan is frozen, so sharing it is safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Plan] = {}

    def __call__(self, stack: str) -> Plan:
        """The plan of a stack as its files have it."""
        if stack not in self._made:
            with (self._folder / f"{stack}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._made[stack] = self._kept(self._folder / f"{stack}.json", stack)
        return self._made[stack]

    @staticmethod
    def _kept(file: Path, stack: str) -> Plan:
        if not file.exists():
            file.write_text(json.dumps(record_plan(stack).to_json()))
        return Plan.from_json(json.loads(file.read_text()))


@pytest.fixture(scope="session")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    """Plans that the processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "plans"
    folder.mkdir(exist_ok=True)
    return Planner(folder)
