"""What an account used of its limits, hour by hour: deposits, stakes and results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from services.contract.exchange.v1 import exchange_pb2 as x

_HOUR_MS = 3_600_000
_OLDEST_DAYS = 31


@dataclass(eq=False)
class Usage:
    """Sums by the hour in which they were used; hours that no window reaches any more are dropped."""

    deposits: dict[int, int] = field(default_factory=dict)
    stakes: dict[int, int] = field(default_factory=dict)
    results: dict[int, int] = field(default_factory=dict)

    @staticmethod
    def note(hours: dict[int, int], amount: int, now: int) -> None:
        """Adds to the hour of `now`."""
        hour = now // _HOUR_MS
        for old in [old for old in hours if old // 24 < hour // 24 - _OLDEST_DAYS]:
            del hours[old]
        hours[hour] = hours.get(hour, 0) + amount

    @staticmethod
    def within(hours: dict[int, int], window: int, now: int) -> int:
        """The sum over a window that ends now."""
        hour, day = now // _HOUR_MS, now // _HOUR_MS // 24
        reaches: dict[int, Callable[[int], bool]] = {
            x.LIMIT_DAY: lambda then: then >= hour - 24,
            x.LIMIT_WEEK: lambda then: then // 24 >= day - 7,
            x.LIMIT_MONTH: lambda then: then // 24 >= day - _OLDEST_DAYS,
        }
        return sum(amount for then, amount in hours.items() if reaches[window](then))
