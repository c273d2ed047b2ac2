"""Ids for other formats. They are derived from what they name, so that the same run gives the same file."""

from __future__ import annotations

import json
from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("6f1ab0d4-4f0d-5a5e-9c39-5a0d2f7c9a11")
"""Of this project; drawn once."""


def identity(*parts: str) -> str:
    """A UUID (version 5) of these parts. They are joined unambiguously: ("a", "bc") is not ("ab", "c")."""
    return str(uuid5(_NAMESPACE, json.dumps(parts, ensure_ascii=True)))
