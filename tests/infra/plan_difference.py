"""Two plans, told apart for people: a line a changed value, under the resource that it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ABSENT: Final = object()
_LONGEST: Final = 160
"""Of a value in a line; the golden file has it whole."""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What `after` declares otherwise than `before`, both as a golden file has them; empty where they agree.

    `+` is a resource that was not there, `-` one that is no longer, `~` one of which values changed: `old -> new`.
    """
    old, new = _by_name(before), _by_name(after)
    told: list[str] = []
    for name in sorted({*old, *new}):
        if name not in new:
            told.append(f"- {name}")
        elif name not in old:
            told += [f"+ {name}", *(f"    {path}: {_shown(value)}" for path, value in _leaves(new[name]))]
        elif lines := list(_changes("", old[name], new[name])):
            told += [f"~ {name}", *(f"    {line}" for line in lines)]
    if outputs := list(_changes("", before.get("outputs", {}), after.get("outputs", {}))):
        told += ["~ outputs", *(f"    {line}" for line in outputs)]
    return "\n".join(told)


def _by_name(plan: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        each["resource"]: {"inputs": each["inputs"], "options": each.get("options", {})}
        for each in plan.get("resources", [])
    }


def _changes(path: str, old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _changes(f"{path}.{key}" if path else key, old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _changed_items(path, old, new)
    elif _documents(old, new):
        yield from _changes(f"{path} (JSON)", json.loads(old), json.loads(new))
    else:
        yield f"{path}: {_shown(old)} -> {_shown(new)}"


def _changed_items(path: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    """Item by item where as many are left over on both sides, and as gone and come where not."""
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    if not gone and not come:
        yield f"{path}: in another order"
    elif len(gone) == len(come):
        for before, after in zip(gone, come, strict=True):
            yield from _changes(f"{path}[{old.index(before)}]", before, after)
    else:
        yield from (f"{path}: - {_shown(each)}" for each in gone)
        yield from (f"{path}: + {_shown(each)}" for each in come)


def _documents(old: Any, new: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether both are JSON in a string, as policies are."""
    return all(isinstance(each, str) and each.startswith("{") and each.endswith("}") for each in (old, new))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (JSON)
    if isinstance(value, dict) and value:
        for key, within in value.items():
            yield from _leaves(within, f"{path}.{key}" if path else key)
    elif value != {}:
        yield path, value


def _shown(value: Any) -> str:  # noqa: ANN401 (JSON)
    if value is _ABSENT:
        return "(not given)"
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
