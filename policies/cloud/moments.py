"""How long ago: for checks that ask when something last happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta


def moment(text: str) -> datetime:
    """A moment as AWS writes it, in ISO 8601; without a zone it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def age(text: str) -> timedelta:
    """How long ago a moment was."""
    return datetime.now(UTC) - moment(text)


def youngest(texts: Iterable[str]) -> timedelta | None:
    """How long ago the last of these moments was; None where there is none."""
    return min((age(text) for text in texts), default=None)
