"""How a route has a command carried out: the client's key, one submission, and the refusal as a problem."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header

from services.contract.exchange.v1.exchange_pb2 import Code, Command
from services.contract.exchange.v1.matching_pb2 import Placed
from services.contract.keys import KeyFormatError, key_of
from services.gateway.context import Context
from services.gateway.errors import ProblemError, refusal
from services.gateway.rest.schemas import Done, LogPosition, utc

OPERATOR: Final = 0
"""The actor of commands that are the exchange's own."""

_HOW: Final = (
    "It names the command for ever, so that a retry has no second effect. Make one with uuid_utils.uuid7() in Python, "
    "uuidv7() in PostgreSQL 18, Guid.CreateVersion7() in .NET, or `npx uuid v7`."
)


async def command_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            description=f"A UUIDv7. {_HOW}",
            json_schema_extra={"format": "uuid"},
            examples=["01996a2e-5a3b-7c1d-9e4f-0123456789ab"],
        ),
    ] = None,
) -> bytes:
    """The client's key of this command; 400 when it is absent or not a UUIDv7."""
    if idempotency_key is None:
        raise ProblemError(400, "KEY_MISSING", f"Every command needs the header Idempotency-Key, a UUIDv7. {_HOW}")
    try:
        return key_of(idempotency_key)
    except KeyFormatError as error:
        raise ProblemError(400, "KEY_INVALID", f"Idempotency-Key: {error}. {_HOW}") from error


Key = Annotated[bytes, Depends(command_key)]


async def carried_out(gateway: Context, command: Command) -> Placed:
    """Where in the log the command stands, and its outcome. Raises ProblemError for a refusal."""
    [placed] = await gateway.matching.submit([command])
    if placed.outcome.code != Code.OK:
        raise refusal(placed.outcome)
    return placed


def log_position(placed: Placed) -> LogPosition:
    """Where in the log a command stands."""
    return LogPosition(offset=placed.offset, index=placed.index, time=utc(placed.time_ms))


def done(placed: Placed) -> Done:
    """The answer to a command that has nothing more to say."""
    return Done(log=log_position(placed), repeated=placed.outcome.repeated)
