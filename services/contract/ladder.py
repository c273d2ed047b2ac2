"""The CLASSIC price ladder: 350 prices from 1.01 to 1000, each named by its tick (its index, from 0).

Steps (shared rules of the betting exchanges): 1.01-2 by 0.01; 2-3 by 0.02; 3-4 by 0.05; 4-6 by 0.1; 6-10 by 0.2;
10-20 by 0.5; 20-30 by 1; 30-50 by 2; 50-100 by 5; 100-1000 by 10. Prices are held in hundredths, as integers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_STEPS: Final = (
    (101, 200, 1), (200, 300, 2), (300, 400, 5), (400, 600, 10), (600, 1_000, 20),
    (1_000, 2_000, 50), (2_000, 3_000, 100), (3_000, 5_000, 200), (5_000, 10_000, 500), (10_000, 100_001, 1_000),
)  # fmt: skip

CLASSIC: Final[tuple[int, ...]] = tuple(price for low, high, step in _STEPS for price in range(low, high, step))
"""Price in hundredths by tick: CLASSIC[0] = 101, CLASSIC[349] = 100 000."""

_TICKS: Final = {price: tick for tick, price in enumerate(CLASSIC)}


class PriceOffLadderError(ValueError):
    """A price that the ladder does not hold. `nearest` are the neighbours that it does (one at either end)."""

    def __init__(self, price: Decimal) -> None:
        below = [p for p in CLASSIC if p < price * 100]
        above = [p for p in CLASSIC if p > price * 100]
        self.price = price
        self.nearest = tuple(Decimal(p) / 100 for p in (*below[-1:], *above[:1]))
        near = " or ".join(str(p) for p in self.nearest)
        super().__init__(f"price {price} is not on the ladder; the nearest is {near}")


def tick_of(price: Decimal) -> int:
    """The tick of a decimal price.

    Raises:
        PriceOffLadderError: the price is not on the ladder, or not a finite number.
    """
    if not price.is_finite():
        raise PriceOffLadderError(Decimal(0))
    hundredths = price * 100
    tick = _TICKS.get(int(hundredths)) if hundredths == int(hundredths) else None
    if tick is None:
        raise PriceOffLadderError(price)
    return tick


def price_of(tick: int) -> Decimal:
    """The decimal price of a tick (0 to 349); raises IndexError beyond them."""
    if tick < 0:
        raise IndexError(f"tick {tick} is below the ladder")
    return Decimal(CLASSIC[tick]) / 100
