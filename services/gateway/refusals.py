"""What the core's refusals mean to a client: an HTTP status and a sentence that names the value and the bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import Code, Outcome
from services.contract.ladder import CLASSIC
from services.gateway.quantities import money_text, price_text


def _plain(value: int) -> str:
    return str(value)


def _price(tick: int) -> str:
    return price_text(tick) if 0 <= tick < len(CLASSIC) else f"at tick {tick}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one code is told. `sentence` may use {given}, {bound} and {limit}, written by `unit`."""

    status: int
    sentence: str
    unit: Callable[[int], str] = _plain

    def detail(self, outcome: Outcome) -> str:
        """The sentence for one outcome; {limit} is at least, or at most, the bound."""
        given, bound = self.unit(outcome.given), self.unit(outcome.bound)
        limit = f"at {'least' if outcome.given < outcome.bound else 'most'} {bound}"
        return self.sentence.format(given=given, bound=bound, limit=limit)


REFUSALS: Final[dict[Code.ValueType, Refusal]] = {
    Code.MALFORMED: Refusal(400, "The command lacks a required part, or the rules in force do not know it."),
    Code.KEY_INVALID: Refusal(400, "The key is not a UUIDv7 (RFC 9562), or its time is ahead of the clock."),
    Code.KEY_REUSED: Refusal(
        409, "The key was used before with another payload; send a new key, or the first payload again."
    ),
    Code.KEY_TOO_OLD: Refusal(
        409, "The key is older than the keys that are remembered, so a repeat could not be told; send a new key."
    ),
    Code.RULES_UNKNOWN: Refusal(422, "Rules version {given} is not known; the newest known is {bound}."),
    Code.ACCOUNT_UNKNOWN: Refusal(404, "There is no account {given}."),
    Code.ACCOUNT_NOT_VERIFIED: Refusal(403, "Account {given} is not verified yet; an operator has to verify it first."),
    Code.ACCOUNT_BLOCKED: Refusal(
        403, "A shortfall of {bound} is open on the account; deposit to cover it first.", money_text
    ),
    Code.AMOUNT_OUT_OF_RANGE: Refusal(422, "Amount {given} is out of range; {limit} is allowed.", money_text),
    Code.INSUFFICIENT_FUNDS: Refusal(409, "It needs {given}, but only {bound} is available.", money_text),
    Code.MARKET_UNKNOWN: Refusal(404, "There is no market {given}."),
    Code.MARKET_SUSPENDED: Refusal(409, "Market {given} is suspended; try again when it has been resumed."),
    Code.MARKET_CLOSED: Refusal(409, "Market {given} has ended: it was settled or voided."),
    Code.MARKET_INVALID: Refusal(
        422,
        "The market's terms are out of range: {given} where {limit} is allowed. Runner ids are unique, winners are 1 "
        "to the number of runners, commission is 0 to 2000 basis points.",
    ),
    Code.RUNNER_UNKNOWN: Refusal(404, "The market has no runner {given}."),
    Code.RUNNER_VOIDED: Refusal(409, "Runner {given} was voided; nothing can be done on it any more."),
    Code.WINNERS_INVALID: Refusal(422, "{given} different winners were named, but the market has {bound}."),
    Code.PRICE_INVALID: Refusal(422, "The price {given} is not on the ladder; the last one is {bound}.", _price),
    Code.SIZE_INVALID: Refusal(422, "Size {given} is not allowed here; {limit} is.", money_text),
    Code.ORDER_UNKNOWN: Refusal(404, "The account has no order {given} in that market."),
    Code.ORDER_COMPLETE: Refusal(409, "Nothing of order {given} is left to cancel."),
    Code.ACCOUNT_ALREADY_VERIFIED: Refusal(409, "Account {given} is verified already."),
    Code.SIDE_INVALID: Refusal(422, "The side is neither back nor lay."),
    Code.CAPACITY_REACHED: Refusal(
        503, "The exchange has reached a bound of its capacity ({bound}); nothing was done."
    ),
}
"""Every code but OK. A test holds it complete against the contract."""
