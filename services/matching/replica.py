"""The shard's state: the core, and how far along the log it stands. The same log gives the same state anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from services.contract.exchange.v1.exchange_pb2 import CommandRecord, Event, EventRecord, Outcome
from services.contract.exchange.v1.matching_pb2 import Placed
from services.journal.chain import CommandChain, Effective
from services.matching.core import NEWEST_RULES, Core, new_core


class UnknownRulesError(Exception):
    """The log changes to rules that this build does not know: it must go no further, and a newer build must."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an effective record brought about: an answer a command, and the events to publish."""

    placed: list[Placed]
    events: EventRecord


class Replica:
    """Applies a shard's records in order. Used alike by a leader, a follower and a replay."""

    def __init__(self, shard: int, core: Core | None = None) -> None:
        self.shard = shard
        self.core = core or new_core()
        self.chain = CommandChain()
        self.commands = 0

    def apply(self, offset: int, data: bytes) -> Applied | None:
        """Apply the record at the next offset; None where it has no effect.

        Raises:
            ChainError: it does not continue what was applied.
            UnknownRulesError: it changes to rules that this build does not know. Nothing has changed.
        """
        effective = self.chain.follow(offset, data)
        if effective is None:
            return None
        _check_rules(offset, effective.record)
        commands = [command.SerializeToString() for command in effective.record.commands]
        results = self.core.apply(effective.record.time_ms, commands) if commands else []
        self.commands += len(commands)
        placed = [
            Placed(offset=offset, index=index, time_ms=effective.record.time_ms, outcome=Outcome.FromString(outcome))
            for index, (outcome, _) in enumerate(results)
        ]
        events = [Event.FromString(event) for _, events in results for event in events]
        return Applied(placed, self._event_record(effective, events))

    def _event_record(self, effective: Effective, events: list[Event]) -> EventRecord:
        previous = effective.previous
        return EventRecord(
            shard=self.shard,
            offset=effective.link.offset,
            hash=effective.link.hash,
            first=previous is None,
            previous_offset=previous.offset if previous else 0,
            previous=previous.hash if previous else b"",
            time_ms=effective.record.time_ms,
            rules=self.core.rules(),
            events=events,
        )


def _check_rules(offset: int, record: CommandRecord) -> None:
    for command in record.commands:
        version = command.activate_rules.version
        if version > NEWEST_RULES:
            raise UnknownRulesError(
                f"the record at offset {offset} activates rules {version}; this build knows up to {NEWEST_RULES}: "
                "start a newer build"
            )
