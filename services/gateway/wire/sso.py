"""Logging in as the format's clients do: forms in, a token out, always with status 200.

`certlogin` differs from `login` in the names of its answer alone. The client certificate that belongs to it is asked
for and checked by whatever ends TLS in front of the gateway; on a loopback there is none.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from services.gateway.context import Context, Gateway
from services.gateway.identity import passwords
from services.gateway.identity.users import BadCredentialsError, SignUpUnfinishedError, TooManyLoginsError

router = APIRouter(prefix="/api", tags=["betting wire format"])
_LONGEST: Final = 200


class _LoginRefusedError(Exception):
    """A login that failed; the message is the format's word for why."""


@router.post("/login", summary="Interactive login (form)")
async def login(request: Request, gateway: Gateway) -> dict[str, Any]:
    """Fields username and password; answers {token, status}."""
    try:
        token = await _session(request, gateway)
    except _LoginRefusedError as error:
        return _answer(request, "", str(error))
    return _answer(request, token)


@router.post("/certlogin", summary="Login of a program with a certificate (form)")
async def certlogin(request: Request, gateway: Gateway) -> dict[str, Any]:
    """Fields username and password; answers {sessionToken, loginStatus}."""
    try:
        return {"sessionToken": await _session(request, gateway), "loginStatus": "SUCCESS"}
    except _LoginRefusedError as error:
        return {"loginStatus": str(error)}


@router.post("/keepAlive", summary="Extend the session")
async def keep_alive(request: Request, gateway: Gateway) -> dict[str, Any]:
    """Gives the session of X-Authentication a whole lifetime from now."""
    token = request.headers.get("x-authentication", "")
    alive = await run_in_threadpool(gateway.sessions.extend, token)
    return _answer(request, token) if alive else _answer(request, "", "NO_SESSION")


@router.post("/logout", summary="End the session")
async def logout(request: Request, gateway: Gateway) -> dict[str, Any]:
    """Ends the session of X-Authentication."""
    token = request.headers.get("x-authentication", "")
    ended = await run_in_threadpool(gateway.sessions.end, token)
    return _answer(request, "") if ended else _answer(request, "", "NO_SESSION")


async def _session(request: Request, gateway: Context) -> str:
    """A new session's token for the form's username and password."""
    async with request.form(max_files=0, max_fields=10) as form:
        username, password = form.get("username"), form.get("password")
    if not (isinstance(username, str) and isinstance(password, str)) or max(len(username), len(password)) > _LONGEST:
        raise _LoginRefusedError("INPUT_VALIDATION_ERROR")
    try:
        user = await passwords.in_turn(gateway.users.authenticate, username, password)
    except BadCredentialsError:
        raise _LoginRefusedError("INVALID_USERNAME_OR_PASSWORD") from None
    except SignUpUnfinishedError:
        raise _LoginRefusedError("PENDING_AUTH") from None
    except TooManyLoginsError:
        raise _LoginRefusedError("TEMPORARY_BAN_TOO_MANY_REQUESTS") from None
    return (await run_in_threadpool(gateway.sessions.begin, user)).token


def _answer(request: Request, token: str, error: str = "") -> dict[str, Any]:
    product = request.headers.get("x-application", "")
    return {"token": token, "product": product, "status": "FAIL" if error else "SUCCESS", "error": error}
