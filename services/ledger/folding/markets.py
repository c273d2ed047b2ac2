"""Markets and their runners: terms, suspensions, results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import (
    Ladder,
    MarketFinal,
    MarketOpened,
    MarketResettled,
    MarketSettled,
    MarketVoided,
    OpenMarket,
    Reduction,
    RunnerRemoved,
    RunnerVoided,
    SelfMatch,
    StartingPrice,
    SuspensionSet,
    TurnedInPlay,
)
from services.ledger.changes import Bets, EventName, Put, Row, RunnerChange
from services.ledger.folding.lots import Lots, Take
from services.ledger.terms import MarketStatus

_AS_THEY_ARE: Final = (
    "name", "event", "event_type", "start_time_ms", "winners", "commission_bp", "minimum_stake", "currency",
    "positions", "line_minimum", "line_interval", "variable_winners", "starting_price", "cross_matching",
    "in_play_delay_ms", "passive_delay",
)  # fmt: skip
"""Terms with a column of their name."""


def _market_opened(event: MarketOpened, name: EventName, lots: Lots) -> None:
    key = {"shard": name.shard, "market": event.market}
    status = MarketStatus.INACTIVE if event.terms.inactive else MarketStatus.OPEN
    lots.now.markets.append({**key, **_terms(event.terms), "status": status, "opened_ms": name.time_ms})
    for position, runner in enumerate(event.terms.runners):
        lots.now.runners.append({**key, "runner": runner.id, "position": position, "name": runner.name})


def _terms(terms: OpenMarket) -> Row:
    return {
        **{name: getattr(terms, name) for name in _AS_THEY_ARE},
        "ladder": Ladder.Name(terms.ladder).removeprefix("LADDER_"),
        "self_match": SelfMatch.Name(terms.self_match).removeprefix("SELF_MATCH_"),
        "reduction": Reduction.Name(terms.reduction).removeprefix("REDUCTION_"),
    }


# ---------------------------------------------------------------- while they run


def _suspension_set(event: SuspensionSet, name: EventName, lots: Lots) -> None:
    """Of the whole exchange, of a runner, or of a market, which is not inactive then any more."""
    if not event.market:
        values = {"suspended": event.suspended, "since_ms": name.time_ms}
        lots.now.puts.append(Put("shards", {"shard": name.shard}, values))
    elif event.runner:
        _change_runner(lots, name, event.market, event.runner, suspended=event.suspended)
    else:
        status = MarketStatus.SUSPENDED if event.suspended else MarketStatus.OPEN
        lots.now.market(name.shard, event.market)["status"] = status


def _turned_in_play(event: TurnedInPlay, name: EventName, lots: Lots) -> None:
    lots.now.market(name.shard, event.market)["turned_in_play_ms"] = name.time_ms


def _starting_price(event: StartingPrice, name: EventName, lots: Lots) -> None:
    _change_runner(lots, name, event.market, event.runner, starting_price=event.price, starting_size=event.size)


def _runner_voided(event: RunnerVoided, name: EventName, lots: Lots) -> None:
    _change_runner(lots, name, event.market, event.runner, voided=True)
    _lose_bets(lots, name, event.market, event.runner)


def _runner_removed(event: RunnerRemoved, name: EventName, lots: Lots) -> None:
    _change_runner(lots, name, event.market, event.runner, voided=True, factor_bp=event.factor_bp)
    _lose_bets(lots, name, event.market, event.runner)


def _lose_bets(lots: Lots, name: EventName, market: int, runner: int) -> None:
    lots.gone.add((market, runner))
    lots.change_bets(Bets(name, market, runner))


def _change_runner(lots: Lots, name: EventName, market: int, runner: int | None, **values: object) -> None:
    lots.now.runner_changes.append(RunnerChange(name.shard, market, runner, values))


# ---------------------------------------------------------------- results


def _market_settled(event: MarketSettled, name: EventName, lots: Lots) -> None:
    _end(lots, name, event.market, MarketStatus.SETTLED, event.source)
    _set_result(lots, name, event)


def _market_voided(event: MarketVoided, name: EventName, lots: Lots) -> None:
    _end(lots, name, event.market, MarketStatus.VOIDED, event.reason)
    lots.change_bets(Bets(name, event.market, None))


def _end(lots: Lots, name: EventName, market: int, status: MarketStatus, because: str) -> None:
    """Under rules 1 a result is final at once, and no event says so."""
    final_ms = name.time_ms if lots.rules == 1 else None
    lots.now.market(name.shard, market).update(
        status=status, ended_ms=name.time_ms, ended_because=because, final_ms=final_ms
    )


def _market_resettled(event: MarketResettled, name: EventName, lots: Lots) -> None:
    """Another result, or none: the bets of a market that was void are in force again, or void now."""
    status = MarketStatus.VOIDED if event.voided else MarketStatus.SETTLED
    lots.now.resettlements[name.shard, event.market] += 1
    lots.now.market(name.shard, event.market).update(
        status=status, ended_because=event.source, resettled_ms=name.time_ms
    )
    _change_runner(lots, name, event.market, None, winner=False, dead_heat=False)
    _set_result(lots, name, event)
    lots.change_bets(Bets(name, event.market, None, void=event.voided))


def _set_result(lots: Lots, name: EventName, event: MarketSettled | MarketResettled) -> None:
    result = event.line_result if event.HasField("line_result") else None
    lots.now.market(name.shard, event.market)["line_result"] = result
    for runner in event.winners:
        _change_runner(lots, name, event.market, runner, winner=True)
    for runner in event.dead_heat:
        _change_runner(lots, name, event.market, runner, winner=True, dead_heat=True)


def _market_final(event: MarketFinal, name: EventName, lots: Lots) -> None:
    lots.now.market(name.shard, event.market)["final_ms"] = name.time_ms


TAKES: Final[Mapping[str, Take]] = {
    "market_opened": _market_opened,
    "suspension_set": _suspension_set,
    "turned_in_play": _turned_in_play,
    "starting_price": _starting_price,
    "runner_voided": _runner_voided,
    "runner_removed": _runner_removed,
    "market_settled": _market_settled,
    "market_voided": _market_voided,
    "market_resettled": _market_resettled,
    "market_final": _market_final,
}
