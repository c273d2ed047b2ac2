"""How a difference is told to the engine: property by property, to the innermost value that differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from pulumi.runtime.proto import provider_pb2

Kinds: TypeAlias = dict[str, provider_pb2.PropertyDiff]

_KIND = provider_pb2.PropertyDiff
_MISSING = object()
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def detailed(
    olds: Mapping[str, Any], news: Mapping[str, Any], changes: Collection[str], replaces: Collection[str]
) -> Kinds:
    """One entry for each innermost difference within the properties `changes`, in the engine's path syntax.

    A property that the twin says changed although its values are equal as they stand (a referenced resource is being
    replaced, say) is one entry of its own.
    """
    entries: Kinds = {}
    for name in changes:
        places = list(_walk(olds.get(name, _MISSING), news.get(name, _MISSING), _key("", name)))
        for path, kind in places or [(_key("", name), _KIND.UPDATE)]:
            entries[path] = provider_pb2.PropertyDiff(
                kind=_replacing(kind) if name in replaces else kind, inputDiff=True
            )
    return entries


def _walk(old: object, new: object, path: str) -> Iterator[tuple[str, provider_pb2.PropertyDiff.Kind.ValueType]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _walk(old.get(key, _MISSING), new.get(key, _MISSING), _key(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _walk(_item(old, index), _item(new, index), f"{path}[{index}]")
    elif old is _MISSING:
        yield path, _KIND.ADD
    elif new is _MISSING:
        yield path, _KIND.DELETE
    elif old != new:
        yield path, _KIND.UPDATE


def _item(items: list[Any], index: int) -> object:
    return items[index] if index < len(items) else _MISSING


def _key(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        quoted = key.replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key


def _replacing(kind: provider_pb2.PropertyDiff.Kind.ValueType) -> provider_pb2.PropertyDiff.Kind.ValueType:
    return {
        _KIND.ADD: _KIND.ADD_REPLACE,
        _KIND.DELETE: _KIND.DELETE_REPLACE,
        _KIND.UPDATE: _KIND.UPDATE_REPLACE,
    }[kind]
