"""Who calls, with what: checked once a request, from the two headers of the format."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from services.gateway.context import Context
from services.gateway.identity.users import User
from services.gateway.wire.faults import ApiError


@dataclass(frozen=True, slots=True)
class Caller:
    """A live session and the gateway's parts."""

    gateway: Context
    user: User

    @property
    def account(self) -> int:
        """The caller's own account. Raises ApiError for an operator, who has none."""
        if self.user.account is None:
            raise ApiError("ACCESS_DENIED", "operators have no account; log in as a bettor")
        return self.user.account


async def authorised(request: Request, gateway: Context) -> Caller:
    """The caller. Raises ApiError for a header that is missing and for a session that is not alive."""
    if not request.headers.get("x-application"):
        raise ApiError("NO_APP_KEY", "send the header X-Application: the name that your program goes by")
    token = request.headers.get("x-authentication")
    if not token:
        raise ApiError("NO_SESSION", "send the header X-Authentication: the token that the login gave")
    user = gateway.sessions.remembered(token) or await run_in_threadpool(gateway.sessions.find, token)
    if user is None:
        raise ApiError("INVALID_SESSION_INFORMATION", "the session is not known or has expired; log in again")
    return Caller(gateway, user)
