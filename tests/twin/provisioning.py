"""The real program of the stack `local`, run in process, each AWS resource made on the twin."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.plan.monitor import Registration
from sandbox.plan.outputs import synthesiser
from sandbox.plan.program import read_stack, run_program
from sandbox.plan.values import Secret
from sandbox.twin.twin import Twin
from sandbox.twin.values import Value


@dataclass(frozen=True)
class Made:
    """A resource as it was made."""

    type: str
    name: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


def make(twin: Twin, type_: str, name: str, inputs: Mapping[str, Any]) -> Made:
    """Check and create one resource."""
    urn = f"urn:pulumi:local::valletta-local::{type_}::{name}"
    checked, failures = twin.check(type_, urn, None, inputs)
    assert failures == [], f"{type_}: {failures}"
    id_, outputs = twin.create(type_, urn, checked)
    return Made(type_, name, id_, checked, outputs)


def provision(twin: Twin) -> list[Made]:
    """Everything of AWS that the program declares, in the order in which it was made."""
    files, made, lock = read_stack("local"), list[Made](), threading.Lock()
    planned = synthesiser(files.config)

    def handle(registration: Registration) -> tuple[str, Mapping[str, Any]]:
        if not registration.type.startswith("aws:"):
            return planned(registration)
        one = make(twin, registration.type, registration.name, plain(registration.inputs))
        with lock:
            made.append(one)
        return one.id, one.outputs

    run_program(files, handle)
    return made


def plain(value: Value) -> Value:
    """Inputs as the gRPC layer hands them over: without the wrappers of secrets."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(element) for key, element in value.items()}
    return [plain(element) for element in value] if isinstance(value, list | tuple) else value
