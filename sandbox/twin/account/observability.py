"""What evidence on this account cannot show: the AWS features that moto lacks or drops.

An evidence collector must report these as not observable, never as passed.
"""

from __future__ import annotations

from typing import Any

UNOBSERVABLE_TYPES: tuple[str, ...] = ()
UNOBSERVABLE_PROPERTIES: dict[str, tuple[str, ...]] = {}
UNOBSERVABLE_OPERATIONS: tuple[str, ...] = ()


def report() -> dict[str, Any]:
    """The document behind `GET /valletta/observability`."""
    return {
        "types": list(UNOBSERVABLE_TYPES),
        "properties": {token: list(names) for token, names in UNOBSERVABLE_PROPERTIES.items()},
        "operations": list(UNOBSERVABLE_OPERATIONS),
    }
