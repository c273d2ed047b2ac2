"""The whole gateway, put together: what is opened at start-up, what every request passes, and the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline
from sqlalchemy import Engine, event
from starlette.concurrency import run_in_threadpool

from services.gateway import errors, health
from services.gateway.context import Context
from services.gateway.draining import CloseConnections, Draining
from services.gateway.identity.bootstrap import operator_password
from services.gateway.identity.sessions import Sessions
from services.gateway.identity.users import Users
from services.gateway.limits import BodyLimit, TimeLimit
from services.gateway.matching import MatchingClient
from services.gateway.migrate import require_current
from services.gateway.observability import Observed
from services.gateway.rest import accounts, markets, orders, sessions, statements
from services.gateway.settings import GatewaySettings
from services.gateway.wire import endpoints, sso
from services.ledger.database import engine_from
from services.ledger.reading import LedgerReader

_DESCRIPTION = """
A betting exchange: accounts, markets, limit orders, settlement.

* **Money and prices are decimal strings** (`"12.50"`); prices are on the classic ladder of 350 steps from 1.01 to 1000.
* **Every command needs an `Idempotency-Key`**, a UUIDv7 that names it for ever: after a time-out or a 503 send the same
  request with the same key, and it takes effect at most once. The same key with another payload is refused.
* **What is answered is in the log**: `log` says where, and no fault loses it.
* **Errors** are RFC 9457 problem details: program against `code`, read `detail`. A refusal changes nothing.
* Bots that speak the betting wire format find it at `/exchange/betting/json-rpc/v1`.
"""
_DATABASE_PATIENCE_MS = 5_000


def create_app(settings: GatewaySettings, draining: Draining) -> FastAPI:
    """An app that opens its connections when it is started and closes them when it is stopped."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = _database(settings)
        matching = MatchingClient(f"dns:///{settings.matching_address}", settings.matching_deadline_s)
        app.state.context = context = _context(settings, draining, database, matching)
        await run_in_threadpool(_prepare, context)
        yield
        await matching.close()
        database.dispose()

    # The documentation's page brings its scripts along: an exchange's network reaches no content delivery network.
    app = FastAPIOffline(title="Valletta exchange", version="1", description=_DESCRIPTION, lifespan=lifespan)
    errors.install(app)
    app.add_middleware(BodyLimit, limit_bytes=settings.body_limit_bytes)
    app.add_middleware(TimeLimit, limit_s=settings.request_timeout_s)
    app.add_middleware(Observed)
    app.add_middleware(CloseConnections, draining=draining)
    for part in (sessions, accounts, markets, orders, statements, endpoints, sso, health):
        app.include_router(part.router)
    app.add_api_route("/", lambda: RedirectResponse("/docs"), include_in_schema=False)
    return app


def _context(settings: GatewaySettings, draining: Draining, database: Engine, matching: MatchingClient) -> Context:
    return Context(
        settings=settings,
        draining=draining,
        matching=matching,
        database=database,
        ledger=LedgerReader(database),
        users=Users(database),
        sessions=Sessions(database, timedelta(hours=settings.session_hours)),
    )


def _prepare(context: Context) -> None:
    """What has to hold before the first request: the schema is there, and so is the first operator."""
    require_current(context.database)
    password = operator_password(context.settings.operator_secret)
    context.users.ensure_operator(context.settings.operator_name, password)


def _database(settings: GatewaySettings) -> Engine:
    """The engine, with a bound on every statement, and with no parameter ever in an error's text."""
    database = engine_from(settings.database_url, settings.database_secret, pool_size=20)
    database.hide_parameters = True

    @event.listens_for(database, "connect")
    def _bound(connection: Any, _: Any) -> None:  # noqa: ANN401  (the driver's own types)
        connection.execute(f"SET statement_timeout = {_DATABASE_PATIENCE_MS}")
        connection.commit()

    return database
