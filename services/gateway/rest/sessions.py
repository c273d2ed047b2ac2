"""Logging in and out."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from services.gateway.context import Gateway
from services.gateway.errors import ProblemError, responses
from services.gateway.identity import passwords
from services.gateway.identity.users import BadCredentialsError, Role, SignUpUnfinishedError, TooManyLoginsError
from services.gateway.rest.schemas import Asked, Told
from services.gateway.rest.security import Caller, Token

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


class Login(Asked):
    """Who one is."""

    username: str = Field(max_length=64, examples=["alice"])
    password: str = Field(max_length=128, examples=["correct horse battery"])


class Session(Told):
    """What to send with every request from now on."""

    token: str = Field(description="Send it as Authorization: Bearer <token>. It is shown only once.")
    expires_at: datetime
    role: Role
    account: int | None = Field(description="The bettor's account; null for an operator.")


@router.post("", status_code=201, summary="Log in", responses=responses(401, 409, 422, 429))
async def log_in(login: Login, gateway: Gateway) -> Session:
    """Begins a session. After ten failures in a row a name has to wait before each further try."""
    try:
        user = await passwords.in_turn(gateway.users.authenticate, login.username, login.password)
    except BadCredentialsError:
        raise ProblemError(401, "BAD_CREDENTIALS", "Username and password do not go together.") from None
    except SignUpUnfinishedError:
        detail = "The sign-up was not finished; send POST /v1/accounts again with this username and password."
        raise ProblemError(409, "SIGN_UP_UNFINISHED", detail) from None
    except TooManyLoginsError as error:
        detail = f"Too many logins failed in a row; wait {error.wait_s} s."
        raise ProblemError(429, "TOO_MANY_LOGINS", detail, {"Retry-After": str(error.wait_s)}) from None
    begun = await run_in_threadpool(gateway.sessions.begin, user)
    return Session(token=begun.token, expires_at=begun.expires_at, role=user.role, account=user.account)


@router.delete("/current", status_code=204, summary="Log out", responses=responses(401))
def log_out(_: Caller, token: Token, gateway: Gateway) -> None:
    """Ends the session whose token is sent."""
    gateway.sessions.end(token)
