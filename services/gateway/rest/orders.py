"""Orders: placing, cancelling and seeing one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from services.contract.exchange.v1.exchange_pb2 import CancelOrder, Command, OrderImage, PlaceOrder, Side
from services.gateway.context import Gateway
from services.gateway.errors import responses
from services.gateway.quantities import average_price_text, money_text, price_text
from services.gateway.rest.commands import Key, carried_out, log_position
from services.gateway.rest.markets import MarketInPath
from services.gateway.rest.schemas import LARGEST_ID, Asked, Done, Id, Price, Size, Told, utc
from services.gateway.rest.security import OwnAccount
from services.ledger.reading import OrderRow

router = APIRouter(prefix="/v1", tags=["orders"])
SideWord = Literal["BACK", "LAY"]
_SIDES: Final = {"BACK": Side.SIDE_BACK, "LAY": Side.SIDE_LAY}


class NewOrder(Asked):
    """A limit order: back means the runner wins, lay means it does not."""

    runner: Id = Field(examples=[101])
    side: SideWord
    price: Price = Field(description="The worst price to be matched at.")
    size: Size


class OrderPlaced(Done):
    """An order that was accepted, and what was matched at once."""

    order: int = Field(examples=[7])
    matched: str = Field(examples=["4.00"])
    average_price: str | None = Field(description="Of what was matched.", examples=["3.20"])
    remaining: str = Field(description="Resting on the book.", examples=["6.00"])
    cancelled: str = Field(
        description="Taken back, because it would have met an order of one's own.", examples=["0.00"]
    )
    available: str = Field(description="What the account may still spend.", examples=["94.00"])


class Cancellation(Asked):
    """How much of what rests is to be taken back."""

    reduction: Size | None = Field(default=None, description="Absent: all of it.")


class OrderCancelled(Done):
    """What was taken off the book."""

    order: int
    cancelled: str
    remaining: str
    available: str


class Order(Told):
    """An order: matched, remaining, cancelled, lapsed and voided add up to its size."""

    order: int
    market: int
    runner: int
    side: SideWord
    price: str
    size: str
    matched: str
    average_price: str | None
    remaining: str
    cancelled: str
    lapsed: str
    voided: str
    placed_at: datetime


@router.post(
    "/markets/{market}/orders",
    status_code=201,
    summary="Place an order",
    responses=responses(400, 401, 403, 404, 409, 422),
)
async def place(market: MarketInPath, new: NewOrder, account: OwnAccount, key: Key, gateway: Gateway) -> OrderPlaced:
    """Answered once the order is in the log: what is answered here is never lost."""
    body = PlaceOrder(market=market, runner=new.runner, side=_SIDES[new.side], price=new.price, size=new.size)
    placed = await carried_out(gateway, Command(key=key, account=account, place_order=body))
    outcome = placed.outcome
    return OrderPlaced(
        order=outcome.id,
        matched=money_text(outcome.matched),
        average_price=average_price_text(outcome.matched, outcome.matched_payout),
        remaining=money_text(outcome.remaining),
        cancelled=money_text(outcome.cancelled),
        available=money_text(outcome.available),
        log=log_position(placed),
        repeated=outcome.repeated,
    )


@router.post(
    "/markets/{market}/orders/{order}/cancellation",
    summary="Cancel an order",
    responses=responses(400, 401, 403, 404, 409, 422),
)
async def cancel(  # noqa: PLR0917  (FastAPI passes every argument by name)
    market: MarketInPath,
    order: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    asked: Cancellation,
    account: OwnAccount,
    key: Key,
    gateway: Gateway,
) -> OrderCancelled:
    """Takes back all or part of what is not matched yet."""
    body = CancelOrder(market=market, order=order, reduction=asked.reduction or 0)
    placed = await carried_out(gateway, Command(key=key, account=account, cancel_order=body))
    return OrderCancelled(
        order=order,
        cancelled=money_text(placed.outcome.cancelled),
        remaining=money_text(placed.outcome.remaining),
        available=money_text(placed.outcome.available),
        log=log_position(placed),
        repeated=placed.outcome.repeated,
    )


@router.get("/orders", summary="One's orders in markets that run", responses=responses(401, 403, 404))
async def current(
    account: OwnAccount,
    gateway: Gateway,
    market: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="In this market alone.")] = None,
) -> list[Order]:
    """From the shard itself: orders of markets that are not settled or voided yet."""
    return [_from_image(image) for image in await gateway.matching.orders(account, market or 0)]


@router.get("/orders/history", summary="One's orders in markets that ended", responses=responses(401, 403))
def history(
    account: OwnAccount,
    gateway: Gateway,
    market: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="In this market alone.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> list[Order]:
    """From the ledger, newest first: orders of markets that were settled or voided."""
    rows = gateway.ledger.orders(account, market=market, settled=True, limit=limit)
    return [_from_row(row) for row in rows]


def _from_image(image: OrderImage) -> Order:
    return Order(
        order=image.order,
        market=image.market,
        runner=image.runner,
        side="BACK" if image.side == Side.SIDE_BACK else "LAY",
        price=price_text(image.price),
        size=money_text(image.size),
        matched=money_text(image.matched),
        average_price=average_price_text(image.matched, image.matched_payout),
        remaining=money_text(image.remaining),
        cancelled=money_text(image.cancelled),
        lapsed=money_text(0),
        voided=money_text(image.voided),
        placed_at=utc(image.placed_ms),
    )


def _from_row(row: OrderRow) -> Order:
    return Order(
        order=row.order,
        market=row.market,
        runner=row.runner,
        side="BACK" if row.side == "BACK" else "LAY",
        price=price_text(row.price),
        size=money_text(row.size),
        matched=money_text(row.matched),
        average_price=average_price_text(row.matched, row.matched_payout),
        remaining=money_text(row.remaining),
        cancelled=money_text(row.cancelled),
        lapsed=money_text(row.lapsed),
        voided=money_text(row.voided),
        placed_at=utc(row.placed_ms),
    )
