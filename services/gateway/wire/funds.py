"""getAccountFunds and getAccountDetails."""

from __future__ import annotations

from typing import Any

from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import invalid_input
from services.gateway.wire.figures import money
from services.gateway.wire.schemas import FundsParams, NoParams

_WALLET = "UK"
"""The only wallet that the format still knows."""


async def get_account_funds(caller: Caller, params: FundsParams) -> dict[str, Any]:
    """What may still be bet, and what is held (as a negative number, as the format has it)."""
    if params.wallet not in {None, _WALLET}:
        raise invalid_input(f"there is one wallet, {_WALLET}")
    image = await caller.gateway.matching.account(caller.account)
    return {
        "availableToBetBalance": money(image.available),
        "exposure": -money(image.held),
        "retainedCommission": 0.0,
        "discountRate": 0.0,
        "pointsBalance": 0,
        "wallet": _WALLET,
    }


async def get_account_details(caller: Caller, _: NoParams) -> dict[str, Any]:
    """The currency and the zone of times; the exchange keeps no names to tell."""
    return {
        "currencyCode": caller.gateway.settings.currency,
        "localeCode": "en",
        "timezone": "UTC",
        "discountRate": 0.0,
        "pointsBalance": 0,
    }
