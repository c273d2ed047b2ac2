"""Markets: operators open, suspend, void and settle them; everybody sees the catalogue and the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from services.contract.exchange.v1.exchange_pb2 import (
    Command,
    MarketImage,
    MarketStatus,
    OpenMarket,
    PriceSize,
    Runner,
    RunnerImage,
    SetSuspension,
    SettleMarket,
    VoidMarket,
    VoidRunner,
)
from services.gateway.context import Gateway
from services.gateway.errors import ProblemError, responses
from services.gateway.quantities import money_text, price_text
from services.gateway.rest.commands import OPERATOR, Key, carried_out, done, log_position
from services.gateway.rest.schemas import LARGEST_ID, Amount, Asked, Done, Id, Name, Text, Told, time_ms, utc
from services.gateway.rest.security import Caller, Operator
from services.ledger.reading import MarketRow

router = APIRouter(prefix="/v1/markets", tags=["markets"])
MarketInPath = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The market's number.", examples=[1])]


class NewRunner(Asked):
    """Something that can win."""

    id: Id = Field(examples=[101])
    name: Name = Field(examples=["Sliema Wanderers"])


class NewMarket(Asked):
    """The terms of a market."""

    name: Name = Field(examples=["Match odds"])
    event: Name = Field(examples=["Valletta v Sliema Wanderers"])
    event_type: Name = Field(examples=["Football"])
    start_time: AwareDatetime = Field(strict=False, description="With its zone.", examples=["2027-01-02T15:00:00Z"])
    runners: list[NewRunner] = Field(min_length=1, max_length=1_000)
    winners: int = Field(default=1, ge=1, description="How many runners win.")
    commission_bp: int = Field(default=500, ge=0, le=2_000, description="Basis points of net winnings.")
    minimum_stake: Amount = Field(default="1.00", validate_default=True)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        ids = [runner.id for runner in self.runners]
        if repeated := [each for each, count in Counter(ids).items() if count > 1]:
            raise PydanticCustomError("MARKET_INVALID", "runner id {id} is given twice", {"id": repeated[0]})
        if self.winners > len(ids):
            counts = {"winners": self.winners, "runners": len(ids)}
            raise PydanticCustomError("MARKET_INVALID", "{winners} winners of {runners} runners", counts)
        return self


class MarketOpened(Done):
    """A new market, open for betting."""

    market: int = Field(examples=[1])


class Suspension(Asked):
    """Whether betting is to be stopped for now."""

    suspended: bool


class Settlement(Asked):
    """A result."""

    winners: list[Id] = Field(min_length=1, max_length=1_000, description="The runners that won.")
    source: Text = Field(description="Where the result was published.", examples=["Malta FA, official match report 17"])


class Voiding(Asked):
    """Why a market is declared void."""

    reason: Text = Field(examples=["The match was abandoned."])


class CatalogueRunner(Told):
    """A runner as listed."""

    id: int
    name: str
    voided: bool
    winner: bool


class Market(Told):
    """A market of the catalogue. It trails the shard by the projection's lag."""

    market: int
    name: str
    event: str
    event_type: str
    start_time: datetime
    status: str = Field(examples=["OPEN", "SUSPENDED", "SETTLED", "VOIDED", "INACTIVE"])
    winners: int
    commission_bp: int
    minimum_stake: str
    runners: list[CatalogueRunner]


class Level(Told):
    """A price and the stake there."""

    price: str
    size: str


class RunnerBook(Told):
    """One runner's offers and trades."""

    runner: int
    status: Literal["ACTIVE", "VOIDED", "WINNER", "LOSER"]
    to_back: list[Level] = Field(description="What a backer can take, best price first.")
    to_lay: list[Level] = Field(description="What a layer can take, best price first.")
    traded: list[Level]
    last_price: str | None


class Book(Told):
    """A market's book as the shard has it now."""

    market: int
    status: str
    version: int = Field(description="Grows with every change of the market.")
    winners: int
    minimum_stake: str
    runners: list[RunnerBook]


@router.post("", status_code=201, summary="Open a market", responses=responses(400, 401, 403, 409, 422))
async def open_market(new: NewMarket, _: Operator, key: Key, gateway: Gateway) -> MarketOpened:
    """For operators. The runners' ids are the operator's, unique within the market."""
    terms = OpenMarket(
        name=new.name,
        event=new.event,
        event_type=new.event_type,
        start_time_ms=time_ms(new.start_time),
        runners=[Runner(id=runner.id, name=runner.name) for runner in new.runners],
        winners=new.winners,
        commission_bp=new.commission_bp,
        minimum_stake=new.minimum_stake,
    )
    placed = await carried_out(gateway, Command(key=key, account=OPERATOR, open_market=terms))
    return MarketOpened(market=placed.outcome.id, log=log_position(placed), repeated=placed.outcome.repeated)


