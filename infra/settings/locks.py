"""The irreversibility guard: a lock that nobody can lift is set only by whoever names the day on which it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from infra.settings.retention import LockMode, Retention


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock of a stack. The settings `<key>_from` and `<key>_acknowledged_until` are what acknowledges it."""

    key: str
    place: str
    """What is locked, in words, such as `the archive`."""
    mode: LockMode
    retention: Retention
    """The longest time for which anything that is put there stays locked."""
    start: date | None
    """The day on which the place goes into service."""
    acknowledged: date | None
    liftable_days: int = 0
    """Days from the start in which the lock itself can still be taken off."""

    @property
    def unlocks(self) -> date | None:
        """The first day on which what was put there at the start can be deleted; None where no start was named."""
        return self.retention.end(self.start) if self.start else None

    def findings(self) -> Iterator[str]:
        """What keeps a lock that nobody can lift from being set: its start or its end was not named."""
        if self.mode is not LockMode.COMPLIANCE:
            return
        if self.start is None:
            yield (
                f"valletta:{self.key}_from is not set; a COMPLIANCE lock cannot be undone by anybody, "
                f"so name the day on which {self.place} goes into service, such as 2027-01-01"
            )
        elif self.acknowledged != self.unlocks:
            yield (
                f"valletta:{self.key}_acknowledged_until is {self.acknowledged or 'not set'}; what is written on "
                f"{self.start} stays locked until {self.unlocks}, and nobody, AWS included, can delete it earlier: "
                f"set it to {self.unlocks} to say that this is understood"
            )

    def __str__(self) -> str:
        """When it ends, in a sentence for whoever runs the program."""
        if self.mode is LockMode.GOVERNANCE:
            return f"GOVERNANCE: {self.retention} from the writing of each object; a privileged person can lift it"
        said = f"COMPLIANCE: what is written on {self.start} is locked until {self.unlocks}, and nobody can lift it"
        if self.start and self.liftable_days:
            last = Retention(days=self.liftable_days).end(self.start)
            return f"{said}; the lock itself can be taken off before {last}, and never after"
        return said
