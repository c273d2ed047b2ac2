"""What whoever types `make up` can choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

JournalKind: TypeAlias = Literal["kafka", "file"]
"""Where commands are logged: a Kafka broker, or a local write-ahead file."""


@dataclass(frozen=True)
class Wishes:
    """The choices of one `make up`.

    Attributes:
        journal: Where commands are logged; None: as before, else Kafka where there is a Java for it.
        install: Whether Pulumi's own installer may be tried when there is no CLI.
    """

    journal: JournalKind | None = None
    install: bool = True
