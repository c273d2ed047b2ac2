"""Values of properties and of answers: JSON as the cloud gives it, plain or wrapped, read by dotted paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""A JSON value whose shape the cloud decides, not we."""


def is_mapping(value: object) -> bool:
    """Is it an object, wrapped or plain?"""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> bool:
    """Is it a list, wrapped or plain, and no text?"""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def read(properties: Value, path: str, default: Value = None) -> Value:
    """The value at a dotted path; `default` where it or anything on the way to it is absent or null.

    Raises:
        pulumi_policy.proxy.UnknownValueError: something on the way is not known before the deployment.
    """
    value = properties
    for step in path.split("."):
        if not is_mapping(value):
            return default
        value = value.get(step)
    return default if value is None else value
