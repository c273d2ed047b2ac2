"""Property values between Pulumi's wire format, Python and JSON.

On the wire (a protobuf Struct) secrets, unknowns and references are marked by magic strings. In Python a secret is a
`Secret`, an unknown is `UNKNOWN`. In a recorded plan both are marker objects, and a secret's value is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

Property = Any
"""The value of a property: whatever JSON can hold, a `Secret` around one, or `UNKNOWN`."""

MARKER: Final = "$valletta"
"""The key that marks an object in a recorded plan as standing for a value which is not written down."""

SECRET_MARKER: Final[Mapping[str, str]] = {MARKER: "secret"}
UNKNOWN_MARKER: Final[Mapping[str, str]] = {MARKER: "unknown"}


class _Unknown:
    """The one value that says: not known before the resource exists."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must not be shown; `value` is the plain one, and is left out of `repr`."""

    value: Any = field(repr=False)


def from_wire(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties of a wire object, sorted: the wire has no order. Nulls are left out, as the engine does."""
    decoded = _decode(json_format.MessageToDict(struct))
    if not isinstance(decoded, dict):
        raise TypeError(f"a resource's properties must be an object, not {type(decoded).__name__}")
    return decoded


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The wire object of outputs; an `UNKNOWN` on the first level is left out, which the SDK reads as unknown."""
    struct = struct_pb2.Struct()
    known = {key: value for key, value in properties.items() if value is not UNKNOWN}
    return json_format.ParseDict(_encode(known), struct)


def to_record(value: Property) -> Property:
    """`value` as plain JSON for a recorded plan: secrets and unknowns become markers, tuples become lists."""
    match value:
        case Secret():
            return dict(SECRET_MARKER)
        case _Unknown():
            return dict(UNKNOWN_MARKER)
        case Mapping():
            return {key: to_record(item) for key, item in value.items()}
        case list() | tuple():
            return [to_record(item) for item in value]
        case _:
            return value


def reveal(value: Property) -> Property:
    """`value` with every `Secret` replaced by what it hides: for whoever provisions, never for a log."""
    match value:
        case Secret():
            return reveal(value.value)
        case Mapping():
            return {key: reveal(item) for key, item in value.items()}
        case list() | tuple():
            return [reveal(item) for item in value]
        case _:
            return value


def unknown_paths(value: Property, path: str = "") -> Iterator[str]:
    """Where in `value` unknowns stand, as `encryptionInfo.keys[0]`."""
    match value:
        case _Unknown():
            yield path
        case Secret():
            yield from unknown_paths(value.value, path)
        case Mapping():
            for key, item in value.items():
                yield from unknown_paths(item, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from unknown_paths(item, f"{path}[{index}]")


def _decode(value: Property) -> Property:
    match value:
        case rpc.UNKNOWN:
            return UNKNOWN
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_decode(item) for item in value]
        case dict() if rpc._special_sig_key in value:
            return _decode_marked(value)
        case dict():
            return {key: _decode(value[key]) for key in sorted(value) if value[key] is not None}
        case _:
            return value


def _decode_marked(value: dict[str, Any]) -> Property:
    signature = value[rpc._special_sig_key]
    if signature == rpc._special_secret_sig:
        return Secret(_decode(value["value"]))
    if signature == rpc._special_resource_sig:
        return _decode(value.get("id") or value["urn"])
    raise TypeError(f"assets, archives and output values have no place in this program (signature {signature})")


def _encode(value: Property) -> Property:
    match value:
        case Secret():
            return {rpc._special_sig_key: rpc._special_secret_sig, "value": _encode(value.value)}
        case _Unknown():
            return rpc.UNKNOWN
        case Mapping():
            return {key: _encode(item) for key, item in value.items()}
        case list() | tuple():
            return [_encode(item) for item in value]
        case _:
            return value
