"""What a call can fail with: an error of JSON-RPC itself, or an exception of the betting API inside one."""

from __future__ import annotations

from typing import Any, Final

from structlog.contextvars import get_contextvars

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
API_EXCEPTION: Final = -32099

# The numbers that clients of the format see beside the names.
_NUMBERS: Final = {
    "TOO_MUCH_DATA": 1,
    "INVALID_INPUT_DATA": 2,
    "INVALID_SESSION_INFORMATION": 3,
    "NO_APP_KEY": 4,
    "NO_SESSION": 5,
    "UNEXPECTED_ERROR": 6,
    "TOO_MANY_REQUESTS": 8,
    "SERVICE_BUSY": 9,
    "TIMEOUT_ERROR": 10,
    "ACCESS_DENIED": 13,
}


class RpcError(Exception):
    """An error of the protocol. `data` says what exactly, where that helps."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:  # noqa: ANN401  (any JSON value)
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def body(self, exception_name: str) -> dict[str, Any]:
        """The error object of the response; `exception_name` is the family of the API's own exceptions."""
        del exception_name
        error = {"code": self.code, "message": self.message}
        return error if self.data is None else {**error, "data": self.data}


class ApiError(RpcError):
    """An exception of the betting API: a code that clients know, and a sentence."""

    def __init__(self, error_code: str, details: str) -> None:
        super().__init__(API_EXCEPTION, details)
        self.error_code = error_code

    def body(self, exception_name: str) -> dict[str, Any]:
        """As the clients parse it: the exception under its family's name."""
        prefix = "AANGX" if exception_name.startswith("Account") else "ANGX"
        request = get_contextvars().get("request_id", "")  # the id under which it is in the log
        exception = {"requestUUID": request, "errorCode": self.error_code, "errorDetails": self.message}
        return {
            "code": API_EXCEPTION,
            "message": f"{prefix}-{_NUMBERS[self.error_code]:04d}",
            "data": {"exceptionname": exception_name, exception_name: exception},
        }


def invalid_input(details: str) -> ApiError:
    """A value that cannot be taken, or a feature that is not offered: nothing was done."""
    return ApiError("INVALID_INPUT_DATA", details)
