"""The two addresses of the wire format, and which methods stand behind each."""

from __future__ import annotations

from functools import partial
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.gateway.context import Gateway
from services.gateway.wire import schemas
from services.gateway.wire.books import list_market_book
from services.gateway.wire.caller import Caller, authorised
from services.gateway.wire.cancelling import cancel_orders
from services.gateway.wire.catalogue import list_event_types, list_events, list_market_catalogue
from services.gateway.wire.current_orders import list_current_orders
from services.gateway.wire.funds import get_account_details, get_account_funds
from services.gateway.wire.jsonrpc import Method, Service
from services.gateway.wire.placing import place_orders

router = APIRouter(prefix="/exchange", tags=["betting wire format"])

BETTING: Final[Service[Caller]] = Service(
    {
        "SportsAPING/v1.0/listEventTypes": Method(schemas.ListParams, list_event_types),
        "SportsAPING/v1.0/listEvents": Method(schemas.ListParams, list_events),
        "SportsAPING/v1.0/listMarketCatalogue": Method(schemas.CatalogueParams, list_market_catalogue),
        "SportsAPING/v1.0/listMarketBook": Method(schemas.BookParams, list_market_book),
        "SportsAPING/v1.0/placeOrders": Method(schemas.PlaceParams, place_orders),
        "SportsAPING/v1.0/cancelOrders": Method(schemas.CancelParams, cancel_orders),
        "SportsAPING/v1.0/listCurrentOrders": Method(schemas.CurrentOrdersParams, list_current_orders),
    },
    exception_name="APINGException",
)
ACCOUNT: Final[Service[Caller]] = Service(
    {
        "AccountAPING/v1.0/getAccountFunds": Method(schemas.FundsParams, get_account_funds),
        "AccountAPING/v1.0/getAccountDetails": Method(schemas.NoParams, get_account_details),
    },
    exception_name="AccountAPINGException",
)


@router.post("/betting/json-rpc/v1", summary="Betting, as JSON-RPC 2.0")
async def betting(request: Request, gateway: Gateway) -> JSONResponse:
    """One request or a batch: listEventTypes, listEvents, listMarketCatalogue, listMarketBook, placeOrders,
    cancelOrders, listCurrentOrders. Needs the headers X-Application and X-Authentication."""
    return JSONResponse(await BETTING.respond(await request.body(), partial(authorised, request, gateway)))


@router.post("/account/json-rpc/v1", summary="Account, as JSON-RPC 2.0")
async def account(request: Request, gateway: Gateway) -> JSONResponse:
    """One request or a batch: getAccountFunds, getAccountDetails. Needs the same headers as betting."""
    return JSONResponse(await ACCOUNT.respond(await request.body(), partial(authorised, request, gateway)))
