"""What Pulumi calls a resource's properties, and which of them are lists or objects: read off pulumi_aws's own classes.

The SDK's classes are generated from the provider's schema, so they are the schema, already installed. Each type's
module is imported when the type is first used.
"""

from __future__ import annotations

import builtins
import importlib
import threading
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, Union

import pulumi

from sandbox.twin.errors import UnknownTypeError
from sandbox.twin.values import Value


@dataclass(frozen=True)
class Kind:
    """The shape of one property: a scalar, a list, a map from strings, or an object with fields of its own."""

    form: str
    """`scalar`, `list`, `map` or `object`."""
    of: Kind | None = None
    """The kind of a list's elements or a map's values."""
    python: type | None = None
    """An object's class, or a scalar's Python type."""

    @property
    def fields(self) -> Mapping[str, Kind]:
        """An object's fields by their wire names."""
        return _fields(self.python) if self.form == "object" and self.python else {}


SCALAR = Kind("scalar")


@dataclass(frozen=True)
class TypeSchema:
    """The properties of one resource type, by wire name."""

    inputs: Mapping[str, Kind]
    state: Mapping[str, Kind]
    noun: str
    """The class's own name, which AWS likes to put before `Name`, `Arn` and `Id`."""


@cache
def schema_of(token: str) -> TypeSchema:
    """The schema of a type such as `aws:s3/bucket:Bucket`.

    :raises UnknownTypeError: pulumi_aws has no such type.
    """
    try:
        package, path, name = token.split(":")
        service, _, stem = path.partition("/")
        _load_whole(f"pulumi_{package}", service)
        module = importlib.import_module(f"pulumi_{package}.{service}.{_snake(stem)}")
        # `InitArgs` where an object that the type takes is already called `Args`.
        arguments = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
        state = getattr(module, f"_{name}State")
    except (ValueError, ImportError, AttributeError) as error:
        raise UnknownTypeError(f"{token!r} is not a type of pulumi_aws: {error}") from None
    return TypeSchema(inputs=_fields(arguments), state=_fields(state), noun=name)


_loading = threading.RLock()


def _load_whole(package: str, service: str) -> None:
    """Load a service's package before any of its modules.

    The SDK loads packages at the first use of an attribute. Where that is within one of their own modules, or in two
    threads at once, the package is left without some of its classes.
    """
    with _loading:
        hasattr(getattr(importlib.import_module(package), service), "anything")


@cache
def _fields(cls: type) -> Mapping[str, Kind]:
    # The SDK's `Input` is an alias that refers to `Output[T]` by name.
    names = vars(importlib.import_module(cls.__module__)) | {
        "Output": pulumi.Output,
        "T": TypeVar("T"),
        "_builtins": builtins,
    }
    found: dict[str, Kind] = {}
    for attribute in vars(cls).values():
        if not (isinstance(attribute, property) and attribute.fget is not None):
            continue
        getter = attribute.fget
        wire = getattr(getter, "_pulumi_name", getter.__name__)
        hints = typing.get_type_hints(getter, names)
        found[wire] = _kind(hints["return"])
    return found


def _kind(hint: Value) -> Kind:
    """Strip `Input`, `Optional` and the TypedDict alternatives off an annotation."""
    origin: Any = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is Union or origin is types.UnionType:
        return _union(arguments)
    if origin in (Sequence, list):
        return Kind("list", of=_kind(arguments[0]))
    if origin in (Mapping, dict):
        return Kind("map", of=_kind(arguments[1]))
    if isinstance(hint, type) and hasattr(hint, "__mro__") and hasattr(hint, "_pulumi_input_type"):
        return Kind("object", python=hint)
    return Kind("scalar", python=hint) if isinstance(hint, type) else SCALAR


def _union(alternatives: tuple[Any, ...]) -> Kind:
    kinds = [_kind(one) for one in alternatives if one is not type(None) and not _is_wrapper(one)]
    if {"object", "scalar"} <= {kind.form for kind in kinds}:
        # A policy document may be given as an object to the SDK; on the wire it is text.
        kinds = [kind for kind in kinds if kind.form == "scalar"]
    ranked = sorted(kinds, key=lambda kind: ("object", "list", "map", "scalar").index(kind.form))
    return ranked[0] if ranked else SCALAR


def _is_wrapper(hint: Value) -> bool:
    """Whether this alternative is `Output[T]` or `Awaitable[T]`, which stand beside the T itself."""
    return getattr(typing.get_origin(hint), "__name__", "") in ("Output", "Awaitable")


def _snake(stem: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in stem)
