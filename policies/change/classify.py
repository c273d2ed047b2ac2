"""What a change needs before it may be made: the regulator's approval, a notification, or nothing.

The classification is a draft for a person. Where it doubts it says the graver: what is in no component of the register
counts as key technical set-up, and so does every value that is not known to be without weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from policies.baseline.register import Component, Register
from policies.change.difference import RecordedPlan, ResourceChange, ValueChange, difference
from policies.cloud import tokens
from policies.cloud.archive import HOLDS_TAG
from policies.environment import ENVIRONMENT_TAG, EXPIRY_TAG

LEAST_REPLICAS: Final = 2
"""Below that a service does not survive the loss of one of its pods."""

_TAGS_THAT_WEIGH: Final = {ENVIRONMENT_TAG, EXPIRY_TAG, HOLDS_TAG}
"""Tags by which the guardrails and the evidence tell what a resource is for."""


class Touch(StrEnum):
    """What a changed resource belongs to."""

    ESSENTIAL = "essential component"
    KEY_SETUP = "key technical set-up"
    NEITHER = "neither"


class Need(StrEnum):
    """What the whole change needs before it is made."""

    APPROVAL = "prior approval"
    NOTIFICATION = "notification 30 days before"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Classified:
    """One changed resource, what it touches and why."""

    change: ResourceChange
    touch: Touch
    component: Component | None
    reason: str
    adjoins: tuple[str, ...] = ()
    """Essential components that refer to it, or that it refers to: a person decides whether they change with it."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The whole change of one stack."""

    stack: str
    entries: tuple[Classified, ...]
    hidden: int
    """Values that no plan writes down, so that a change of theirs does not show."""

    @property
    def need(self) -> Need:
        """What the gravest of the changes asks for."""
        touched = {entry.touch for entry in self.entries}
        if Touch.ESSENTIAL in touched:
            return Need.APPROVAL
        return Need.NOTIFICATION if Touch.KEY_SETUP in touched else Need.NOTHING

    def to_json(self) -> dict[str, Any]:
        """The classification as plain data."""
        return {
            "stack": self.stack,
            "need": self.need.value,
            "hiddenValues": self.hidden,
            "changes": [
                {
                    "urn": entry.change.resource["urn"],
                    "change": entry.change.kind,
                    "touches": entry.touch.value,
                    "component": entry.component.name if entry.component else None,
                    "reason": entry.reason,
                    "adjoins": list(entry.adjoins),
                    "values": [str(value) for value in entry.change.values],
                }
                for entry in self.entries
            ],
        }


def classify(before: RecordedPlan, after: RecordedPlan, register: Register) -> Classification:
    """Say of each resource that differs what it touches.

    Raises:
        ValueError: these are no plans of one stack.
    """
    found = difference(before, after)
    neighbours = _neighbours(before, after, register)
    return Classification(
        after["stack"], tuple(_classified(change, register, neighbours) for change in found.changes), found.hidden
    )


def _classified(change: ResourceChange, register: Register, neighbours: Mapping[str, set[str]]) -> Classified:
    component = _component(change, register)
    if change.kind == "changed" and all(_is_light(change, value) for value in change.values):
        return Classified(change, Touch.NEITHER, component, "only tags, descriptions, or replicas within bounds")
    if component is not None and component.essential:
        return Classified(change, Touch.ESSENTIAL, component, f"runs {component.name}, which is essential")
    urns = [str(each["urn"]) for each in change.versions]
    adjoining = tuple(sorted({name for urn in urns for name in neighbours.get(urn, ())}))
    reason = f"runs {component.name}" if component else "is in no component of the register"
    return Classified(change, Touch.KEY_SETUP, component, reason, adjoining)


def _component(change: ResourceChange, register: Register) -> Component | None:
    """The component that it belongs to, as it was or as it will be: who leaves an essential one has changed it."""
    known = [each for version in change.versions if (each := register.of(version))]
    return next((each for each in known if each.essential), known[-1] if known else None)


def _is_light(change: ResourceChange, value: ValueChange) -> bool:
    """Is this a value that changes nothing of what the component does, or of what guards it?"""
    match value.path:
        case ("tags" | "tagsAll", key):
            return key not in _TAGS_THAT_WEIGH
        case ("description",):
            of_a_group: bool = change.resource["type"] == tokens.SECURITY_GROUP
            return not of_a_group  # whose description is for life: AWS makes another group
        case ("spec", "replicas" | "minReplicas" | "maxReplicas"):
            return _within_bounds(value)
        case _:
            return False


def _within_bounds(value: ValueChange) -> bool:
    """At least two, and at most twice as many as there were."""
    before, after = value.before, value.after
    return isinstance(before, int) and isinstance(after, int) and LEAST_REPLICAS <= after <= 2 * before


def _neighbours(before: RecordedPlan, after: RecordedPlan, register: Register) -> Mapping[str, set[str]]:
    """URN -> the essential components one reference away from it, in either plan."""
    found: dict[str, set[str]] = {}
    for plan in (before, after):
        essential = {each["urn"]: each_component.name for each, each_component in _essential(plan, register)}
        for resource in plan["resources"]:
            for target in _targets(resource):
                if target in essential:
                    found.setdefault(resource["urn"], set()).add(essential[target])
                if resource["urn"] in essential:
                    found.setdefault(target, set()).add(essential[resource["urn"]])
    return found


def _essential(plan: RecordedPlan, register: Register) -> Iterator[tuple[Mapping[str, Any], Component]]:
    for resource in plan["resources"]:
        component = register.of(resource)
        if component is not None and component.essential:
            yield resource, component


def _targets(resource: Mapping[str, Any]) -> set[str]:
    return {urn for urns in (resource.get("property_dependencies") or {}).values() for urn in urns}
