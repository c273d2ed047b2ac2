"""Results: which runners win, and how much of a bet's payout each brings."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.state import Market, RefusalError
from tests.core.model.world import check_runner


@dataclass(frozen=True, slots=True)
class Result:
    """A bet on a runner is paid `shares` of `parts` of its payout; on a line, what counts is the result."""

    shares: dict[int, int] = field(default_factory=dict)
    parts: int = 1
    line: int | None = None


def check_result(market: Market, body: x.SettleMarket | x.ResettleMarket) -> Result:
    """The result that a command names, if it is one for this market."""
    if market.is_line:
        return _line_result(market, body)
    if body.HasField("line_result"):
        raise RefusalError(x.LINE_RESULT_INVALID, body.line_result, 0)
    winners, dead_heat = list(body.winners), list(body.dead_heat)
    named = winners + dead_heat
    for runner in named:
        check_runner(market, runner)
    distinct = len(set(named))
    if market.terms.variable_winners and dead_heat:
        raise RefusalError(x.DEAD_HEAT_INVALID, len(dead_heat), 0)
    if market.terms.variable_winners or dead_heat:
        if distinct != len(named):
            raise RefusalError(x.WINNERS_INVALID, distinct, len(named))
    elif not len(named) == distinct == market.places:
        given = distinct if len(named) == market.places else len(named)
        raise RefusalError(x.WINNERS_INVALID, given, market.places)
    if not dead_heat:
        return Result(dict.fromkeys(winners, 1))
    places = market.places - len(winners)
    if not 0 < places < len(dead_heat):
        raise RefusalError(x.DEAD_HEAT_INVALID, len(dead_heat), places)
    parts = len(dead_heat)
    return Result(dict.fromkeys(winners, parts) | dict.fromkeys(dead_heat, places), parts)


def _line_result(market: Market, body: x.SettleMarket | x.ResettleMarket) -> Result:
    positions = market.terms.positions
    named = len(body.winners) + len(body.dead_heat)
    if named:
        raise RefusalError(x.WINNERS_INVALID, named, 0)
    if not body.HasField("line_result"):
        raise RefusalError(x.LINE_RESULT_INVALID, -1, positions)
    if body.line_result > positions:
        raise RefusalError(x.LINE_RESULT_INVALID, body.line_result, positions)
    return Result(line=body.line_result)
