"""The border: what is well-formed enough for the log. What is gets its answer from the core alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.contract.exchange.v1.exchange_pb2 import Command

MOST_COMMANDS: Final = 200
"""Commands that one submission may have."""
MOST_BYTES: Final = 256 * 1024
"""Bytes that one submission's commands may have together."""


class MalformedError(ValueError):
    """A submission that cannot be put in the log; the message names the command and what would be right."""


def check_wellformed(commands: Sequence[Command], newest_rules: int) -> int:
    """Refuse what must not reach the log; the submission's size in bytes otherwise.

    A change to rules that this build does not know is refused here and not by the core: builds would differ about it,
    and whoever finds it in the log knows that a newer build put it there.

    Raises:
        MalformedError: nothing of the submission may be appended.
    """
    if not 1 <= len(commands) <= MOST_COMMANDS:
        raise MalformedError(f"{len(commands)} commands were submitted; send 1 to {MOST_COMMANDS}")
    for index, command in enumerate(commands):
        if reason := _fault(command, newest_rules):
            raise MalformedError(f"commands[{index}]: {reason}")
    size = sum(command.ByteSize() for command in commands)
    if size > MOST_BYTES:
        raise MalformedError(f"the commands have {size} bytes; send at most {MOST_BYTES} at once")
    return size


def _fault(command: Command, newest_rules: int) -> str | None:
    if len(command.key) != 16:
        return f"key has {len(command.key)} bytes; send the 16 bytes of a UUIDv7"
    if (version := UUID(bytes=command.key).version) != 7:
        return f"key is a UUID of version {version}; send a UUIDv7"
    body = command.WhichOneof("body")
    if body is None:
        return "body is absent; set one of the command's bodies"
    if body == "activate_rules" and command.activate_rules.version > newest_rules:
        return f"rules version {command.activate_rules.version} is unknown to this build; it knows up to {newest_rules}"
    return None
