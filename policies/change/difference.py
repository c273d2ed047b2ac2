"""What two recorded plans of one stack differ in, resource by resource and value by value.

A recorded plan leaves the values of secrets out, and marks what is not known before a deployment: whether such a value
changed cannot be told from two plans, so these are counted and never taken for unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from policies.pack.analysis import MARKER
from policies.values import Value, is_mapping

Kind = Literal["added", "removed", "changed"]
RecordedPlan = Mapping[str, Any]

ABSENT: Final = "(not given)"
"""What stands for a value that one of the two plans does not have."""

_OPTIONS: Final = ("protect", "retain_on_delete", "ignore_changes", "provider")
"""The options that decide where a resource is made, and what an update or a destroy does to it."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that differs; the path's steps are not joined, for the keys of tags hold dots."""

    path: tuple[str, ...]
    before: Value
    after: Value

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource that is new, gone or different."""

    kind: Kind
    resource: Mapping[str, Any]
    """As it will be, or as it was where it goes."""
    before: Mapping[str, Any] | None = None
    """As it was, where it was there."""
    values: tuple[ValueChange, ...] = ()

    @property
    def versions(self) -> tuple[Mapping[str, Any], ...]:
        """The resource as it was and as it will be, as far as it is there."""
        return (self.resource,) if self.before is None else (self.before, self.resource)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs, and the number of values that cannot be compared."""

    changes: tuple[ResourceChange, ...]
    hidden: int


def difference(before: RecordedPlan, after: RecordedPlan) -> Difference:
    """What `after` declares otherwise than `before`.

    Raises:
        ValueError: they are no plans, or of two stacks.
    """
    for plan in (before, after):
        if not is_mapping(plan) or not {"stack", "resources"} <= plan.keys():
            raise ValueError("this is no recorded plan: `valletta plan --stack NAME --json` writes one")
    if before["stack"] != after["stack"]:
        raise ValueError(f"two stacks, {before['stack']} and {after['stack']}: only plans of one can be compared")
    old = {each["urn"]: each for each in before["resources"] if _is_made(each)}
    new = [each for each in after["resources"] if _is_made(each)]
    pairs = [(_predecessor(each, old), each) for each in new]
    kept = {each["urn"] for each, _ in pairs if each is not None}
    changes = [change for pair in pairs if (change := _compared(*pair))]
    changes += [ResourceChange("removed", each, each) for urn, each in old.items() if urn not in kept]
    hidden = sum(_hidden(one["inputs"], other["inputs"]) for one, other in pairs if one is not None)
    return Difference(tuple(sorted(changes, key=lambda each: str(each.resource["urn"]))), hidden)


def _is_made(resource: Mapping[str, Any]) -> bool:
    """A component only groups what others make."""
    return bool(resource.get("custom", True))


def _predecessor(resource: Mapping[str, Any], old: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The resource of the earlier plan that this one goes on, also under another name."""
    names = (resource["urn"], *resource.get("aliases", ()))
    return next((old[name] for name in names if name in old), None)


def _compared(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> ResourceChange | None:
    if before is None:
        return ResourceChange("added", after)
    values = [*_values((), before["inputs"], after["inputs"])]
    for option in _OPTIONS:
        values += _values((f"({option})",), before.get(option), after.get(option))
    return ResourceChange("changed", after, before, tuple(values)) if values else None


def _values(path: tuple[str, ...], before: Value, after: Value) -> Iterator[ValueChange]:
    if before == after:
        return
    old, new = _opened(before), _opened(after)
    if is_mapping(old) and is_mapping(new):
        for key in sorted({*old, *new}):
            yield from _values((*path, key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _values((*path, str(index)), one, other)
    else:
        yield ValueChange(path, before, after)


def _opened(value: Value) -> Value:
    """A document that is kept as JSON text, such as a policy, is compared by what it says."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _hidden(before: Value, after: Value) -> int:
    """How many values are marked in both, so that nobody can say whether they are the same."""
    if is_mapping(before) and is_mapping(after):
        if MARKER in before and MARKER in after:
            return 1
        return sum(_hidden(before[key], after[key]) for key in before.keys() & after.keys())
    if isinstance(before, list) and isinstance(after, list):
        return sum(_hidden(one, other) for one, other in zip(before, after, strict=False))
    return 0


def _shown(value: Value) -> str:
    text = value if value is ABSENT else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


_LONGEST: Final = 120
"""Characters of a value in a line; the plans have it whole."""
