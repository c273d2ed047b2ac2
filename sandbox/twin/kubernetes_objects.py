"""Kubernetes objects as plain data: when two are the same, what of a live one somebody declared, and what drifted.

The API remembers who set which field (`metadata.managedFields`). What nobody set is a default; what the control plane's
own controllers set is their business; the rest is what people and programs declare.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.twin.values import Value

ASSIGNED = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""The metadata that the API assigns."""

_CONTROL_PLANE = frozenset(
    {"clusterrole-aggregation-controller", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}
)
_OWN_NAMES = ("name", "key", "topologyKey", "mountPath", "containerPort", "port")
"""Fields that name an element of a list, likeliest first."""


def whole_numbers(value: Value) -> Value:
    """Pulumi's wire knows only floating point; the API's fields are integers. Members that are null are left out."""
    if isinstance(value, Mapping):
        return {key: whole_numbers(element) for key, element in value.items() if element is not None}
    if isinstance(value, list | tuple):
        return [whole_numbers(element) for element in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def equal(one: Value, other: Value) -> bool:
    """Whether two values are the same to the API: order counts, and a member that is null is one that is absent.

    `false`, `0` and the empty are values: they may differ from the default that absence means.
    """
    return bool(whole_numbers(one) == whole_numbers(other)) and isinstance(one, bool) == isinstance(other, bool)


def without_assigned(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what the API assigns and reports."""
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key not in ASSIGNED}
    rest = {key: value for key, value in manifest.items() if key not in ("id", "status")}
    return {**rest, "metadata": metadata}


def declared_part(live: Mapping[str, Any]) -> dict[str, Any]:
    """What of a live object somebody declared: whoever it was, but for the control plane itself."""
    owned = merged_fields(fields for _, fields in _managed(live))
    names = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
    found: dict[str, Any] = _projected(live, owned)
    metadata = {**names, **found.get("metadata", {})}
    # Whoever writes `stringData` owns that, and not the `data` in which it is read back: all of it is somebody's.
    data = {"data": live["data"]} if live["kind"] == "Secret" and "data" in live else {}
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], **found, **data, "metadata": metadata}


def managers(live: Mapping[str, Any]) -> set[str]:
    """Who declared any of a live object's fields."""
    return {manager for manager, _ in _managed(live)}


def without_others(live: Mapping[str, Any], wanted: Mapping[str, Any], manager: str) -> dict[str, Any]:
    """A live object without what somebody other than `manager` declared and `wanted` does not have."""
    others = merged_fields(fields for name, fields in _managed(live) if name != manager)
    stripped: dict[str, Any] = _stripped(live, others, wanted)
    return stripped


def as_live(given: Value, live: Value, before: Value) -> Value:
    """Inputs `given` as the live object has them: as they were given where nothing changed since `before`, else live.

    :param live: what somebody declared of the live object.
    :param before: the last known state, of when `given` was applied: it shows how the API writes what was given.
    """
    if isinstance(given, Mapping | None) and isinstance(live, Mapping) and not (given is None and equal(live, before)):
        return _as_live_object(given or {}, live, before if isinstance(before, Mapping) else {})
    if equal(live, before):
        return given
    if isinstance(given, list) and isinstance(live, list):
        return _as_live_list(given, live, before if isinstance(before, list) else [])
    return given if equal(given, live) else live


def as_given(live: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret's data in the form in which it was given: `stringData` is written once and read back in `data`."""
    texts = given.get("stringData")
    if live.get("kind") != "Secret" or not isinstance(texts, Mapping):
        return dict(live)
    data = live.get("data") or {}
    read = {key: _decoded(data[key]) for key in texts if key in data}
    kept = {key: value for key, value in data.items() if key not in texts}
    rest = {key: value for key, value in live.items() if key != "data"}
    return {**rest, **({"data": kept} if kept else {}), **({"stringData": read} if read else {})}


def merged_fields(trees: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Trees of owned fields (FieldsV1) in one."""
    merged: dict[str, Any] = {}
    for tree in trees:
        for key, below in tree.items():
            merged[key] = merged_fields([merged.get(key, {}), below])
    return merged


def _managed(live: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for entry in (live.get("metadata") or {}).get("managedFields") or []:
        if entry.get("manager") not in _CONTROL_PLANE and entry.get("subresource") != "status":
            yield entry.get("manager", ""), entry.get("fieldsV1") or {}


def _projected(value: Value, fields: Mapping[str, Any]) -> Value:
    """The part of `value` that a tree of owned fields speaks of; a leaf owns all that is below it."""
    if not fields:
        return value
    if isinstance(value, Mapping):
        named = {key[2:]: below for key, below in fields.items() if key.startswith("f:")}
        return {name: _projected(value[name], below) for name, below in named.items() if name in value}
    if isinstance(value, list):
        places = [(element, _tree_of(element, index, fields)) for index, element in enumerate(value)]
        return [_projected(element, tree) for element, tree in places if tree is not None]
    return value


def _tree_of(element: Value, index: int, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The tree below a list's element, or None where nobody owns it."""
    for path, below in fields.items():
        form, _, text = path.partition(":")
        if form == "k" and isinstance(element, Mapping) and _named(element, json.loads(text)):
            return {key: tree for key, tree in below.items() if key != "."}
        if (form == "v" and json.loads(text) == element) or (form == "i" and int(text) == index):
            return {}
    return None


def _named(element: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    """Whether a list's element is the one with this key; parts of a key that it leaves out are defaults."""
    return all(element.get(name, value) == value for name, value in key.items()) and any(
        name in element for name in key
    )


def _stripped(live: Value, fields: Mapping[str, Any], wanted: Value) -> Value:
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        named = {key[2:]: below for key, below in fields.items() if key.startswith("f:")}
        kept = {key: value for key, value in live.items() if key not in named or key in wanted}
        return {
            key: _stripped(value, named[key], wanted[key]) if key in named else value for key, value in kept.items()
        }
    if isinstance(live, list) and isinstance(wanted, list):
        return [
            element
            for index, element in enumerate(live)
            if _tree_of(element, index, fields) is None or _wanted(element, fields, wanted)
        ]
    return live


def _wanted(element: Value, fields: Mapping[str, Any], wanted: list[Any]) -> bool:
    keys = [json.loads(path[2:]) for path in fields if path.startswith("k:")]
    mine = [key for key in keys if isinstance(element, Mapping) and _named(element, key)]
    return element in wanted or any(_named(one, key) for key in mine for one in wanted if isinstance(one, Mapping))


def _as_live_object(given: Mapping[str, Any], live: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    keys = dict.fromkeys((*given, *live))
    values = {key: as_live(given.get(key), live.get(key), before.get(key)) for key in keys}
    return {key: value for key, value in values.items() if value is not None and not (value == {} and key not in given)}


def _as_live_list(given: list[Any], live: list[Any], before: list[Any]) -> list[Any]:
    """Each live element with the given one of the same name, or at the same place where elements have none."""
    result = []
    for index, element in enumerate(live):
        asked, past = _counterpart(element, index, given), _counterpart(element, index, before)
        result.append(element if asked is None else as_live(asked, element, past))
    return result


def _counterpart(element: Value, index: int, others: list[Any]) -> Value:
    name = next((name for name in _OWN_NAMES if isinstance(element, Mapping) and name in element), None)
    if name is None:
        return others[index] if index < len(others) else None
    return next((one for one in others if isinstance(one, Mapping) and one.get(name) == element[name]), None)


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "replace")
