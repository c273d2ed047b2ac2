"""The parameters of the methods, in the format's own names.

What is unknown is refused here; what is known but not offered is refused by name where it would be used, so that the
client learns which feature it is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from services.gateway.quantities import LARGEST_EXPONENT


def _exact(value: Any) -> Decimal:  # noqa: ANN401  (whatever JSON held)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("has to be a number")
    number = Decimal(value)
    if number.adjusted() > LARGEST_EXPONENT:
        raise ValueError("is out of range")
    return number


Number = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(float, return_type=float)]
"""A JSON number as the exact decimal that was written; a float only on its way out."""
Moment = Annotated[AwareDatetime, Field(strict=False)]
Words = list[str]


class Params(BaseModel):
    """Parameters by name, of exactly the types of the format."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class NoParams(Params):
    """A method that takes nothing."""


class TimeRange(Params):
    """From (included) to (included); either may be open."""

    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None


class MarketFilter(Params):
    """Which markets. An absent or empty condition lets every market pass."""

    text_query: str | None = None
    exchange_ids: Words | None = None
    event_type_ids: Words | None = None
    event_ids: Words | None = None
    competition_ids: Words | None = None
    market_ids: Words | None = None
    venues: Words | None = None
    bsp_only: bool | None = None
    turn_in_play_enabled: bool | None = None
    in_play_only: bool | None = None
    market_betting_types: Words | None = None
    market_countries: Words | None = None
    market_type_codes: Words | None = None
    market_start_time: TimeRange | None = None
    with_orders: Words | str | None = None
    race_types: Words | None = None
    bet_delay_models: Words | None = None


class ListParams(Params):
    """listEventTypes and listEvents."""

    filter: MarketFilter
    locale: str | None = None


class CatalogueParams(ListParams):
    """listMarketCatalogue."""

    market_projection: (
        list[
            Literal[
                "COMPETITION",
                "EVENT",
                "EVENT_TYPE",
                "MARKET_START_TIME",
                "MARKET_DESCRIPTION",
                "RUNNER_DESCRIPTION",
                "RUNNER_METADATA",
            ]
        ]
        | None
    ) = None
    sort: str | None = None
    max_results: int


class BestOffersOverrides(Params):
    """How deep the best offers go."""

    best_prices_depth: int | None = None
    rollup_model: str | None = None
    rollup_limit: int | None = None
    rollup_liability_threshold: Number | None = None
    rollup_liability_factor: int | None = None


class PriceProjection(Params):
    """Which prices of the book."""

    price_data: list[Literal["SP_AVAILABLE", "SP_TRADED", "EX_BEST_OFFERS", "EX_ALL_OFFERS", "EX_TRADED"]] | None = None
    ex_best_offers_overrides: BestOffersOverrides | None = None
    virtualise: bool | None = None
    rollover_stakes: bool | None = None


class BookParams(Params):
    """listMarketBook."""

    market_ids: Words
    price_projection: PriceProjection | None = None
    order_projection: str | None = None
    match_projection: str | None = None
    include_overall_position: bool | None = None
    partition_matched_by_strategy_ref: bool | None = None
    customer_strategy_refs: Words | None = None
    currency_code: str | None = None
    locale: str | None = None
    matched_since: str | None = None
    bet_ids: Words | None = None


class LimitOrder(Params):
    """An order at a limit."""

    size: Number | None = None
    price: Number
    persistence_type: Literal["LAPSE", "PERSIST", "MARKET_ON_CLOSE"] | None = None
    time_in_force: str | None = None
    min_fill_size: Number | None = None
    bet_target_type: str | None = None
    bet_target_size: Number | None = None


class OnCloseOrder(Params):
    """An order at the starting price."""

    liability: Number
    price: Number | None = None


class PlaceInstruction(Params):
    """One order of placeOrders."""

    selection_id: int
    handicap: Number | None = None
    side: Literal["BACK", "LAY"]
    order_type: Literal["LIMIT", "LIMIT_ON_CLOSE", "MARKET_ON_CLOSE"]
    limit_order: LimitOrder | None = None
    limit_on_close_order: OnCloseOrder | None = None
    market_on_close_order: OnCloseOrder | None = None
    customer_order_ref: str | None = None


class MarketVersion(Params):
    """The version of a market that a client has seen."""

    version: int


class PlaceParams(Params):
    """placeOrders."""

    market_id: str
    instructions: list[PlaceInstruction]
    customer_ref: str | None = None
    market_version: MarketVersion | None = None
    customer_strategy_ref: str | None = None
    async_: bool | None = Field(default=None, alias="async")


class CancelInstruction(Params):
    """One order of cancelOrders."""

    bet_id: str
    size_reduction: Number | None = None


class CancelParams(Params):
    """cancelOrders: some orders of a market, all of a market, or all."""

    market_id: str | None = None
    instructions: list[CancelInstruction] | None = None
    customer_ref: str | None = None


class CurrentOrdersParams(Params):
    """listCurrentOrders."""

    bet_ids: Words | None = None
    market_ids: Words | None = None
    order_projection: Literal["ALL", "EXECUTABLE", "EXECUTION_COMPLETE"] | None = None
    customer_order_refs: Words | None = None
    customer_strategy_refs: Words | None = None
    date_range: TimeRange | None = None
    order_by: str | None = None
    sort_dir: Literal["EARLIEST_TO_LATEST", "LATEST_TO_EARLIEST"] | None = None
    from_record: int | None = None
    record_count: int | None = None
    include_item_description: bool | None = None


class FundsParams(Params):
    """getAccountFunds."""

    wallet: str | None = None
