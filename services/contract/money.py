"""Money is an int in 1/10 000 of the currency unit; people write it as a decimal with at most two places."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

UNIT: Final = 10_000
"""Parts in one unit of currency."""
PENNY: Final = 100
"""Parts in one penny: the grain of stakes, deposits and withdrawals."""
LARGEST: Final = 10**15
"""The most that one amount may be: 100 billion units, far inside an int64."""


class AmountError(ValueError):
    """An amount that cannot be taken as money: the message names it and says what would be right."""


def parts_of(amount: Decimal) -> int:
    """The parts of a decimal amount in whole pennies.

    Raises:
        AmountError: not finite, finer than a penny, or beyond the largest amount either way.
    """
    if not amount.is_finite():
        raise AmountError(f"amount {amount} is not a number; write it like 12.50")
    if abs(amount) > LARGEST // UNIT:
        raise AmountError(f"amount {amount} is too large; at most {LARGEST // UNIT}")
    if amount * 100 != int(amount * 100):
        raise AmountError(f"amount {amount} is finer than a penny; write at most two decimal places")
    return int(amount * UNIT)


def decimal_of(parts: int) -> Decimal:
    """The decimal of an amount in parts, without trailing noise: 115000 -> 11.50, 1 -> 0.0001."""
    exact = Decimal(parts) / UNIT
    return exact.quantize(Decimal("0.01")) if parts % PENNY == 0 else exact.normalize()
