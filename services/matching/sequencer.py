"""One epoch of leading: batches of commands into the log, and only what the log acknowledged into the state.

A batch is whatever waits when the one before it has been acknowledged: alone when the shard is idle, large when it is
busy. Nothing is answered that the log does not hold.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor

from services.contract.exchange.v1.matching_pb2 import Placed
from services.journal.log import COMMANDS, JournalError, LogWriter, append_at
from services.matching.intake import Intake, OutcomeUnknownError, Submission
from services.matching.observer import Observer
from services.matching.publisher import Publisher
from services.matching.replica import Applied, Replica


def wall_clock_ms() -> int:
    """Milliseconds since the epoch; the chain keeps log time from going back where this does."""
    return time.time_ns() // 1_000_000


class Sequencer:
    """Leads one epoch, from its opening to the first append that goes wrong."""

    def __init__(
        self,
        *,
        replica: Replica,
        intake: Intake,
        publisher: Publisher,
        observer: Observer,
        thread: Executor,
        clock_ms: Callable[[], int],
    ) -> None:
        self._replica = replica
        self._intake = intake
        self._publisher = publisher
        self._observer = observer
        self._thread = thread
        self._clock_ms = clock_ms

    async def lead(self, writer: LogWriter) -> None:
        """Sequence batches until the intake closes.

        Raises:
            AppendUnknownError: a batch was not acknowledged. Who sent it has been told that the outcome is unknown.
            DisplacedError: a batch was acknowledged elsewhere than expected; likewise.
        """
        while batch := await self._intake.take():
            self._observer.queued(self._intake.commands)
            try:
                applied = await self._sequence(writer, batch)
            except BaseException as error:
                _fail(batch, error)
                raise
            _answer(batch, applied.placed)
            await self._publisher.offer(applied.events)

    async def _sequence(self, writer: LogWriter, batch: list[Submission]) -> Applied:
        chain = self._replica.chain
        commands = [command for submission in batch for command in submission.commands]
        expected = chain.next_offset
        data = chain.following(commands, self._clock_ms())
        began = time.perf_counter()
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, append_at, writer, data, expected)
        except JournalError:
            self._observer.unknown(COMMANDS)
            raise
        acknowledged = time.perf_counter()
        self._observer.acknowledged(expected, len(commands), acknowledged - began)
        applied = self._replica.apply(expected, data)
        assert applied is not None, "a leader's own record, at the offset it expected, has no effect"  # noqa: S101
        assert len(applied.placed) == len(commands), "the core did not answer every command"  # noqa: S101
        self._observer.applied(expected, time.perf_counter() - acknowledged)
        return applied


def _answer(batch: list[Submission], placed: list[Placed]) -> None:
    answers = iter(placed)
    for submission in batch:
        submission.succeed([next(answers) for _ in submission.commands])


def _fail(batch: list[Submission], error: BaseException) -> None:
    for submission in batch:
        submission.fail(OutcomeUnknownError(str(error)))
