"""Who may call a route: a bearer token of a session, the role that it needs, and an account of one's own."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from services.gateway.context import Gateway
from services.gateway.errors import ProblemError
from services.gateway.identity.users import Role, User
from services.gateway.rest.schemas import LARGEST_ID

_bearer = HTTPBearer(auto_error=False, scheme_name="session", description="The token that POST /v1/sessions gives.")
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="valletta"'}

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


async def session_token(credentials: Credentials) -> str:
    """The bearer token; 401 when there is none."""
    if credentials is None:
        detail = "This needs a session: log in at POST /v1/sessions and send Authorization: Bearer <token>."
        raise ProblemError(401, "NO_SESSION", detail, _CHALLENGE)
    return credentials.credentials


Token = Annotated[str, Depends(session_token)]


async def current_user(token: Token, gateway: Gateway) -> User:
    """Whose session the bearer token is; 401 when it is not a live one."""
    user = gateway.sessions.remembered(token) or await run_in_threadpool(gateway.sessions.find, token)
    if user is None:
        detail = "The session is not known or has expired; log in again at POST /v1/sessions."
        raise ProblemError(401, "INVALID_SESSION", detail, _CHALLENGE)
    return user


Caller = Annotated[User, Depends(current_user)]


async def current_operator(user: Caller) -> User:
    """The caller, if an operator; 403 otherwise."""
    if user.role is not Role.OPERATOR:
        raise ProblemError(403, "OPERATOR_ONLY", "Only an operator may do this.")
    return user


Operator = Annotated[User, Depends(current_operator)]


async def own_account(user: Caller) -> int:
    """The caller's own account; 403 for an operator, who has none."""
    if user.account is None:
        raise ProblemError(403, "BETTOR_ONLY", "Operators have no account; log in as a bettor.")
    return user.account


OwnAccount = Annotated[int, Depends(own_account)]
AccountInPath = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The account's number.", examples=[1])]


async def account_to_read(account: AccountInPath, user: Caller) -> int:
    """An account that the caller may look at: a bettor's own, an operator's any."""
    if user.role is not Role.OPERATOR and account != user.account:
        raise ProblemError(403, "NOT_YOUR_ACCOUNT", f"Account {account} is not yours; yours is {user.account}.")
    return account


async def account_to_use(account: AccountInPath, own: OwnAccount) -> int:
    """An account that the caller may move money of: their own."""
    if account != own:
        raise ProblemError(403, "NOT_YOUR_ACCOUNT", f"Account {account} is not yours; yours is {own}.")
    return account


AccountToRead = Annotated[int, Depends(account_to_read)]
AccountToUse = Annotated[int, Depends(account_to_use)]
