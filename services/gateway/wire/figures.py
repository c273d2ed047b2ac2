"""Names and numbers as the format writes them: market and bet ids, money and prices as JSON numbers, moments."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from services.contract.ladder import price_of
from services.contract.money import decimal_of
from services.gateway.wire.faults import invalid_input

_MARKET_ID = re.compile(r"1\.([1-9]\d{0,17})", re.ASCII)
_BET_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def market_of(market_id: str) -> int:
    """The market that `1.<number>` names. Raises ApiError for text of another form."""
    found = _MARKET_ID.fullmatch(market_id)
    if found is None:
        raise invalid_input(f"marketId {market_id[:40]!r} is not of the form 1.<number>, such as 1.42")
    return int(found[1])


def market_id_of(market: int) -> str:
    """The format's name of a market."""
    return f"1.{market}"


def order_of(bet_id: str) -> int | None:
    """The order that a bet id names; None for text that can be no bet's id."""
    return int(bet_id) if _BET_ID.fullmatch(bet_id) else None


def money(parts: int) -> float:
    """An amount for display."""
    return float(decimal_of(parts))


def price(tick: int) -> float:
    """A price for display."""
    return float(price_of(tick))


def moment(time_ms: int) -> str:
    """A log time as the format writes it."""
    return datetime.fromtimestamp(time_ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1_000:03d}Z"


def name_id(*names: str) -> str:
    """A stable number, as text, for what the exchange knows only by name: event types and events."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return str(int.from_bytes(digest[:4], "big"))
