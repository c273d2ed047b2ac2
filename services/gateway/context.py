"""What the routes work with: made once at start-up, handed to each request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import Engine

from services.gateway.draining import Draining
from services.gateway.identity.sessions import Sessions
from services.gateway.identity.users import Users
from services.gateway.matching import MatchingClient
from services.gateway.settings import GatewaySettings
from services.ledger.reading import LedgerReader


@dataclass(frozen=True, slots=True)
class Context:
    """The gateway's parts. The database ones are blocking and are called on worker threads."""

    settings: GatewaySettings
    draining: Draining
    matching: MatchingClient
    database: Engine
    ledger: LedgerReader
    users: Users
    sessions: Sessions


def context_of(request: Request) -> Context:
    """The context that the app was started with."""
    return cast(Context, request.app.state.context)


Gateway = Annotated[Context, Depends(context_of)]
