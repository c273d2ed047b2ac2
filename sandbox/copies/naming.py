"""What a copy is called, and how long it lives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sandbox.errors import SandboxError

LONGEST: Final = timedelta(days=14)
_WORKLOADS: Final = "-workloads"
_TTL: Final = re.compile(r"^([1-9]\d{0,3})([hd])$")
_NAME: Final = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
_LONGEST_NAME: Final = 15


class CopyRefusedError(SandboxError):
    """A copy that cannot be as asked for; nothing was claimed, made or destroyed."""

    exit_code = 2


@dataclass(frozen=True)
class CopyName:
    """A copy by its own name and its source's: `pr-123` of `staging` is the stack `staging-pr-123`."""

    name: str
    source: str

    @classmethod
    def of(cls, name: str, source: str) -> CopyName:
        """Raises CopyRefusedError for a name that cannot be part of AWS's names, or a source that is never copied."""
        if len(name) > _LONGEST_NAME or not _NAME.match(name):
            raise CopyRefusedError(
                f"a copy cannot be called {name!r}: it becomes part of names in AWS",
                hint=f"use lower-case letters, digits and single hyphens, at most {_LONGEST_NAME}, such as pr-123",
            )
        if source.startswith("production"):
            raise CopyRefusedError(
                "production is never copied: its settings reach players' records",
                hint="copy staging: valletta stack spawn pr-123 --from staging --ttl 48h",
            )
        if source.endswith(_WORKLOADS):
            whole = source.removesuffix(_WORKLOADS)
            raise CopyRefusedError(
                f"{source} is half of a pair, and copies are made of both", hint=f"give --from {whole}"
            )
        return cls(name, source)

    @property
    def stack(self) -> str:
        """The stack that holds the copy's foundation, or all of it."""
        return f"{self.source}-{self.name}"

    @property
    def workloads(self) -> str:
        """The stack that holds the copy's workloads, where the source is a pair."""
        return f"{self.stack}{_WORKLOADS}"


def workloads_of(stack: str) -> str:
    """The other half of a pair."""
    return f"{stack}{_WORKLOADS}"


def lifetime(text: str) -> timedelta:
    """Read `48h` or `3d`. Raises CopyRefusedError for anything else, and for more than LONGEST."""
    found = _TTL.match(text)
    if found is None:
        raise CopyRefusedError(f"--ttl {text!r} is no length of time", hint="give hours or days, such as 48h or 3d")
    length = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))
    if length > LONGEST:
        raise CopyRefusedError(
            f"--ttl {text} is longer than {LONGEST.days} days: a copy that lives on is a stack",
            hint="give it a shorter life; spawn it again when it is over",
        )
    return length
