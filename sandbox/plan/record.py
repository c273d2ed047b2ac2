"""A plan as data: what the program asks for on one stack, frozen, comparable and readable by anybody.

It is JSON all the way down: `{"project", "stack", "resources": [...], "outputs": {...}}`, resources sorted by URN,
secrets and unknowns as the markers of `sandbox.plan.values`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from pydantic import TypeAdapter

from sandbox.paths import CLONE, cache
from sandbox.plan.monitor import Registration
from sandbox.plan.outputs import synthesiser
from sandbox.plan.program import Execution, ProgramRefusedError, StackFiles, read_stack, run_program
from sandbox.plan.values import to_record

REFUSED = 2
"""The exit status of `python -m sandbox.plan` when the program refuses the settings."""


@dataclass(frozen=True)
class PlannedResource:
    """One resource as the program declares it; `custom` is false for a component, which exists only to group."""

    urn: str
    type: str
    name: str
    custom: bool
    parent: str
    inputs: Mapping[str, Any]
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    aliases: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """The record of a registration; the values of secrets stay behind."""
        values = {each.name: getattr(registration, each.name) for each in fields(cls)}
        return cls(**{**values, "inputs": to_record(registration.inputs)})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return TypeAdapter(cls).validate_python(data)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values under the names of the fields."""
        record: dict[str, Any] = to_record(asdict(self))
        return record


@dataclass(frozen=True)
class Plan:
    """Everything that a stack declares, sorted by URN, and the outputs that it would export."""

    project: str
    stack: str
    resources: tuple[PlannedResource, ...]
    outputs: Mapping[str, Any]

    @classmethod
    def of(cls, execution: Execution) -> Self:
        """The record of a run."""
        resources = sorted((PlannedResource.of(each) for each in execution.registrations), key=lambda each: each.urn)
        return cls(execution.project, execution.stack, tuple(resources), to_record(execution.outputs))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return TypeAdapter(cls).validate_python(data)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `json.dumps(plan.to_json(), indent=2)` is how a plan is kept in a file."""
        return {
            "project": self.project,
            "stack": self.stack,
            "resources": [each.to_json() for each in self.resources],
            "outputs": to_record(self.outputs),
        }

    def digest(self) -> str:
        """SHA-256 over the canonical JSON: equal for equal plans on any machine, so that an account can be reused."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def of_type(self, type_: str) -> tuple[PlannedResource, ...]:
        """The resources of one type token, such as `aws:s3/bucket:Bucket`, sorted by URN."""
        return tuple(each for each in self.resources if each.type == type_)


def plan_here(
    stack: str, config: Mapping[str, str] | None = None, *, project: str | None = None, unwritten: bool = False
) -> Plan:
    """Plan in this process, with `config` over the settings of the stack's file.

    A stack that is `unwritten` has no file yet: `config` is then all that it has, and `project` must be given.
    Keys are full (`valletta:nat`), values are text as the CLI hands it over. Raises `ProgramRefusedError` where the
    program refuses the settings, `RegistrationError` naming the URN where a resource cannot stand.
    """
    files = StackFiles(project or "", stack, {}) if unwritten else read_stack(stack)
    merged = StackFiles(project or files.project, stack, {**files.config, **(config or {})})
    return Plan.of(run_program(merged, synthesiser(merged.config), outputs_of=_planned_outputs))


def _planned_outputs(stack: str) -> Mapping[str, Any]:
    """The outputs that another stack of the project would export; its full name ends in the stack's own."""
    return record_plan(stack.rpartition("/")[2]).outputs


def record_plan(
    stack: str, config: Mapping[str, str] | None = None, *, project: str | None = None, unwritten: bool = False
) -> Plan:
    """Plan in a process of its own, so that nothing of the SDK's state or of the program's modules stays in this one.

    Arguments and errors are those of `plan_here`; any failure is a `ProgramRefusedError` with the program's own words.
    """
    options = [f"--config={key}={value}" for key, value in (config or {}).items()]
    options += [f"--project={project}"] if project else []
    options += ["--unwritten"] if unwritten else []
    command = [sys.executable, "-m", "sandbox.plan", stack, "--json", *options]
    ended = subprocess.run(command, cwd=CLONE, env=_environment(), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        reason = ended.stderr.strip() or f"planning ended with status {ended.returncode}"
        raise ProgramRefusedError(reason, exit_code=REFUSED if ended.returncode == REFUSED else 1)
    return Plan.from_json(json.loads(ended.stdout))


def _environment() -> dict[str, str]:
    """This process's, with bytecode kept: compiling the SDKs anew takes several times as long as the plan.

    Where the caller keeps none beside the sources, it goes to the clone's cache.
    """
    if not sys.dont_write_bytecode:
        return dict(os.environ)
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(cache() / "bytecode")}
