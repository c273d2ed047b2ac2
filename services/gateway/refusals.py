"""What the core's refusals mean to a client: an HTTP status and a sentence that names the value and the bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import Code, Ladder, Outcome
from services.contract.ladder import CLASSIC
from services.gateway.quantities import money_text, price_text


def _plain(value: int) -> str:
    return str(value)


def _price(tick: int) -> str:
    return price_text(tick) if 0 <= tick < len(CLASSIC) else f"at tick {tick}"


def _moment(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1_000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _until(time_ms: int) -> str:
    return f"until {_moment(time_ms)}" if time_ms else "until that is lifted"


_LADDERS: Final = {int(number): name.removeprefix("LADDER_") for name, number in Ladder.items()}


def _ladder(number: int) -> str:
    return _LADDERS.get(number, str(number))


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one code is told. `sentence` may use {given}, {bound} and {limit}, written by `unit`, or {bound} alone by
    `bound_unit`."""

    status: int
    sentence: str
    unit: Callable[[int], str] = _plain
    bound_unit: Callable[[int], str] | None = None

    def detail(self, outcome: Outcome) -> str:
        """The sentence for one outcome; {limit} is at least, or at most, the bound."""
        given, bound = self.unit(outcome.given), (self.bound_unit or self.unit)(outcome.bound)
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
    Code.MARKET_INACTIVE: Refusal(409, "Market {given} takes no orders yet; try again when it has been opened."),
    Code.MARKET_IN_PLAY: Refusal(409, "Market {given} is in play already, so that this cannot be done any more."),
    Code.MARKET_VERSION_CHANGED: Refusal(
        409, "The market is at version {bound} now, not at {given}; look at it again before betting."
    ),
    Code.EXCHANGE_SUSPENDED: Refusal(409, "The whole exchange is suspended; try again when it has been resumed."),
    Code.RUNNER_SUSPENDED: Refusal(409, "Runner {given} is suspended; try again when it has been resumed."),
    Code.CURRENCY_MISMATCH: Refusal(422, "Currency {given} does not go with {bound} here (ISO 4217's numbers)."),
    Code.ORDER_TYPE_INVALID: Refusal(422, "An order of type {given} does not go with the market or the instruction."),
    Code.PERSISTENCE_INVALID: Refusal(422, "Persistence {given} does not go with the market or the order."),
    Code.TIME_IN_FORCE_INVALID: Refusal(422, "Time in force {given} does not go with the order."),
    Code.ORDERS_OVERLAP: Refusal(409, "It would meet order {given} of the same account; cancel that first."),
    Code.ORDER_DELAYED: Refusal(
        409, "Order {given} is held by the in-play delay until {bound}; try again then.", bound_unit=_moment
    ),
    Code.LADDER_INVALID: Refusal(422, "That is not done in a market whose ladder is {given}.", _ladder),
    Code.LINE_RESULT_INVALID: Refusal(
        422, "The line result {given} is not one for this market, whose line has {bound} positions."
    ),
    Code.DEAD_HEAT_INVALID: Refusal(
        422, "{given} runners were named in the dead heat, and {bound} places are left; there have to be more runners."
    ),
    Code.FACTOR_INVALID: Refusal(422, "Reduction factor {given} is out of range; {limit} is allowed."),
    Code.TRADE_UNKNOWN: Refusal(404, "The market has no trade {given}, or it is void already."),
    Code.NOT_SETTLED: Refusal(409, "Market {given} has no result yet that could be changed."),
    Code.RESULT_FINAL: Refusal(409, "The result of market {given} is final."),
    Code.HEARTBEAT_INVALID: Refusal(422, "A time-out of {given} ms is out of range; {limit} is allowed."),
    Code.DISCOUNT_INVALID: Refusal(422, "Discount {given} is out of range; {limit} basis points are allowed."),
    Code.WITHDRAWAL_UNKNOWN: Refusal(404, "No withdrawal {given} waits to be paid."),
    Code.SELF_EXCLUDED: Refusal(403, "The account is excluded {bound}.", bound_unit=_until),
    Code.TIMED_OUT: Refusal(403, "The account has a time-out {bound}.", bound_unit=_until),
    Code.DEPOSIT_LIMIT_EXCEEDED: Refusal(
        409, "Deposits would come to {given}, more than the limit of {bound}.", money_text
    ),
    Code.LOSS_LIMIT_EXCEEDED: Refusal(409, "Losses could come to {given}, more than the limit of {bound}.", money_text),
    Code.STAKE_LIMIT_EXCEEDED: Refusal(
        409, "Stakes would come to {given}, more than the limit of {bound}.", money_text
    ),
    Code.LIMIT_INVALID: Refusal(
        422, "The limit's kind, window or amount is out of range: {given} where {limit} is allowed."
    ),
    Code.DURATION_INVALID: Refusal(422, "A duration of {given} ms is out of range; {limit} is allowed."),
    Code.EXCLUSION_STANDS: Refusal(409, "The exclusion stands {bound}.", bound_unit=_until),
    Code.NOT_EXCLUDED: Refusal(409, "Account {given} is not excluded."),
    Code.PROTECTION_PENDING: Refusal(
        409, "What protects account {given} became tighter, and is not in force everywhere yet; try again in a moment."
    ),
    Code.ACCOUNT_IS_GUEST: Refusal(
        403, "Account {given} is a guest here; its wallet and its protection are kept on its home shard."
    ),
    Code.PERMIT_UNKNOWN: Refusal(404, "There is no such permit ({given}), or it has nothing to confirm."),
    Code.PERMIT_SEEN: Refusal(409, "Slice or return {given} was seen before; the last was {bound}."),
    Code.PERMIT_STOPPED: Refusal(403, "The permit of account {given} was stopped; no new bets are taken under it."),
    Code.PERMIT_INVALID: Refusal(422, "The slice or return is out of range: {given} where {limit} is allowed."),
}
"""Every code but OK. A test holds it complete against the contract."""
