"""Execution reports: what came of a request as a whole, and of each of its instructions."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Final

from services.contract.exchange.v1.exchange_pb2 import Code

_IN_ORDER: Final = "ERROR_IN_ORDER"
_ACTION: Final = "BET_ACTION_ERROR"

# Code -> (error of the whole request, when every instruction failed by it; error of the instruction).
_ERRORS: Final[dict[int, tuple[str, str]]] = {
    Code.KEY_REUSED: ("DUPLICATE_TRANSACTION", _IN_ORDER),
    Code.ACCOUNT_UNKNOWN: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.ACCOUNT_NOT_VERIFIED: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.ACCOUNT_BLOCKED: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.INSUFFICIENT_FUNDS: ("INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"),
    Code.MARKET_UNKNOWN: ("INVALID_MARKET_ID", _IN_ORDER),
    Code.MARKET_SUSPENDED: ("MARKET_SUSPENDED", "MARKET_NOT_OPEN_FOR_BETTING"),
    Code.MARKET_CLOSED: ("MARKET_NOT_OPEN_FOR_BETTING", "MARKET_NOT_OPEN_FOR_BETTING"),
    Code.RUNNER_UNKNOWN: (_ACTION, "INVALID_RUNNER"),
    Code.RUNNER_VOIDED: (_ACTION, "RUNNER_REMOVED"),
    Code.PRICE_INVALID: (_ACTION, "INVALID_ODDS"),
    Code.SIZE_INVALID: (_ACTION, "INVALID_BET_SIZE"),
    Code.ORDER_UNKNOWN: (_ACTION, "INVALID_BET_ID"),
    Code.ORDER_COMPLETE: (_ACTION, "BET_TAKEN_OR_LAPSED"),
    Code.CAPACITY_REACHED: ("ERROR_IN_MATCHER", "ERROR_IN_MATCHER"),
    Code.MARKET_INACTIVE: ("MARKET_NOT_OPEN_FOR_BETTING", "MARKET_NOT_OPEN_FOR_BETTING"),
    Code.MARKET_IN_PLAY: (_ACTION, "MARKET_NOT_OPEN_FOR_BSP_BETTING"),
    Code.MARKET_VERSION_CHANGED: ("INVALID_MARKET_VERSION", _IN_ORDER),
    Code.EXCHANGE_SUSPENDED: ("MARKET_SUSPENDED", "MARKET_NOT_OPEN_FOR_BETTING"),
    Code.RUNNER_SUSPENDED: (_ACTION, "MARKET_NOT_OPEN_FOR_BETTING"),
    Code.CURRENCY_MISMATCH: ("INVALID_WALLET_STATUS", _IN_ORDER),
    Code.ORDER_TYPE_INVALID: (_ACTION, "INVALID_ORDER_TYPE"),
    Code.PERSISTENCE_INVALID: (_ACTION, "INVALID_PERSISTENCE_TYPE"),
    Code.TIME_IN_FORCE_INVALID: (_ACTION, "TIME_IN_FORCE_CONFLICT"),
    Code.ORDERS_OVERLAP: (_ACTION, "INVALID_BACK_LAY_COMBINATION"),
    Code.ORDER_DELAYED: (_ACTION, "BET_IN_PROGRESS"),
    Code.LADDER_INVALID: (_ACTION, "INVALID_ODDS"),
    Code.SELF_EXCLUDED: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.TIMED_OUT: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.ACCOUNT_IS_GUEST: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.PERMIT_STOPPED: ("INVALID_ACCOUNT_STATE", _IN_ORDER),
    Code.LOSS_LIMIT_EXCEEDED: ("LOSS_LIMIT_EXCEEDED", "LOSS_LIMIT_EXCEEDED"),
    Code.STAKE_LIMIT_EXCEEDED: ("LOSS_LIMIT_EXCEEDED", "LOSS_LIMIT_EXCEEDED"),  # the format has no word of its own
}
_OTHERWISE: Final = (_ACTION, _IN_ORDER)
"""For what is wrong with a command rather than with a bet, and for what no betting request asks for."""


def instruction_error(code: int) -> str:
    """The format's word, in an instruction's report, for one of the core's refusals."""
    return _ERRORS.get(code, _OTHERWISE)[1]


def request_error(codes: AbstractSet[int]) -> str:
    """The format's word, in the report of a request all of whose instructions failed, for these refusals."""
    words = {_ERRORS.get(code, _OTHERWISE)[0] for code in codes}
    return words.pop() if len(words) == 1 else _ACTION


def execution_report(
    market_id: str | None, customer_ref: str | None, reports: list[dict[str, Any]], error: str | None = None
) -> dict[str, Any]:
    """The report of a whole request. `error` is used when every instruction failed."""
    report: dict[str, Any] = {"status": "SUCCESS", "instructionReports": reports}
    failed = sum(each["status"] != "SUCCESS" for each in reports)
    if error is not None and failed == len(reports):
        report |= {"status": "FAILURE", "errorCode": error}
    elif failed:
        report |= {"status": "PROCESSED_WITH_ERRORS", "errorCode": "PROCESSED_WITH_ERRORS"}
    if market_id is not None:
        report["marketId"] = market_id
    if customer_ref is not None:
        report["customerRef"] = customer_ref
    return report
