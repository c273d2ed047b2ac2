"""Recorded plans as data that a test may break: found by type, edited by path, never shared between tests."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policies.values import Value

UNKNOWN: Mapping[str, str] = {"$valletta": "unknown"}
"""How a recorded plan marks a value that is not known before the deployment."""

Resources = list[dict[str, Any]]
Edit = Callable[[Resources], None]


def broken(resources: Resources, edit: Edit) -> Resources:
    """A copy of a plan with one edit."""
    changed = copy.deepcopy(resources)
    edit(changed)
    return changed


def of_type(resources: Resources, type_: str, name: str = "") -> Iterator[dict[str, Any]]:
    """The resources of a type, or those of them whose name contains `name`; a test that finds none is wrong."""
    found = [resource for resource in resources if resource["type"] == type_ and name in resource["name"]]
    assert found, f"the plan has no {type_} named like {name!r}, so this edit would break nothing"
    yield from found


def put(type_: str, path: str, value: Value, name: str = "") -> Edit:
    """Set the value at a dotted path (numbers index lists) on every resource of a type."""

    def edit(resources: Resources) -> None:
        for resource in of_type(resources, type_, name):
            holder, last = _holder(resource["inputs"], path)
            holder[last] = copy.deepcopy(value)

    return edit


def drop(type_: str, path: str, name: str = "") -> Edit:
    """Remove the value at a dotted path, and what its property refers to, on every resource of a type."""

    def edit(resources: Resources) -> None:
        for resource in of_type(resources, type_, name):
            holder, last = _holder(resource["inputs"], path)
            del holder[last]
            if "." not in path:
                resource["property_dependencies"].pop(path, None)

    return edit


def unlink(type_: str, name: str) -> Edit:
    """Let a property of every resource of a type refer to nothing of the stack, its value untouched."""

    def edit(resources: Resources) -> None:
        for resource in of_type(resources, type_):
            assert resource["property_dependencies"].pop(name, None), f"{name} of {type_} refers to nothing anyway"

    return edit


def without(type_: str, name: str = "") -> Edit:
    """Leave every resource of a type out of the plan."""

    def edit(resources: Resources) -> None:
        gone = {resource["urn"] for resource in of_type(resources, type_, name)}
        resources[:] = [resource for resource in resources if resource["urn"] not in gone]

    return edit


def declare(type_: str, inputs: dict[str, Any]) -> Edit:
    """Declare one more resource, which depends on nothing, in the stack of the others."""

    def edit(resources: Resources) -> None:
        stack = "::".join(resources[0]["urn"].split("::")[:2])
        urn = f"{stack}::{type_}::added"
        added = {"urn": urn, "type": type_, "name": "added", "inputs": copy.deepcopy(inputs)}
        resources.append({**added, "property_dependencies": {}})

    return edit


def both(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edit(resources: Resources) -> None:
        for each in edits:
            each(resources)

    return edit


def _holder(inputs: dict[str, Any], path: str) -> tuple[Any, Any]:
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    holder: Any = inputs
    for step in way:
        holder = holder[step]
    return holder, last
