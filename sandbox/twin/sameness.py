"""When two values mean the same, and how inputs are rebuilt from what is really there.

AWS gives policies back in another layout, lists in another order and keys as ARNs; none of that is drift. Everything
else is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.twin.values import Value

EMPTY: tuple[Any, ...] = (None, "", [], {}, False)


def is_empty(value: Value) -> bool:
    """Whether a value says no more than its absence does."""
    if isinstance(value, Mapping):
        return all(is_empty(element) for element in value.values())
    return value is None or value is False or value in ("", [])


def same(one: Value, other: Value) -> bool:
    """Whether two values mean the same to AWS."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(same(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return _same_members(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _same_document(one, other) or _same_name(one, other)
    if (
        type(one) is not type(other)
        and isinstance(one, str | bool | int | float)
        and isinstance(other, str | bool | int | float)
    ):
        return one == other if not isinstance(one, str) and not isinstance(other, str) else _text(one) == _text(other)
    return bool(one == other) or (is_empty(one) and is_empty(other))


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _same_members(one: list[Any], other: list[Any]) -> bool:
    """Lists are compared as bags: AWS keeps no order where the program's would matter."""
    if len(one) != len(other):
        return False
    left = list(other)
    for element in one:
        found = next((i for i, candidate in enumerate(left) if same(element, candidate)), None)
        if found is None:
            return False
        del left[found]
    return True


def _same_name(one: str, other: str) -> bool:
    """An ARN names the same as the bare name at its end."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer.startswith("arn:") and bool(shorter) and longer.endswith((f"/{shorter}", f":{shorter}"))


def _same_document(one: str, other: str) -> bool:
    if not (one.lstrip()[:1] in "{[" and other.lstrip()[:1] in "{[" and one and other):
        return False
    try:
        return bool(_canonical(json.loads(one)) == _canonical(json.loads(other)))
    except ValueError:
        return False


def _canonical(document: Value) -> Value:
    """A policy in one form: a list of one is its element, and a list has no order."""
    if isinstance(document, dict):
        return {key: _canonical(value) for key, value in document.items()}
    if isinstance(document, list):
        members = [_canonical(element) for element in document]
        return (
            members[0]
            if len(members) == 1
            else sorted(members, key=lambda element: json.dumps(element, sort_keys=True))
        )
    return document


def rebuilt(given: Value, live: Value, before: Value) -> Value:
    """`given` as the live resource has it: unchanged where it still means the same, else live.

    What the program did not give appears only where the live value is no longer what it was `before` (the last known
    state). Returns None where nothing is left to say.
    """
    if given is None:
        return None if same(live, before) else live
    if isinstance(given, Mapping) and isinstance(live, Mapping):
        return _rebuilt_object(given, live, before if isinstance(before, Mapping) else {})
    if is_empty(given) and is_empty(live):
        return given
    if isinstance(given, list) and isinstance(live, list):
        return _rebuilt_list(given, live, before if isinstance(before, list) else [])
    return given if same(given, live) else live


def _rebuilt_object(given: Mapping[str, Any], live: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key in [*given, *(key for key in live if key not in given)]:
        value = rebuilt(given.get(key), live.get(key), before.get(key))
        if value is not None:
            result[key] = value
    return result


def _rebuilt_list(given: list[Any], live: list[Any], before: list[Any]) -> list[Any]:
    """Each given element with the live one that it asked for; then what is live and was not asked for."""
    left, found = list(live), dict[int, Value]()
    for means in (same, _asks_for):  # first whoever is exactly the same, so that nobody else takes it
        for index, element in enumerate(given):
            place = next(
                (i for i, candidate in enumerate(left) if index not in found and means(element, candidate)), None
            )
            if place is not None:
                found[index] = left.pop(place)
    result = []
    for index, candidate in sorted(found.items()):
        past = next((one for one in before if _asks_for(given[index], one)), candidate)
        result.append(rebuilt(given[index], candidate, past))
    return result + left


def _asks_for(given: Value, live: Value) -> bool:
    """Whether `live` has all that `given` says, and perhaps more."""
    return same(given, live) or same(given, rebuilt(given, live, live))
