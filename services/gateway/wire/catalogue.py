"""What there is to bet on: event types, events and markets, from the ledger's catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from services.gateway.rest.schemas import time_ms
from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import invalid_input
from services.gateway.wire.figures import market_id_of, market_of, moment, name_id
from services.gateway.wire.schemas import CatalogueParams, ListParams, MarketFilter
from services.ledger.reading import MarketRow

_PUBLISHED: Final = ("OPEN", "SUSPENDED")
_MOST_MARKETS: Final = 10_000
_MOST_RESULTS: Final = 1_000
_ORDERS: Final = {None: 1, "FIRST_TO_START": 1, "LAST_TO_START": -1}


async def list_event_types(caller: Caller, params: ListParams) -> list[dict[str, Any]]:
    """The event types of the markets that the filter lets pass, and how many markets each has."""
    groups = defaultdict(list)
    for market in await _markets(caller, params.filter):
        groups[market.event_type].append(market)
    return [{"eventType": _event_type(name), "marketCount": len(found)} for name, found in groups.items()]


async def list_events(caller: Caller, params: ListParams) -> list[dict[str, Any]]:
    """The events of the markets that the filter lets pass, and how many markets each has."""
    groups = defaultdict(list)
    for market in await _markets(caller, params.filter):
        groups[_event_id(market)].append(market)
    return [{"event": _event(found[0]), "marketCount": len(found)} for found in groups.values()]


async def list_market_catalogue(caller: Caller, params: CatalogueParams) -> list[dict[str, Any]]:
    """Markets that are open or suspended, with as much about each as was asked for."""
    if not 1 <= params.max_results <= _MOST_RESULTS:
        raise invalid_input(f"maxResults {params.max_results} is out of range; 1 to {_MOST_RESULTS} are given")
    if params.sort not in _ORDERS:
        raise invalid_input(f"sort {str(params.sort)[:40]!r} is not offered; use FIRST_TO_START or LAST_TO_START")
    found = (await _markets(caller, params.filter))[:: _ORDERS[params.sort]]
    wanted = frozenset(params.market_projection or ())
    return [_entry(market, wanted) for market in found[: params.max_results]]


async def _markets(caller: Caller, chosen: MarketFilter) -> list[MarketRow]:
    """Published markets that the filter lets pass, soonest start first."""
    if chosen.with_orders is not None:
        raise invalid_input("filter/withOrders is not offered; use listCurrentOrders")
    ids = [market_of(market_id) for market_id in chosen.market_ids] if chosen.market_ids else None
    if _asks_for_what_no_market_has(chosen):
        return []
    ledger, text = caller.gateway.ledger, chosen.text_query or None
    rows = await run_in_threadpool(lambda: ledger.markets(ids=ids, text=text, statuses=_PUBLISHED, limit=_MOST_MARKETS))
    return [row for row in rows if _passes(row, chosen)]


def _asks_for_what_no_market_has(chosen: MarketFilter) -> bool:
    """Conditions that no market of this exchange meets: there are no competitions, venues, countries, races or delay
    models, no starting prices, and nothing turns in play."""
    absent = (
        chosen.competition_ids,
        chosen.venues,
        chosen.market_countries,
        chosen.race_types,
        chosen.bet_delay_models,
    )
    kinds = chosen.market_betting_types
    return any((*absent, chosen.bsp_only, chosen.turn_in_play_enabled, chosen.in_play_only)) or bool(
        kinds and "ODDS" not in kinds
    )


def _passes(row: MarketRow, chosen: MarketFilter) -> bool:
    start = chosen.market_start_time
    return (
        (not chosen.event_type_ids or name_id(row.event_type) in chosen.event_type_ids)
        and (not chosen.event_ids or _event_id(row) in chosen.event_ids)
        and (not chosen.market_type_codes or _market_type(row) in chosen.market_type_codes)
        and (start is None or start.from_ is None or row.start_time_ms >= time_ms(start.from_))
        and (start is None or start.to is None or row.start_time_ms <= time_ms(start.to))
    )


def _entry(market: MarketRow, wanted: Iterable[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"marketId": market_id_of(market.market), "marketName": market.name}
    if "MARKET_START_TIME" in wanted:
        entry["marketStartTime"] = moment(market.start_time_ms)
    if "EVENT" in wanted:
        entry["event"] = _event(market)
    if "EVENT_TYPE" in wanted:
        entry["eventType"] = _event_type(market.event_type)
    if "MARKET_DESCRIPTION" in wanted:
        entry["description"] = _description(market)
    if "RUNNER_DESCRIPTION" in wanted or "RUNNER_METADATA" in wanted:
        entry["runners"] = _runners(market, "RUNNER_METADATA" in wanted)
    return entry


def _runners(market: MarketRow, with_metadata: bool) -> list[dict[str, Any]]:
    return [
        {
            "selectionId": runner.id,
            "runnerName": runner.name,
            "handicap": 0.0,
            "sortPriority": place,
            **({"metadata": {"runnerId": str(runner.id)}} if with_metadata else {}),
        }
        for place, runner in enumerate(market.runners, start=1)
    ]


def _description(market: MarketRow) -> dict[str, Any]:
    return {
        "bettingType": "ODDS",
        "bspMarket": False,
        "marketTime": moment(market.start_time_ms),
        "suspendTime": moment(market.start_time_ms),
        "turnInPlayEnabled": False,
        "persistenceEnabled": False,
        "marketType": _market_type(market),
        "marketBaseRate": market.commission_bp / 100,
        "discountAllowed": False,
        "priceLadderDescription": {"type": "CLASSIC"},
    }


def _market_type(market: MarketRow) -> str:
    return "WIN" if market.winners == 1 else "PLACE"


def _event_type(name: str) -> dict[str, Any]:
    return {"id": name_id(name), "name": name}


def _event_id(market: MarketRow) -> str:
    return name_id(market.event_type, market.event)


def _event(market: MarketRow) -> dict[str, Any]:
    start = moment(market.start_time_ms)
    return {"id": _event_id(market), "name": market.event, "timezone": "UTC", "openDate": start}
