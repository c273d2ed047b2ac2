"""What a preview may promise: the inputs, and of the rest that it is not known yet."""

from __future__ import annotations

from typing import Any

from sandbox.plugins.values import UNKNOWN, has_unknown


def created(inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that would be created: its inputs. What is missing, the engine takes as unknown."""
    return dict(inputs)


def updated(state: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that would be updated: its state, with the inputs that change put over it.

    An input that is taken away leaves what the cloud then chooses, which is not known.
    """
    outputs = dict(state)
    for name in {*olds, *news}:
        if name not in news:
            outputs[name] = UNKNOWN
        elif news[name] != olds.get(name):
            outputs[name] = UNKNOWN if has_unknown(news[name]) else news[name]
    return outputs
