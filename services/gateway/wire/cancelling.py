"""cancelOrders: named orders of a market, in whole or in part; all of a market; or all there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.contract.exchange.v1.exchange_pb2 import CancelOrder, Code, Command
from services.contract.exchange.v1.matching_pb2 import Placed
from services.gateway.keyring import derived_key
from services.gateway.matching import MOST_COMMANDS, UnknownToShardError
from services.gateway.quantities import QuantityError, parts_from
from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import invalid_input
from services.gateway.wire.figures import market_of, moment, money, order_of
from services.gateway.wire.keys import base_key
from services.gateway.wire.references import DuplicateReferenceError
from services.gateway.wire.reports import execution_report, instruction_error, request_error
from services.gateway.wire.schemas import CancelInstruction, CancelParams

MOST_INSTRUCTIONS: Final = 60
_Report = dict[str, Any]


async def cancel_orders(caller: Caller, params: CancelParams) -> _Report:
    """The execution report. Each instruction stands alone: a wrong one does not keep the others from being done."""
    market = None if params.market_id is None else market_of(params.market_id)
    if params.instructions:
        return await _cancel_named(caller, market, params, params.instructions)
    try:
        resting = [
            order for order in await caller.gateway.matching.orders(caller.account, market or 0) if order.remaining
        ]
    except UnknownToShardError:
        return execution_report(params.market_id, params.customer_ref, [], "INVALID_MARKET_ID")
    # Whatever rests is to go, so a repeat finds less to do: a reference adds nothing, and keys need not be kept.
    cancels = [CancelOrder(market=order.market, order=order.order) for order in resting]
    base = await base_key(caller, "cancel", None, b"")
    placed = await _submitted(caller, base, cancels)
    reports = [_report(each, {"betId": str(cancel.order)}) for each, cancel in zip(placed, cancels, strict=True)]
    return _whole(params, reports, placed)


async def _cancel_named(
    caller: Caller, market: int | None, params: CancelParams, instructions: Sequence[CancelInstruction]
) -> _Report:
    if market is None:
        raise invalid_input("marketId is required with instructions")
    if len(instructions) > MOST_INSTRUCTIONS:
        raise invalid_input(f"instructions: {len(instructions)} given; at most {MOST_INSTRUCTIONS} are taken")
    if len({instruction.bet_id for instruction in instructions}) < len(instructions):
        return _all_failed(params, instructions, "DUPLICATE_BETIDS")
    drafts = [_draft(market, instruction) for instruction in instructions]
    cancels = [draft for draft in drafts if isinstance(draft, CancelOrder)]
    payload = b"".join(cancel.SerializeToString(deterministic=True) for cancel in cancels)
    try:
        base = await base_key(caller, "cancel", params.customer_ref, payload)
    except DuplicateReferenceError:
        return _all_failed(params, instructions, "DUPLICATE_TRANSACTION")
    placed = await _submitted(caller, base, cancels)
    answers = iter(placed)
    reports = [
        _failure(draft, _echo(instruction)) if isinstance(draft, str) else _report(next(answers), _echo(instruction))
        for draft, instruction in zip(drafts, instructions, strict=True)
    ]
    return _whole(params, reports, placed)


def _draft(market: int, instruction: CancelInstruction) -> CancelOrder | str:
    """The command's body, or the format's word for what is wrong with the instruction."""
    order = order_of(instruction.bet_id)
    if order is None:
        return "INVALID_BET_ID"
    try:
        reduction = 0 if instruction.size_reduction is None else parts_from(instruction.size_reduction, "sizeReduction")
    except QuantityError:
        return "INVALID_BET_SIZE"
    return CancelOrder(market=market, order=order, reduction=reduction)


async def _submitted(caller: Caller, base: bytes, cancels: Sequence[CancelOrder]) -> list[Placed]:
    commands = [
        Command(key=derived_key(base, "cancel", str(cancel.order)), account=caller.account, cancel_order=cancel)
        for cancel in cancels
    ]
    placed: list[Placed] = []
    for start in range(0, len(commands), MOST_COMMANDS):
        placed += await caller.gateway.matching.submit(commands[start : start + MOST_COMMANDS])
    return placed


def _whole(params: CancelParams, reports: list[_Report], placed: Sequence[Placed]) -> _Report:
    error = request_error({each.outcome.code for each in placed} - {Code.OK}) if reports else None
    return execution_report(params.market_id, params.customer_ref, reports, error)


def _all_failed(params: CancelParams, instructions: Sequence[CancelInstruction], error: str) -> _Report:
    reports = [_failure("ERROR_IN_ORDER", _echo(instruction)) for instruction in instructions]
    return execution_report(params.market_id, params.customer_ref, reports, error)


def _failure(word: str, instruction: _Report) -> _Report:
    return {"status": "FAILURE", "errorCode": word, "instruction": instruction}


def _report(placed: Placed, instruction: _Report) -> _Report:
    outcome = placed.outcome
    if outcome.code != Code.OK:
        return _failure(instruction_error(outcome.code), instruction)
    return {
        "status": "SUCCESS",
        "instruction": instruction,
        "sizeCancelled": money(outcome.cancelled),
        "cancelledDate": moment(placed.time_ms),
    }


def _echo(instruction: CancelInstruction) -> _Report:
    return instruction.model_dump(by_alias=True, exclude_none=True)
