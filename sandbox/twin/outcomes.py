"""What a provider says of inputs: what is wrong with them, and what changed between two sets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckFailure:
    """One input that cannot be, and why."""

    property: str
    reason: str


@dataclass(frozen=True)
class Difference:
    """What changed between two sets of inputs, and what of it an update cannot do."""

    changes: list[str]
    """Top-level names of inputs."""
    replaces: list[str]
    """Those of `changes` that force a replacement."""
    delete_before_replace: bool
    """Whether the new one would clash with the old one, which must therefore go first."""
