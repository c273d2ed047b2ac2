"""listMarketBook: markets as they stand, from the shard itself.

Volumes are backers' stakes, each matched bet counted once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from services.contract.exchange.v1.exchange_pb2 import MarketImage, MarketStatus, PriceSize, RunnerImage
from services.gateway.matching import UnknownToShardError
from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import ApiError, invalid_input
from services.gateway.wire.figures import market_id_of, market_of, money, price
from services.gateway.wire.schemas import BookParams, PriceProjection

_MOST_MARKETS: Final = 40
_DEEPEST: Final = 10
_USUAL_DEPTH: Final = 3
_NO_PRICES: Final = PriceProjection.model_validate({})
_STATUS: Final[dict[int, str]] = {
    MarketStatus.INACTIVE: "INACTIVE",
    MarketStatus.OPEN: "OPEN",
    MarketStatus.SUSPENDED: "SUSPENDED",
    MarketStatus.SETTLED: "CLOSED",
    MarketStatus.VOIDED: "CLOSED",
}


async def list_market_book(caller: Caller, params: BookParams) -> list[dict[str, Any]]:
    """A book for each market asked for, in that order. A market that does not exist fails the call and is named."""
    _refuse_what_is_not_offered(params)
    if not 1 <= len(params.market_ids) <= _MOST_MARKETS:
        raise ApiError("TOO_MUCH_DATA", f"marketIds: {len(params.market_ids)} given; 1 to {_MOST_MARKETS} are taken")
    projection = params.price_projection or _NO_PRICES
    depth, data = _depth(projection), frozenset(projection.price_data or ())
    images = await asyncio.gather(*(_image(caller, market_id, depth) for market_id in params.market_ids))
    return [market_book(image, data) for image in images]


async def _image(caller: Caller, market_id: str, depth: int) -> MarketImage:
    try:
        return await caller.gateway.matching.market(market_of(market_id), depth)
    except UnknownToShardError:
        raise invalid_input(f"marketIds: there is no market {market_id}") from None


def _refuse_what_is_not_offered(params: BookParams) -> None:
    if params.order_projection is not None or params.match_projection is not None:
        raise invalid_input("orderProjection and matchProjection are not offered; use listCurrentOrders")
    projection = params.price_projection
    if projection is None:
        return
    if projection.rollover_stakes:
        raise invalid_input("priceProjection/rolloverStakes is not offered; sizes are those at each price")
    rollup = projection.ex_best_offers_overrides
    if rollup is not None and rollup.rollup_model not in {None, "NONE"}:
        raise invalid_input("priceProjection/exBestOffersOverrides/rollupModel is not offered; NONE is how it is done")


def _depth(projection: PriceProjection) -> int:
    """Prices a side to read; 0 for all."""
    if "EX_ALL_OFFERS" in (projection.price_data or ()):
        return 0
    overrides = projection.ex_best_offers_overrides
    depth = overrides.best_prices_depth if overrides and overrides.best_prices_depth is not None else _USUAL_DEPTH
    if not 1 <= depth <= _DEEPEST:
        raise invalid_input(f"bestPricesDepth {depth} is out of range; 1 to {_DEEPEST}, or EX_ALL_OFFERS")
    return depth


def market_book(image: MarketImage, data: frozenset[str]) -> dict[str, Any]:
    """A market as it stands; `data` says which prices are to be told."""
    return {
        "marketId": market_id_of(image.market),
        "isMarketDataDelayed": False,
        "status": _STATUS[image.status],
        "betDelay": 0,
        "bspReconciled": False,
        "complete": True,
        "inplay": image.in_play,
        "numberOfWinners": image.winners,
        "numberOfRunners": len(image.runners),
        "numberOfActiveRunners": sum(not runner.voided for runner in image.runners),
        "totalMatched": money(sum(_volume(runner.traded) for runner in image.runners)),
        "totalAvailable": money(sum(_volume(r.to_back) + _volume(r.to_lay) for r in image.runners)),
        "crossMatching": False,
        "runnersVoidable": True,
        "version": image.version,
        "runners": [_runner(runner, image.status, data) for runner in image.runners],
    }


def _runner(image: RunnerImage, market_status: int, data: frozenset[str]) -> dict[str, Any]:
    runner: dict[str, Any] = {
        "selectionId": image.runner,
        "handicap": 0.0,
        "status": _runner_status(image, market_status),
        "totalMatched": money(_volume(image.traded)),
    }
    if image.traded:
        runner["lastPriceTraded"] = price(image.last_price)
    offers = bool({"EX_BEST_OFFERS", "EX_ALL_OFFERS"} & data)
    if offers or "EX_TRADED" in data:
        runner["ex"] = {
            "availableToBack": _levels(image.to_back) if offers else [],
            "availableToLay": _levels(image.to_lay) if offers else [],
            "tradedVolume": _levels(image.traded) if "EX_TRADED" in data else [],
        }
    return runner


def _runner_status(image: RunnerImage, market_status: int) -> str:
    if image.voided:
        return "REMOVED"
    if market_status == MarketStatus.SETTLED:
        return "WINNER" if image.winner else "LOSER"
    return "ACTIVE"


def _volume(levels: Iterable[PriceSize]) -> int:
    return sum(level.size for level in levels)


def _levels(found: Iterable[PriceSize]) -> list[dict[str, float]]:
    return [{"price": price(level.price), "size": money(level.size)} for level in found]
