"""JSON-RPC 2.0: one request or a batch in, its responses out. Knows nothing of betting."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Generic, NoReturn, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from services.gateway.errors import DATABASE_AWAY
from services.gateway.matching import ShardBusyError, ShardRefusedError, ShardUnavailableError
from services.gateway.wire.faults import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    ApiError,
    RpcError,
    invalid_input,
)

MOST_IN_A_BATCH: Final = 50
_MEMBERS: Final = frozenset({"jsonrpc", "method", "params", "id"})
_log = structlog.get_logger(__name__)

CallerT = TypeVar("CallerT")
ParamsT = TypeVar("ParamsT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Method(Generic[CallerT, ParamsT]):
    """One method: the shape of its parameters and what answers it."""

    params: type[ParamsT]
    answer: Callable[[CallerT, ParamsT], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Service(Generic[CallerT]):
    """The methods behind one address, and the family name of their exceptions."""

    methods: Mapping[str, Method[CallerT, Any]]
    exception_name: str

    async def respond(self, body: bytes, authorise: Callable[[], Awaitable[CallerT]]) -> Any:  # noqa: ANN401  (JSON)
        """The response to a body: an object, or for a batch a list, its requests carried out one after another."""
        try:
            parsed = _parsed(body)
            if not isinstance(parsed, list):
                return await self._respond_to(parsed, authorise)
            if not 1 <= len(parsed) <= MOST_IN_A_BATCH:
                raise RpcError(
                    INVALID_REQUEST, f"a batch has 1 to {MOST_IN_A_BATCH} requests; this one has {len(parsed)}"
                )
        except RpcError as error:
            return _failed(None, error.body(self.exception_name))
        return [await self._respond_to(request, authorise) for request in parsed]

    async def _respond_to(self, request: Any, authorise: Callable[[], Awaitable[CallerT]]) -> dict[str, Any]:  # noqa: ANN401
        name = request.get("id") if isinstance(request, dict) and _is_id(request.get("id")) else None
        try:
            return {"jsonrpc": "2.0", "result": await self._result(request, authorise), "id": name}
        except RpcError as error:
            return _failed(name, error.body(self.exception_name))
        except Exception as error:  # the border: whatever it was, the client gets an answer that it can parse
            return _failed(name, _fault_of(error).body(self.exception_name))

    async def _result(self, request: Any, authorise: Callable[[], Awaitable[CallerT]]) -> Any:  # noqa: ANN401
        _check_envelope(request)
        method = self.methods.get(request["method"])
        if method is None:
            raise RpcError(METHOD_NOT_FOUND, f"there is no method {request['method'][:100]!r} here")
        caller = await authorise()
        try:
            params = method.params.model_validate(request.get("params") or {})
        except ValidationError as error:
            raise _wrong_params(error) from error
        return await method.answer(caller, params)


def _parsed(body: bytes) -> Any:  # noqa: ANN401
    """The JSON value, with every fraction as the exact decimal that was written."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise RpcError(PARSE_ERROR, "the body is nested too deeply") from None
    except UnicodeDecodeError:
        raise RpcError(PARSE_ERROR, "the body is not UTF-8") from None
    except ValueError as error:
        raise RpcError(PARSE_ERROR, f"the body is not JSON: {error}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _check_envelope(request: Any) -> None:  # noqa: ANN401
    if not isinstance(request, dict):
        raise RpcError(INVALID_REQUEST, "a request is an object")
    if request.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'a request says "jsonrpc": "2.0"')
    if not isinstance(request.get("method"), str):
        raise RpcError(INVALID_REQUEST, "a request names its method, a string")
    if "id" not in request or not _is_id(request["id"]):
        raise RpcError(INVALID_REQUEST, "a request has an id, a string or an integer: nothing here is done unanswered")
    if unknown := sorted(str(member) for member in request.keys() - _MEMBERS):
        raise RpcError(INVALID_REQUEST, f"a request has no member {unknown[0][:100]!r}")
    if not isinstance(request.get("params", {}), dict | None):
        raise RpcError(INVALID_PARAMS, "params is an object: parameters go by name")


def _is_id(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str | int) and not isinstance(value, bool)


def _wrong_params(error: ValidationError) -> RpcError:
    found = [
        {"pointer": "".join(f"/{part}" for part in each["loc"]), "detail": each["msg"]}
        for each in error.errors(include_input=False, include_context=False, include_url=False)
    ]
    told = "; ".join(f"{each['pointer']}: {each['detail']}" for each in found[:5])
    return RpcError(INVALID_PARAMS, f"the parameters are not of the method's shape: {told}", {"errors": found[:20]})


def _fault_of(error: Exception) -> ApiError:
    if isinstance(error, ShardUnavailableError):
        details = "the exchange did not answer in time; look at listCurrentOrders, or send the same customerRef again"
        return ApiError("TIMEOUT_ERROR", details)
    if isinstance(error, ShardBusyError):
        return ApiError("SERVICE_BUSY", "the exchange has more to do than it can take on; nothing was done")
    if isinstance(error, DATABASE_AWAY):
        # Sessions and references are looked up before anything is submitted.
        return ApiError("SERVICE_BUSY", "the database does not answer; nothing was done")
    if isinstance(error, ShardRefusedError):
        return invalid_input(str(error))
    _log.error("unexpected", error=type(error).__name__, exc_info=error)
    return ApiError("UNEXPECTED_ERROR", "something went wrong here; it has been logged")


def _failed(name: str | int | None, error: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": error, "id": name}
