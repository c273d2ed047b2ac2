"""Pulumi's property values on the wire, and as plain data with the secrets remembered beside them.

On the wire a property map is a protobuf Struct in which secrets, assets, output values and resource references are
marked by a signature key, and a value that is not known yet is one fixed string. The twin works on plain data; what
was secret travels beside it as a set of paths, so that it goes back to the engine as secret as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf import struct_pb2
from google.protobuf.message import Message
from pulumi.runtime import rpc

UNKNOWN: str = rpc.UNKNOWN
"""Stands, in plain data too, for a value that the engine will know only after something else was created."""

Path: TypeAlias = tuple[str | int, ...]
PropertyValue: TypeAlias = Any
"""Plain data: what JSON can say, UNKNOWN included."""

_SIGNATURE = rpc._special_sig_key
_SECRET = rpc._special_secret_sig
_REDACTED = "[secret]"
_LONG_ENOUGH_TO_SEARCH = 8
"""A shorter secret is looked for as a whole string only: as a part it would be found everywhere."""

_ALWAYS_SECRET = frozenset(
    {"password", "passwordWo", "masterPassword", "masterPasswordWo", "secretString", "secretBinary", "authToken"}
)
"""Properties that are secret whether or not the program said so (the provider SDKs mark the same ones)."""


@dataclass(frozen=True, slots=True)
class Properties:
    """A property map as plain data, and the paths in it that are secret."""

    plain: dict[str, Any]
    secrets: frozenset[Path] = frozenset()

    def secret_strings(self) -> frozenset[str]:
        """Every string that stands at or below a secret path."""
        found = (_at(self.plain, path) for path in self.secrets)
        return frozenset(
            leaf for value in found for _, leaf in _leaves(value) if isinstance(leaf, str) and leaf not in {"", UNKNOWN}
        )

    def redact(self, text: str) -> str:
        """`text` with every secret string taken out: what an error may say."""
        for secret in sorted(self.secret_strings(), key=len, reverse=True):
            text = text.replace(secret, _REDACTED)
        return text


def unmarshal(struct: struct_pb2.Struct) -> Properties:
    """Read a property map off the wire. Whole numbers become integers; assets stay the marked maps that they are."""
    secrets: set[Path] = set()
    plain = {key: _read(value, (key,), secrets) for key, value in struct.fields.items()}
    return Properties(plain, frozenset(secrets))


def marshal(plain: Mapping[str, Any], secrets: Iterable[Path] = ()) -> struct_pb2.Struct:
    """Write plain data as a property map, with every path in `secrets` marked secret."""
    marked = frozenset(secrets)
    return struct_pb2.Struct(fields={key: _write(value, (key,), marked) for key, value in plain.items()})


def seal(plain: Mapping[str, Any], *sources: Properties) -> frozenset[Path]:
    """The paths in `plain` that must be secret, because what stands there was secret in one of `sources`.

    A secret keeps its place where it still stands there; where lists were reordered or values rewritten, the whole
    property becomes secret. A string that repeats a secret (a connection URL with its password) is secret anywhere.
    """
    sealed: set[Path] = {(key,) for key in plain if key in _ALWAYS_SECRET}
    for source in sources:
        for path in source.secrets:
            if path[0] in plain:
                sealed.add(path if _at(plain, path) == _at(source.plain, path) else path[:1])
    strings = frozenset[str]().union(*(source.secret_strings() for source in sources))
    sealed.update(path for path, leaf in _leaves(dict(plain)) if isinstance(leaf, str) and _repeats(leaf, strings))
    return frozenset(sealed)


def has_unknown(value: PropertyValue) -> bool:
    """Whether anything in `value` is not known yet."""
    return any(leaf == UNKNOWN for _, leaf in _leaves(value))


def redact(text: str, request: Message) -> str:
    """`text` without any secret of any property map in `request`."""
    for _, value in request.ListFields():
        if isinstance(value, struct_pb2.Struct):
            text = unmarshal(value).redact(text)
    return text


def _read(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> PropertyValue:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _read_map(value.struct_value, path, secrets)
        case "list_value":
            return [_read(item, (*path, index), secrets) for index, item in enumerate(value.list_value.values)]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _read_map(struct: struct_pb2.Struct, path: Path, secrets: set[Path]) -> PropertyValue:
    fields = struct.fields
    match fields[_SIGNATURE].string_value if _SIGNATURE in fields else None:
        case rpc._special_secret_sig:  # and whatever is inside is secret with it
            secrets.add(path)
            return _read(fields["value"], path, set())
        case rpc._special_output_value_sig:
            if "secret" in fields and fields["secret"].bool_value:
                secrets.add(path)
            return _read(fields["value"], path, secrets) if "value" in fields else UNKNOWN
        case rpc._special_resource_sig:
            reference = fields["id"] if "id" in fields else fields["urn"]
            return reference.string_value or UNKNOWN
        case _:
            return {key: _read(item, (*path, key), secrets) for key, item in fields.items()}


def _write(value: PropertyValue, path: Path, secrets: frozenset[Path]) -> struct_pb2.Value:
    written = _write_plain(value, path, secrets)
    if path not in secrets:
        return written
    mark = struct_pb2.Value(string_value=_SECRET)
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields={_SIGNATURE: mark, "value": written}))


def _write_plain(value: PropertyValue, path: Path, secrets: frozenset[Path]) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case Mapping():
            fields = {str(key): _write(item, (*path, str(key)), secrets) for key, item in value.items()}
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
        case list() | tuple():
            items = [_write(item, (*path, index), secrets) for index, item in enumerate(value)]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
        case _:
            where = ".".join(map(str, path))
            raise TypeError(f"property {where} is a {type(value).__name__}, which no property value can be")


def _at(plain: PropertyValue, path: Path) -> PropertyValue:
    """What stands at `path`, or None when the path leads nowhere."""
    for step in path:
        inside = isinstance(plain, dict) if isinstance(step, str) else isinstance(plain, list)
        if not inside or (isinstance(step, int) and step >= len(plain)):
            return None
        plain = plain.get(step) if isinstance(plain, dict) else plain[step]
    return plain


def _leaves(value: PropertyValue, path: Path = ()) -> Iterator[tuple[Path, PropertyValue]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _repeats(leaf: str, secrets: frozenset[str]) -> bool:
    return any(leaf == secret or (len(secret) >= _LONG_ENOUGH_TO_SEARCH and secret in leaf) for secret in secrets)