@router.get("", summary="The catalogue", responses=responses(401, 422))
def catalogue(
    _: Caller,
    gateway: Gateway,
    text: Annotated[str | None, Query(max_length=200, description="Part of the market's or event's name.")] = None,
    event_type: Annotated[list[str] | None, Query(max_length=50)] = None,
    status: Annotated[list[Literal["INACTIVE", "OPEN", "SUSPENDED", "SETTLED", "VOIDED"]] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> list[Market]:
    """Markets, soonest start first."""
    rows = gateway.ledger.markets(text=text, event_types=event_type, statuses=status, limit=limit)
    return [_market(row) for row in rows]


@router.get("/{market}", summary="One market", responses=responses(401, 404))
def one(market: MarketInPath, _: Caller, gateway: Gateway) -> Market:
    """A market of the catalogue."""
    rows = gateway.ledger.markets(ids=[market], limit=1)
    if not rows:
        raise ProblemError(404, "MARKET_UNKNOWN", f"There is no market {market} in the catalogue.")
    return _market(rows[0])


@router.get("/{market}/book", summary="A market's book", responses=responses(401, 404, 422))
async def book(
    market: MarketInPath,
    _: Caller,
    gateway: Gateway,
    depth: Annotated[int, Query(ge=0, le=350, description="Prices a side; 0 for all.")] = 3,
) -> Book:
    """Offers and trades, from the shard itself."""
    return _book(await gateway.matching.market(market, depth))


@router.put("/{market}/suspension", summary="Suspend or resume", responses=responses(400, 401, 403, 404, 409))
async def set_suspension(market: MarketInPath, asked: Suspension, _: Operator, key: Key, gateway: Gateway) -> Done:
    """For operators. While a market is suspended no bet is taken."""
    body = SetSuspension(market=market, suspended=asked.suspended)
    return done(await carried_out(gateway, Command(key=key, account=OPERATOR, set_suspension=body)))


@router.post("/{market}/runners/{runner}/void", summary="Void a runner", responses=responses(400, 401, 403, 404, 409))
async def void_runner(
    market: MarketInPath,
    runner: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    _: Operator,
    key: Key,
    gateway: Gateway,
) -> Done:
    """For operators. Bets on the runner are void, and what rests on it is cancelled."""
    body = VoidRunner(market=market, runner=runner)
    return done(await carried_out(gateway, Command(key=key, account=OPERATOR, void_runner=body)))


@router.post("/{market}/void", summary="Void a market", responses=responses(400, 401, 403, 404, 409))
async def void_market(market: MarketInPath, asked: Voiding, _: Operator, key: Key, gateway: Gateway) -> Done:
    """For operators. Every stake goes back."""
    body = VoidMarket(market=market, reason=asked.reason)
    return done(await carried_out(gateway, Command(key=key, account=OPERATOR, void_market=body)))


@router.post("/{market}/settlement", summary="Settle a market", responses=responses(400, 401, 403, 404, 409, 422))
async def settle(market: MarketInPath, asked: Settlement, _: Operator, key: Key, gateway: Gateway) -> Done:
    """For operators. Pays out by the result, takes commission from net winners, and ends the market."""
    body = SettleMarket(market=market, winners=asked.winners, source=asked.source)
    return done(await carried_out(gateway, Command(key=key, account=OPERATOR, settle_market=body)))


def _market(row: MarketRow) -> Market:
    return Market(
        market=row.market,
        name=row.name,
        event=row.event,
        event_type=row.event_type,
        start_time=utc(row.start_time_ms),
        status=row.status,
        winners=row.winners,
        commission_bp=row.commission_bp,
        minimum_stake=money_text(row.minimum_stake),
        runners=[CatalogueRunner(id=r.id, name=r.name, voided=r.voided, winner=r.winner) for r in row.runners],
    )


def _book(image: MarketImage) -> Book:
    settled = image.status == MarketStatus.SETTLED
    return Book(
        market=image.market,
        status=MarketStatus.Name(image.status),
        version=image.version,
        winners=image.winners,
        minimum_stake=money_text(image.minimum_stake),
        runners=[_runner_book(runner, settled) for runner in image.runners],
    )


def _runner_book(image: RunnerImage, settled: bool) -> RunnerBook:
    if image.voided:
        status: Literal["ACTIVE", "VOIDED", "WINNER", "LOSER"] = "VOIDED"
    elif settled:
        status = "WINNER" if image.winner else "LOSER"
    else:
        status = "ACTIVE"
    return RunnerBook(
        runner=image.runner,
        status=status,
        to_back=_levels(image.to_back),
        to_lay=_levels(image.to_lay),
        traded=_levels(image.traded),
        last_price=price_text(image.last_price) if image.traded else None,
    )


def _levels(found: Iterable[PriceSize]) -> list[Level]:
    return [Level(price=price_text(each.price), size=money_text(each.size)) for each in found]
