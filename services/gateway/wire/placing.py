"""placeOrders: up to 200 limit orders on one market, checked together, then submitted together."""

from __future__ import annotations

from typing import Any, Final

from services.contract.exchange.v1.exchange_pb2 import Code, Command, PlaceOrder, Side
from services.contract.exchange.v1.matching_pb2 import Placed
from services.gateway.keyring import derived_key
from services.gateway.quantities import QuantityError, average_price, parts_from, tick_from
from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import invalid_input
from services.gateway.wire.figures import market_of, moment, money
from services.gateway.wire.keys import base_key
from services.gateway.wire.references import DuplicateReferenceError
from services.gateway.wire.reports import execution_report, instruction_error, request_error
from services.gateway.wire.schemas import LimitOrder, PlaceInstruction, PlaceParams

MOST_INSTRUCTIONS: Final = 200
_SIDES: Final = {"BACK": Side.SIDE_BACK, "LAY": Side.SIDE_LAY}
_LARGEST_ID: Final = 2**63 - 1


class _WrongError(Exception):
    """An instruction that cannot be accepted; the message is the format's word for why."""


async def place_orders(caller: Caller, params: PlaceParams) -> dict[str, Any]:
    """The execution report. An instruction that is wrong in itself stops the whole request before anything is
    submitted; what only the exchange can refuse (funds, a suspension) is refused order by order."""
    market, account = market_of(params.market_id), caller.account
    _refuse_what_is_not_offered(params)
    drafts = [_draft(market, instruction) for instruction in params.instructions]
    if any(isinstance(draft, _WrongError) for draft in drafts):
        return _all_failed(params, [str(d) if isinstance(d, _WrongError) else "ERROR_IN_ORDER" for d in drafts])
    orders = [draft for draft in drafts if isinstance(draft, PlaceOrder)]
    payload = b"".join(order.SerializeToString(deterministic=True) for order in orders)
    try:
        base = await base_key(caller, "place", params.customer_ref, payload)
    except DuplicateReferenceError:
        return _all_failed(params, ["ERROR_IN_ORDER"] * len(orders), "DUPLICATE_TRANSACTION")
    commands = [
        Command(key=derived_key(base, "place", str(index)), account=account, place_order=order)
        for index, order in enumerate(orders)
    ]
    placed = await caller.gateway.matching.submit(commands)
    reports = [_report(each, instruction) for each, instruction in zip(placed, params.instructions, strict=True)]
    error = request_error({each.outcome.code for each in placed} - {Code.OK})
    return execution_report(params.market_id, params.customer_ref, reports, error)


def _refuse_what_is_not_offered(params: PlaceParams) -> None:
    if not 1 <= len(params.instructions) <= MOST_INSTRUCTIONS:
        raise invalid_input(f"instructions: {len(params.instructions)} given; 1 to {MOST_INSTRUCTIONS} are taken")
    if params.async_:
        raise invalid_input("async: orders are answered when they are in the log; leave it out")
    if params.market_version is not None:
        raise invalid_input("marketVersion is not offered yet; leave it out")
    if params.customer_strategy_ref is not None:
        raise invalid_input("customerStrategyRef is not offered yet; leave it out")
    for index, instruction in enumerate(params.instructions):
        _refuse_in_instruction(f"instructions/{index}", instruction)


def _refuse_in_instruction(where: str, instruction: PlaceInstruction) -> None:
    if instruction.customer_order_ref is not None:
        raise invalid_input(f"{where}/customerOrderRef is not offered yet; leave it out")
    if instruction.order_type != "LIMIT":
        return
    if instruction.limit_on_close_order is not None or instruction.market_on_close_order is not None:
        raise invalid_input(f"{where}: an order of type LIMIT has a limitOrder and no other")
    limit = instruction.limit_order
    if limit is None:
        raise invalid_input(f"{where}/limitOrder: an order of type LIMIT needs it")
    if limit.time_in_force is not None or limit.min_fill_size is not None:
        raise invalid_input(
            f"{where}/limitOrder/timeInForce: fill-or-kill is not offered yet; leave it and minFillSize out"
        )
    if limit.bet_target_type is not None or limit.bet_target_size is not None:
        raise invalid_input(f"{where}/limitOrder/betTargetType: target sizes are not offered; give size")
    if limit.size is None:
        raise invalid_input(f"{where}/limitOrder/size is required")


def _draft(market: int, instruction: PlaceInstruction) -> PlaceOrder | _WrongError:
    try:
        return _order(market, instruction)
    except _WrongError as error:
        return error


def _order(market: int, instruction: PlaceInstruction) -> PlaceOrder:
    limit = instruction.limit_order
    if instruction.order_type != "LIMIT" or limit is None or limit.size is None:
        raise _WrongError("MARKET_NOT_OPEN_FOR_BSP_BETTING")
    if instruction.handicap or not 1 <= instruction.selection_id <= _LARGEST_ID:
        raise _WrongError("INVALID_RUNNER")
    if limit.persistence_type not in {None, "LAPSE"}:
        raise _WrongError("INVALID_PERSISTENCE_TYPE")
    tick, size = _tick(limit), _size(limit)
    return PlaceOrder(
        market=market, runner=instruction.selection_id, side=_SIDES[instruction.side], price=tick, size=size
    )


def _tick(limit: LimitOrder) -> int:
    try:
        return tick_from(limit.price)
    except QuantityError:
        raise _WrongError("INVALID_ODDS") from None


def _size(limit: LimitOrder) -> int:
    try:
        return parts_from(limit.size, "size") if limit.size is not None else 0
    except QuantityError:
        raise _WrongError("INVALID_BET_SIZE") from None


def _all_failed(params: PlaceParams, errors: list[str], error: str = "BET_ACTION_ERROR") -> dict[str, Any]:
    reports = [
        {"status": "FAILURE", "errorCode": word, "instruction": _echo(instruction)}
        for word, instruction in zip(errors, params.instructions, strict=True)
    ]
    return execution_report(params.market_id, params.customer_ref, reports, error)


def _report(placed: Placed, instruction: PlaceInstruction) -> dict[str, Any]:
    outcome = placed.outcome
    if outcome.code != Code.OK:
        return {"status": "FAILURE", "errorCode": instruction_error(outcome.code), "instruction": _echo(instruction)}
    return {
        "status": "SUCCESS",
        "instruction": _echo(instruction),
        "betId": str(outcome.id),
        "placedDate": moment(placed.time_ms),
        "averagePriceMatched": float(average_price(outcome.matched, outcome.matched_payout)),
        "sizeMatched": money(outcome.matched),
        "orderStatus": "EXECUTABLE" if outcome.remaining else "EXECUTION_COMPLETE",
    }


def _echo(instruction: PlaceInstruction) -> dict[str, Any]:
    return instruction.model_dump(by_alias=True, exclude_none=True)
