"""Whether the gateway lives, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text
from starlette.concurrency import run_in_threadpool

from services.gateway.context import Gateway
from services.gateway.errors import DATABASE_AWAY
from services.gateway.matching import ShardBusyError, ShardRefusedError, ShardUnavailableError

router = APIRouter(include_in_schema=False)
_PATIENCE_S = 1.0


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(gateway: Gateway) -> JSONResponse:
    """The shard leads and the database answers; 503 with what does not, or when the gateway is about to stop."""
    if gateway.draining.begun:
        return JSONResponse({"status": "stopping"}, 503)
    waiting_for = []
    if not await _shard_leads(gateway):
        waiting_for.append("matching")
    if not await run_in_threadpool(_database_answers, gateway.database):
        waiting_for.append("database")
    if waiting_for:
        return JSONResponse({"status": "waiting", "for": waiting_for}, 503)
    return JSONResponse({"status": "ok"})


async def _shard_leads(gateway: Gateway) -> bool:
    try:
        return (await gateway.matching.status(_PATIENCE_S)).leading
    except (ShardUnavailableError, ShardBusyError, ShardRefusedError):
        return False


def _database_answers(database: Engine) -> bool:
    try:
        with database.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DATABASE_AWAY:
        return False
    return True
