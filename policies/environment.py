"""What a stack is for, read off its name or its tags."""

from __future__ import annotations

from enum import StrEnum


class Environment(StrEnum):
    """What a stack is for. A control may ask less where no player's money is held, and says so."""

    PRODUCTION = "production"
    STAGING = "staging"
    LOCAL = "local"

    @classmethod
    def of(cls, name: str | None) -> Environment:
        """Read an environment from a stack's name or a resource's tag; whatever is not known counts as production."""
        return next((known for known in cls if known.value == name), cls.PRODUCTION)
