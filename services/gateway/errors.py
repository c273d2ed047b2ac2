"""Errors of the REST interface, as RFC 9457 problem details: a code to program against, a sentence to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from services.contract.exchange.v1.exchange_pb2 import Code, Outcome
from services.gateway.matching import (
    ShardBusyError,
    ShardRefusedError,
    ShardUnavailableError,
    UnknownToShardError,
)
from services.gateway.refusals import REFUSALS
from services.ledger.database import SecretError

MEDIA_TYPE: Final = "application/problem+json"
DATABASE_AWAY: Final = (OperationalError, InterfaceError, PoolTimeoutError, SecretError)
"""What is raised when PostgreSQL cannot be reached, is too slow, or its password cannot be read."""
_log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    code: str = Field(examples=["PRICE_INVALID"])
    pointer: str = Field(description="Where, as a JSON pointer.", examples=["/price"])
    detail: str = Field(examples=["price 3.17 is not on the ladder; the nearest is 3.15 or 3.2"])


class Problem(BaseModel):
    """An error, as RFC 9457 describes it. Whatever was asked for was not done, unless the code is OUTCOME_UNKNOWN."""

    model_config = ConfigDict(title="Problem")

    type: Literal["about:blank"] = "about:blank"
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(description="To program against.", examples=["INSUFFICIENT_FUNDS"])
    detail: str = Field(description="To read.", examples=["It needs 20.00, but only 12.50 is available."])
    errors: list[FieldError] | None = None


class ProblemError(Exception):
    """Raised anywhere below a route; answered as a Problem."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def refusal(outcome: Outcome) -> ProblemError:
    """The core's refusal as a problem."""
    told = REFUSALS[outcome.code]
    return ProblemError(told.status, Code.Name(outcome.code), told.detail(outcome))


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of the errors that a route answers with."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*statuses, 503})
    }


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
) -> JSONResponse:
    """A problem on its way out."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, errors=errors)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem."""

    @app.exception_handler(ProblemError)
    async def _problem(_: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error.status, error.code, error.detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return _validation_problem(error.errors())

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        code, detail = _PLAIN.get(error.status_code, (HTTPStatus(error.status_code).name, str(error.detail)))
        return problem_response(error.status_code, code, detail, headers=dict(error.headers or {}))

    @app.exception_handler(ShardUnavailableError)
    async def _unavailable(request: Request, _: ShardUnavailableError) -> JSONResponse:
        reading = request.method in {"GET", "HEAD"}
        code, detail = ("SHARD_UNAVAILABLE", _NOT_READ) if reading else ("OUTCOME_UNKNOWN", _UNKNOWN)
        return problem_response(503, code, detail, headers={"Retry-After": "1"})

    @app.exception_handler(ShardBusyError)
    async def _busy(_: Request, __: ShardBusyError) -> JSONResponse:
        return problem_response(503, "SHARD_BUSY", _BUSY, headers={"Retry-After": "1"})

    @app.exception_handler(ShardRefusedError)
    async def _refused(_: Request, error: ShardRefusedError) -> JSONResponse:
        return problem_response(400, "MALFORMED", str(error))

    @app.exception_handler(UnknownToShardError)
    async def _unknown(_: Request, error: UnknownToShardError) -> JSONResponse:
        return problem_response(404, "NOT_FOUND", str(error))

    for error in DATABASE_AWAY:

        @app.exception_handler(error)
        async def _no_database(request: Request, error: Exception) -> JSONResponse:
            _log.error("database", error=type(error).__name__, route=request.scope["route"].path)
            return problem_response(503, "DATABASE_UNAVAILABLE", _NO_DATABASE, headers={"Retry-After": "1"})


# The framework's own errors, in our words.
_PLAIN: Final = {
    400: ("MALFORMED_JSON", "The body cannot be read as JSON."),
    404: ("NO_SUCH_ADDRESS", "Nothing is at this address; /docs lists what there is."),
    405: ("NO_SUCH_METHOD", "This address does not take that method; /docs lists what there is."),
    413: ("BODY_TOO_LARGE", "The body is too large; send less at a time."),
}
_UNKNOWN: Final = (
    "The exchange did not answer in time, so the outcome is unknown. Send the same request with the same "
    "Idempotency-Key: it takes effect at most once."
)
_NO_DATABASE: Final = "The database does not answer. Send the same request, a command with the same key, again."
_NOT_READ: Final = "The exchange did not answer in time. Try again."
_BUSY: Final = "The exchange has more to do than it can take on. Nothing was done; try again in a moment."


def _validation_problem(found: Sequence[Any]) -> JSONResponse:
    errors = [_field_error(each) for each in found]
    code = errors[0].code if len({error.code for error in errors}) == 1 else "INVALID_REQUEST"
    malformed = any(each["type"] == "json_invalid" for each in found)
    detail = "; ".join(f"{error.pointer}: {error.detail}" for error in errors)
    return problem_response(400 if malformed else 422, code, detail, errors=errors)


def _field_error(error: dict[str, Any]) -> FieldError:
    """One of pydantic's errors. Our own carry their code as type; values are echoed only by our own sentences."""
    code = error["type"]
    location: Iterable[Any] = (
        error["loc"][1:] if error["loc"][:1] in {("body",), ("query",), ("path",)} else error["loc"]
    )
    pointer = "".join(f"/{part}" for part in location) or "/"
    if code == "json_invalid":
        return FieldError(code="MALFORMED_JSON", pointer="/", detail=f"the body is not JSON: {error['ctx']['error']}")
    if code == "extra_forbidden":
        return FieldError(code="UNKNOWN_FIELD", pointer=pointer, detail="there is no such field here; remove it")
    if code == "missing":
        return FieldError(code="MISSING_FIELD", pointer=pointer, detail="this is required")
    return FieldError(code=code if code.isupper() else "INVALID_VALUE", pointer=pointer, detail=error["msg"])
