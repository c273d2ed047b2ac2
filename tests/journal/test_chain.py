"""The chain: whoever reads the same log sees the same records count, and a changed past halts every reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.contract.exchange.v1.exchange_pb2 import Command, CommandRecord, EventRecord
from services.journal.chain import ChainError, CommandChain, EpochName, EventChain, Link


def test_a_taken_over_log_counts_its_epoch_record_and_what_follows() -> None:
    chain = CommandChain()
    opening = chain.opening("a", 5)
    first = chain.follow(0, opening)
    assert first is not None and first.previous is None and chain.epoch == EpochName(0, "a")
    data = chain.following([Command(account=1)], 6)
    second = chain.follow(1, data)
    assert second is not None
    assert second.previous == Link(0, sha256(opening).digest())
    assert second.link == Link(1, sha256(data).digest())


def test_time_never_goes_back_even_where_the_clock_does() -> None:
    chain = CommandChain()
    chain.follow(0, chain.opening("a", 1_000))
    assert CommandRecord.FromString(chain.following([], 400)).time_ms == 1_000


def test_an_epoch_record_that_lands_elsewhere_than_it_says_is_void() -> None:
    chain = CommandChain()
    opening = chain.opening("late", 5)
    chain.follow(0, chain.opening("a", 5))
    assert chain.follow(1, opening) is None
    assert chain.epoch == EpochName(0, "a")


def test_a_deposed_leader_s_record_has_no_effect_wherever_it_lands() -> None:
    old = CommandChain()
    opening = old.opening("old", 1)
    old.follow(0, opening)
    late = old.following([Command(account=1)], 2)
    reader = CommandChain()
    reader.follow(0, opening)
    reader.follow(1, reader.opening("new", 3))
    assert reader.follow(2, late) is None
    assert reader.follow(3, reader.following([Command(account=2)], 4)) is not None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"previous": b"x" * 32}, "the log was changed"),
        ({"previous": b""}, "the log was changed"),
        ({"time_ms": 1}, "time goes back at offset 1: 1 after 50"),
        ({"opens_epoch": True, "commands": [Command()]}, "opens an epoch and carries commands too"),
    ],
)
def test_a_record_that_does_not_continue_the_chain_halts_and_changes_nothing(
    change: dict[str, object], complaint: str
) -> None:
    chain = CommandChain()
    chain.follow(0, chain.opening("a", 50))
    record = CommandRecord.FromString(chain.following([], 60))
    record.MergeFrom(CommandRecord(**change))  # type: ignore[arg-type]
    if change.get("previous") == b"":
        record.ClearField("previous")
    if record.opens_epoch:
        record.epoch.offset = 1
    before = vars(chain).copy()
    with pytest.raises(ChainError, match=complaint):
        chain.follow(1, record.SerializeToString())
    assert vars(chain) == before


def test_bytes_that_are_no_record_and_an_offset_out_of_turn_halt() -> None:
    chain = CommandChain()
    with pytest.raises(ChainError, match="offset 0 is no CommandRecord"):
        chain.follow(0, b"\xff\xff\xff")
    with pytest.raises(ChainError, match="offset 3 was given where 0 comes next"):
        chain.follow(3, chain.opening("a", 1))


@settings(max_examples=200)
@given(at=st.integers(0, 5), position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_record_that_others_follow_can_change_unnoticed(at: int, position: int, bit: int) -> None:
    records = _log(7)
    changed = bytearray(records[at])
    changed[position % len(changed)] ^= 1 << bit
    chain = CommandChain()
    with pytest.raises(ChainError):
        seen = [chain.follow(i, bytes(changed) if i == at else data) for i, data in enumerate(records)]
        raise ChainError("a record lost its effect") if seen.count(None) else AssertionError("unnoticed")


def test_events_are_taken_once_and_a_gap_or_another_past_halts() -> None:
    first, second, third = (_events(offset) for offset in range(3))
    chain = EventChain()
    assert [chain.accept(record) for record in (first, second, first, second)] == [True, True, False, False]
    with pytest.raises(ChainError, match="events are missing, or the log was changed"):
        chain.accept(_events(4))
    changed = EventRecord(offset=1, hash=b"other")
    with pytest.raises(ChainError, match="events of offset 1 name the hash 6f74686572"):
        chain.accept(changed)
    assert chain.accept(third)
    with pytest.raises(ChainError, match=r"follow offset 1 .* but nothing"):
        EventChain().accept(third)


def _events(offset: int) -> EventRecord:
    name = b"hash %d" % offset
    return EventRecord(
        offset=offset, hash=name, first=offset == 0, previous_offset=max(offset - 1, 0),
        previous=b"hash %d" % (offset - 1) if offset else b"",
    )  # fmt: skip


def _log(length: int) -> list[bytes]:
    chain = CommandChain()
    records = [chain.opening("a", 1)]
    chain.follow(0, records[0])
    for offset in range(1, length):
        records.append(chain.following([Command(account=offset)], offset))
        chain.follow(offset, records[-1])
    return records


@dataclass
class Node:
    """A would-be leader: it acts on what it has read, however stale."""

    name: str
    chain: CommandChain = field(default_factory=CommandChain)
    leads: bool = False
    in_flight: list[bytes] = field(default_factory=list)


class Contention(RuleBasedStateMachine):
    """Three nodes and one log. Appends may land late; nodes may be deposed without knowing. Whatever happens, an
    append that its leader saw at the offset it expected is effective for everybody who reads the log afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[bytes] = []
        self.nodes = [Node(name) for name in "abc"]
        self.acknowledged: dict[int, bytes] = {}
        self.sent = 0

    def catch_up(self, node: Node) -> None:
        while node.chain.next_offset < len(self.log):
            node.chain.follow(node.chain.next_offset, self.log[node.chain.next_offset])

    def append(self, data: bytes) -> int:
        self.log.append(data)
        return len(self.log) - 1

    @rule(who=st.integers(0, 2))
    def hesitate(self, who: int) -> None:
        """Reads to the end, but the epoch record lands whenever: void, unless nobody appended in between."""
        node = self.nodes[who]
        self.catch_up(node)
        node.leads = False
        node.in_flight.append(node.chain.opening(node.name, self.sent))

    @rule(who=st.integers(0, 2))
    def take_over(self, who: int) -> None:
        node = self.nodes[who]
        self.catch_up(node)
        expected, data = node.chain.next_offset, node.chain.opening(node.name, self.sent)
        assert self.append(data) == expected
        node.chain.follow(expected, data)
        node.leads = True

    @rule(who=st.integers(0, 2), lands=st.booleans())
    def lead(self, who: int, lands: bool) -> None:
        node = self.nodes[who]
        if not node.leads:
            return
        self.sent += 1
        expected, data = node.chain.next_offset, node.chain.following([Command(account=self.sent)], self.sent)
        if not lands:
            node.in_flight.append(data)
            node.leads = False
        elif self.append(data) == expected:
            effective = node.chain.follow(expected, data)
            assert effective is not None
            self.acknowledged[expected] = data
        else:
            node.leads = False

    @precondition(lambda self: any(node.in_flight for node in self.nodes))
    @rule()
    def land_late(self) -> None:
        self.append(next(node for node in self.nodes if node.in_flight).in_flight.pop(0))

    @invariant()
    def every_acknowledged_record_counts_for_a_new_reader(self) -> None:
        reader = CommandChain()
        counted = {i: data for i, data in enumerate(self.log) if reader.follow(i, data) is not None}
        assert self.acknowledged.items() <= counted.items()


TestContention = Contention.TestCase
TestContention.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
