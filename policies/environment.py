"""What a stack is for, read off its name or its tags."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

ENVIRONMENT_TAG: Final = "valletta:environment"
"""The tag by which a resource says what it is for."""
EXPIRY_TAG: Final = "valletta:expires"
"""The tag by which a resource says when the copy that it belongs to may be destroyed."""


class Environment(StrEnum):
    """What a stack is for. A control may ask less where no player's money is held, and says so."""

    PRODUCTION = "production"
    STAGING = "staging"
    LOCAL = "local"

    @classmethod
    def strictest(cls, *said: Environment) -> Environment:
        """Of several that were said, the one of which most is asked."""
        return min(said, key=list(cls).index)

    @classmethod
    def of(cls, name: str | None) -> Environment:
        """Read an environment from a stack's name or a resource's tag; whatever is not known counts as production.

        A stack is called by its environment, or by that and what it is beside others: `production-workloads`,
        `staging-pr-123`. The program refuses a stack whose settings name another environment than its name does.
        """
        return next(
            (known for known in cls if name == known.value or f"{name}".startswith(f"{known}-")), cls.PRODUCTION
        )
