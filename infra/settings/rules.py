"""What several sections' rules are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, StringConstraints

TagText = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+@-]+$", min_length=3, max_length=200)]
"""Words that AWS takes as the value of a tag."""


def order_findings(settings: BaseModel, low_key: str, high_key: str) -> Iterator[str]:
    """A lower bound is not above its upper bound."""
    low, high = getattr(settings, low_key), getattr(settings, high_key)
    if low > high:
        yield f"valletta:{low_key} is {low}, more than valletta:{high_key}, which is {high}"
