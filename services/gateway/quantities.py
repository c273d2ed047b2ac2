"""Numbers as clients write them, brought into the exchange's own units, or refused with a sentence.

Decimals from outside are bounded before any arithmetic: `1e999999999` is a valid JSON number, and making an integer of
it would take the machine's memory; a decimal of a hundred digits would be rounded by the context to one that passes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from services.contract.ladder import PriceOffLadderError, price_of, tick_of
from services.contract.money import AmountError, decimal_of, parts_of

_PLAIN = re.compile(r"\d{1,18}(\.\d{1,18})?", re.ASCII)
LARGEST_EXPONENT: Final = 20
"""Numbers of 10^21 and more, or as small, are not looked at."""
_MOST_DIGITS: Final = 20


class QuantityError(ValueError):
    """A price or an amount that cannot be taken: the message names it and says what would be right."""


def decimal_from_text(text: str, what: str) -> Decimal:
    """A plain decimal such as 12.50. Raises QuantityError for anything else: signs, exponents, spaces."""
    if not _PLAIN.fullmatch(text):
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise QuantityError(f"{what} {shown!r} is not a plain decimal; write it like 12.50")
    return Decimal(text)


def bounded(number: Decimal, what: str) -> Decimal:
    """The same number, if arithmetic on it is cheap and exact. Raises QuantityError otherwise."""
    if (
        not number.is_finite()
        or abs(number.adjusted()) > LARGEST_EXPONENT
        or len(number.as_tuple().digits) > _MOST_DIGITS
    ):
        raise QuantityError(f"{what} {_shown(number)} is out of range; write it like 12.50")
    return number


def tick_from(price: Decimal) -> int:
    """The tick of a price. Raises QuantityError that names the nearest prices of the ladder."""
    try:
        return tick_of(bounded(price, "price"))
    except PriceOffLadderError as error:
        raise QuantityError(str(error)) from error


def parts_from(amount: Decimal, what: str) -> int:
    """The parts of a positive amount in whole pennies. Raises QuantityError."""
    try:
        parts = parts_of(bounded(amount, what))
    except AmountError as error:
        raise QuantityError(str(error).replace("amount", what, 1)) from error
    if parts <= 0:
        raise QuantityError(f"{what} {amount} is not positive; write it like 12.50")
    return parts


def money_text(parts: int) -> str:
    """An amount as clients read it: 115000 -> '11.50'."""
    return f"{decimal_of(parts):f}"


def price_text(tick: int) -> str:
    """A price as clients read it: two decimals, as on the ladder."""
    return f"{price_of(tick):.2f}"


def average_price_text(matched: int, matched_payout: int) -> str | None:
    """The average price as clients read it, with no more than the places it needs; None when nothing matched."""
    if not matched:
        return None
    average = average_price(matched, matched_payout)
    return f"{average:.2f}" if average == round(average, 2) else f"{average:.4f}"


def average_price(matched: int, matched_payout: int) -> Decimal:
    """The average price of `matched` stake that pays out `matched_payout`, to four places; 0 when nothing matched."""
    return round(Decimal(matched_payout) / Decimal(matched), 4) if matched else Decimal(0)


def _shown(number: Decimal) -> str:
    text = str(number)
    return text if len(text) <= 40 else f"{text[:40]}..."
