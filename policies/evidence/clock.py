"""This machine's clock against the account's: evidence and waivers carry times, and a wrong clock makes both wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

MOST: Final = timedelta(minutes=5)
"""How far the two may be apart; AWS itself refuses signatures that are further off."""


class ClockError(Exception):
    """The clock of this machine is not the account's; the message says by how much, and the way out."""


def check_clock(here: datetime, there: datetime | None) -> float | None:
    """Seconds by which the account's clock is ahead; None where it did not say what time it has.

    Raises:
        ClockError: the two are further apart than `MOST`.
    """
    if there is None:
        return None
    offset = there - here
    if abs(offset) > MOST:
        way = "behind" if offset > timedelta() else "ahead of"
        raise ClockError(
            f"this machine's clock is {abs(offset).total_seconds():.0f} s {way} the account's ({there.isoformat()}): "
            "set it by a time server first, for evidence and waivers are judged by it"
        )
    return round(offset.total_seconds(), 1)
