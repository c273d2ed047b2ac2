"""The queue of submissions: bounded, in order of arrival, taken in batches of whatever is there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.contract.exchange.v1.exchange_pb2 import Command
from services.contract.exchange.v1.matching_pb2 import Placed


class NotLeadingError(Exception):
    """This node does not lead the shard now; nothing of the submission was appended."""


class OutcomeUnknownError(Exception):
    """The submission may be in the log, may still land, or may never: a retry with the same keys tells."""


class QueueFullError(Exception):
    """Too much waits already; nothing of the submission was appended."""


@dataclass(slots=True, eq=False)
class Submission:
    """Commands that go into one record together, and the answer that somebody awaits."""

    commands: Sequence[Command]
    size: int  # bytes
    answer: asyncio.Future[list[Placed]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def succeed(self, placed: list[Placed]) -> None:
        """Answer, unless the asker has gone."""
        if not self.answer.done():
            self.answer.set_result(placed)

    def fail(self, error: Exception) -> None:
        """Refuse, unless the asker has gone."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Intake:
    """Open while the node leads.

    Args:
        most_commands: that may wait.
        batch_commands: that a batch may have, when several submissions share it.
        batch_bytes: likewise.
    """

    def __init__(
        self, *, most_commands: int = 20_000, batch_commands: int = 2_000, batch_bytes: int = 512 * 1024
    ) -> None:
        self._most_commands = most_commands
        self._batch_commands = batch_commands
        self._batch_bytes = batch_bytes
        self._waiting: deque[Submission] = deque()
        self._arrival = asyncio.Event()
        self._open = False
        self._listener: Callable[[bool], None] = lambda _: None
        self.commands = 0

    @property
    def is_open(self) -> bool:
        """Whether submissions are taken."""
        return self._open

    def listen(self, listener: Callable[[bool], None]) -> None:
        """Have `listener` told now, and whenever it changes, whether submissions are taken."""
        self._listener = listener
        listener(self._open)

    def open(self) -> None:
        """Begin to take submissions."""
        self._open = True
        self._listener(True)

    def close(self) -> None:
        """Take no more, and refuse those that wait: nothing of them was appended."""
        self._open = False
        while self._waiting:
            self._waiting.popleft().fail(NotLeadingError("the node stopped leading before this was appended"))
        self.commands = 0
        self._arrival.set()
        self._listener(False)

    def put(self, commands: Sequence[Command], size: int) -> Submission:
        """Queue a submission.

        Raises:
            NotLeadingError: the intake is closed.
            QueueFullError: too many commands wait.
        """
        if not self._open:
            raise NotLeadingError("this node does not lead the shard")
        if self.commands + len(commands) > self._most_commands:
            raise QueueFullError(f"{self.commands} commands wait; at most {self._most_commands} may")
        submission = Submission(commands, size)
        self._waiting.append(submission)
        self.commands += len(commands)
        self._arrival.set()
        return submission

    async def take(self) -> list[Submission]:
        """The next batch: all that waits, up to the bounds, and one submission at least; empty once closed."""
        while self._open and not self._waiting:
            self._arrival.clear()
            await self._arrival.wait()
        batch: list[Submission] = []
        commands = size = 0
        while self._waiting:
            following = self._waiting[0]
            commands += len(following.commands)
            size += following.size
            if batch and (commands > self._batch_commands or size > self._batch_bytes):
                break
            batch.append(self._waiting.popleft())
            self.commands -= len(following.commands)
        return batch
