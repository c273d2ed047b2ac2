"""Values that are worse than the one that is there, by its kind; and the places in a resource where they go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from policies.values import Value, is_mapping

_EVERYTHING: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_ANYWHERE: Final = "0.0.0.0/0"
_ANYBODY: Final = "system:anonymous"
"""Whoever asks the Kubernetes API."""

GONE: Final = object()
"""Stands for taking a value out."""


def wrong_values(present: Value) -> Sequence[Value]:
    """Several that might be refused in its place; where there is nothing, one of each kind that AWS has."""
    match present:
        case bool():
            return (not present,)
        case int() | float():
            return (0, present * 100) if present else (1,)
        case str():
            return _wrong_texts(present)
        case None:
            return (True, False, 0, _ANYWHERE, "*", [_ADMINISTRATOR])
        case _:
            return (type(present)(),)


def _wrong_texts(present: str) -> Sequence[Value]:
    """A text of the same kind, worse: a document that allows more, any address, everybody's policy."""
    try:
        document = json.loads(present)
    except ValueError:
        document = None
    if is_mapping(document) and "Statement" in document:
        statements = [document["Statement"]] if is_mapping(document["Statement"]) else document["Statement"]
        open_ = [{key: value for key, value in each.items() if key != "Condition"} for each in statements]
        return tuple(json.dumps({**document, "Statement": each}) for each in ([_EVERYTHING], open_, []))
    return ("", "none", _ANYWHERE, _ADMINISTRATOR, _ANYBODY)


def value_at(inputs: Value, path: Sequence[str]) -> Value:
    """What is at the end of these steps; None where there is nothing."""
    for step in path:
        if is_mapping(inputs):
            inputs = inputs.get(step)
        elif isinstance(inputs, list) and int(step) < len(inputs):
            inputs = inputs[int(step)]
        else:
            return None
    return inputs


def put_at(inputs: Value, path: Sequence[str], value: Value) -> None:
    """Set a value, or take it out; what is not there on the way is made, unless it is to be taken out."""
    *way, last = path
    for step in way:
        if isinstance(inputs, list):
            inputs = inputs[int(step)]
        elif value is GONE and step not in inputs:
            return
        else:
            inputs = inputs.setdefault(step, {})
    key: Any = int(last) if isinstance(inputs, list) else last
    if value is not GONE:
        inputs[key] = value
    elif isinstance(inputs, list) or key in inputs:
        del inputs[key]
