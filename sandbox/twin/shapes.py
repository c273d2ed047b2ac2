"""Between Pulumi's values and AWS's: botocore's shapes drive the one way, Pulumi's schema the other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sandbox.twin.errors import InvalidRequestError
from sandbox.twin.naming import below, bury, counterpart
from sandbox.twin.schema import SCALAR, Kind
from sandbox.twin.values import Value


def request(
    shape: StructureShape, properties: Mapping[str, Any], names: Mapping[str, str], noun: str = ""
) -> tuple[dict[str, Any], set[str]]:
    """The members of an AWS request that carry `properties`, and the properties that found no member.

    `names` are the exceptions: a property's dotted path to its member, or to a dotted path of members; an empty member
    drops it.
    """
    members: dict[str, Any] = {}
    strangers: set[str] = set()
    for name, value in properties.items():
        path = names.get(name)
        if path is None or path.partition(".")[0] not in ("", *shape.members):
            path = counterpart(name, shape.members, noun)
        if path is None:
            strangers.add(name)
        elif path and value is not None:
            bury(members, path, to_aws(_shape_at(shape, path), value, below(names, name)))
    return members, strangers


def structure(shape: Shape | None) -> StructureShape:
    """A shape that must be a structure: the mapping says so."""
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{shape} is no structure: the mapping's path leads nowhere")
    return shape


def _shape_at(shape: Shape, path: str) -> Shape:
    for part in path.split("."):
        shape = structure(shape).members[part]
    return shape


def to_aws(shape: Shape, value: Value, names: Mapping[str, str]) -> Value:
    """One Pulumi value in the form that `shape` asks for.

    :raises InvalidRequestError: the value has a field or a form for which the shape has no place.
    """
    if isinstance(shape, ListShape):
        key = _key_of_pairs(shape.member) if isinstance(value, Mapping) else None
        if key is not None:
            return [{key: name, "Value": element} for name, element in value.items()]
        elements = value if isinstance(value, list) else [value]
        if isinstance(shape.member, ListShape):
            # Pulumi has no list of lists: it names the inner one.
            elements = [next(iter(one.values())) if isinstance(one, Mapping) else one for one in elements]
        return [to_aws(shape.member, element, names) for element in elements]
    if isinstance(shape, StructureShape):
        return _structure(shape, value, names)
    if isinstance(shape, MapShape):
        return {key: to_aws(shape.value, element, names) for key, element in value.items()}
    return _SCALARS.get(shape.type_name, _same)(value)


def _key_of_pairs(shape: Shape) -> str | None:
    """What AWS calls the key where it writes a map as a list of pairs: `Key` of tags, `Name` of dimensions."""
    members = set(getattr(shape, "members", ()))
    return next((key for key in ("Key", "Name") if members == {key, "Value"}), None)


def _structure(shape: StructureShape, value: Value, names: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(value, list):
        if len(value) > 1:
            raise InvalidRequestError(f"{shape.name} takes one object, not {len(value)}")
        value = value[0] if value else {}
    if not isinstance(value, Mapping):
        # EC2 wraps a changed attribute: {"Value": true}.
        return {"Value": to_aws(shape.members["Value"], value, {})} if "Value" in shape.members else value
    members, strangers = request(shape, value, names)
    if strangers:
        known = ", ".join(shape.members)
        raise InvalidRequestError(f"{shape.name} has no member for {', '.join(sorted(strangers))}; it has {known}")
    return members


def _boolean(value: Value) -> Value:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _integer(value: Value) -> Value:
    try:
        return int(value)
    except (TypeError, ValueError):
        return value


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else value


def _bytes(value: Value) -> Value:
    return value.encode() if isinstance(value, str) else value


def _same(value: Value) -> Value:
    return value


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "string": _text,
    "blob": _bytes,
}


def properties(
    kinds: Mapping[str, Kind], answer: Mapping[str, Any], names: Mapping[str, str], noun: str = ""
) -> dict[str, Any]:
    """The Pulumi properties that an AWS answer tells of. `names` are the same exceptions as for the request."""
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        member = names.get(name) or counterpart(name, answer, noun)
        value = _member(answer, member)
        if value is not None:
            found[name] = from_aws(kind, value, below(names, name))
    return found


def _member(answer: Mapping[str, Any], path: str | None) -> Value:
    value: Value = answer
    for part in (path or "").split("."):
        if not isinstance(value, Mapping) or not part:
            return None
        value = value.get(part)
    return value


def from_aws(kind: Kind, value: Value, names: Mapping[str, str]) -> Value:
    """One AWS value in the form of a Pulumi property."""
    if isinstance(value, Mapping) and set(value) == {"Value"} and kind.form == "scalar":
        value = value["Value"]
    if kind.form == "list":
        elements = value if isinstance(value, list) else [value]
        return [from_aws(kind.of or SCALAR, element, names) for element in elements]
    if kind.form == "map":
        return _map(kind, value)
    if kind.form == "object":
        one = value[0] if isinstance(value, list) and value else value
        return properties(kind.fields, one, names) if isinstance(one, Mapping) else {}
    return _scalar(kind, value)


def _map(kind: Kind, value: Value) -> dict[str, Any]:
    if isinstance(value, list):
        return tags_of(value)
    return {key: from_aws(kind.of or SCALAR, element, {}) for key, element in value.items()}


def tags_of(entries: list[Mapping[str, str]]) -> dict[str, Any]:
    """A map from AWS's list of keys and values, however it calls them. AWS's own tags are left out."""
    pairs = (
        (
            entry.get("Key", entry.get("TagKey", entry.get("Name", ""))),
            entry.get("Value", entry.get("TagValue", "")),
        )
        for entry in entries
    )
    return {key: value for key, value in pairs if not key.startswith("aws:")}


def _scalar(kind: Kind, value: Value) -> Value:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if kind.python is bool:
        return _boolean(value)
    if kind.python in (int, float) and isinstance(value, str):
        return float(value) if "." in value else _integer(value)
    return _wording(value) if kind.python is str else value


def _wording(value: Value) -> Value:
    """A value as text: a document that botocore took apart as JSON again."""
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return _document(value) if isinstance(value, str) else _text(value)


def _document(text: str) -> str:
    """A policy document is sometimes given percent-encoded."""
    return unquote(text) if text.startswith("%7B") else text
