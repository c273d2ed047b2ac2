"""Two nodes of one shard in process: one leads, one stands by, and the log decides whatever the lease may say."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.exchange.v1.exchange_pb2 import Code, EventRecord
from services.contract.exchange.v1.matching_pb2 import Placed
from services.journal.chain import ChainError
from services.journal.log import COMMANDS, EVENTS
from services.matching import publisher
from services.matching.intake import NotLeadingError, OutcomeUnknownError
from tests.matching.betting import deposit, funded
from tests.matching.faulty import Fault, FaultyJournal
from tests.matching.nodes import Node, UnreachableJournal, two_nodes, until
from tests.matching.test_shard import in_loop, published, replayed, submit, submit_until_answered


def test_a_standby_follows_the_log_is_ready_and_answers_nothing() -> None:
    async def scenario() -> None:
        async with two_nodes(FaultyJournal()) as (leader, standby):
            *_, last = await submit(leader.shard, *funded(3), deposit(1, 500))
            await standby.has_read(last.offset)
            assert standby.shard.replica.core.state_hash() == leader.shard.replica.core.state_hash()
            assert standby.shard.ready
            assert not standby.shard.leading
            with pytest.raises(NotLeadingError):
                await submit(standby.shard, deposit(1, 100))

    in_loop(scenario)


def test_a_node_that_has_not_read_the_log_is_not_ready_and_does_not_seek_the_lease() -> None:
    async def scenario() -> None:
        node = Node(UnreachableJournal(), "a")
        node.turn.give()
        await asyncio.sleep(0.05)
        assert not node.shard.ready and not node.running.done()
        node.shard.stop()
        await node.running

    in_loop(scenario)


def test_a_leader_that_is_stopped_releases_its_lease_and_the_standby_goes_on_where_it_was() -> None:
    """What was answered stays as it was answered, and every event is published, once in its place."""
    journal = FaultyJournal()

    async def scenario() -> None:
        async with two_nodes(journal) as (leader, standby):
            payments = [deposit(1, 100 * i) for i in range(1, 21)]
            await submit(leader.shard, *funded(1))
            before = [(await submit(leader.shard, payment))[0] for payment in payments[:10]]
            leader.shard.stop()
            assert not leader.shard.leading, "no more submissions from here on"
            await leader.running
            assert leader.turn.releases == 1
            standby.turn.give()
            await standby.leads()
            after = [(await submit(standby.shard, payment))[0] for payment in payments]
            assert [answer.outcome.repeated for answer in after] == [True] * 10 + [False] * 10
            for answer in after[:10]:
                answer.outcome.repeated = False
            assert [answer.outcome for answer in after[:10]] == [answer.outcome for answer in before]

    in_loop(scenario)
    replica, _ = replayed(journal)
    assert replica.core.totals()["deposited"] == 10_000_000 + sum(100 * i for i in range(1, 21))
    assert [record.offset for record in published(journal)] == list(range(len(journal.logs[COMMANDS, 0])))


def test_a_standby_publishes_what_the_leader_could_not() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with two_nodes(journal) as (leader, standby):
            *_, last = await submit(leader.shard, *funded(2))
            await standby.has_read(last.offset)
            await until(lambda: len(journal.logs[EVENTS, 0]) == 2)
            journal.logs[EVENTS, 0].pop()  # as if the leader had died before it published this
            leader.running.cancel()
            standby.turn.give()
            await standby.leads()
            await until(lambda: len(journal.logs[EVENTS, 0]) == 3)
            standby.shard.stop()
            await asyncio.wait({leader.running, standby.running})
            leader.running = standby.running

    in_loop(scenario)
    assert [record.offset for record in published(journal)] == [0, 1, 2]


def test_a_standby_keeps_no_more_events_than_the_leader_has_left_to_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "_MOST_WAITING", 5)
    journal = FaultyJournal()

    async def scenario() -> None:
        async with two_nodes(journal) as (leader, standby):
            for command in funded(10):
                (last,) = await submit(leader.shard, command)
            await standby.has_read(last.offset)
            await until(lambda: len(standby.shard._publisher._waiting) < 5)

    in_loop(scenario)
    assert len(published(journal)) == 31


def test_a_leader_that_loses_its_lease_stands_by_and_leads_again_when_it_is_its_turn() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with two_nodes(journal) as (first, second):
            await submit(first.shard, *funded(1))
            first.turn.take()
            await first.stands_by()
            with pytest.raises(NotLeadingError):
                await submit(first.shard, deposit(1, 100))
            second.turn.give()
            await second.leads()
            (last,) = await submit(second.shard, deposit(1, 100))
            await first.has_read(last.offset)
            second.turn.take()
            await second.stands_by()  # two who publish at once repeat each other, and may
            first.turn.give()
            await first.leads()
            await submit(first.shard, deposit(1, 100))
            assert first.shard.replica.core.totals()["deposited"] == 10_000_200

    in_loop(scenario)
    offsets = [EventRecord.FromString(data).offset for data in journal.logs[EVENTS, 0]]
    assert offsets == list(range(6)), "each was published by whoever led, and by nobody else"


def test_a_leader_that_is_displaced_in_spite_of_its_lease_stands_by() -> None:
    async def scenario() -> None:
        async with two_nodes(FaultyJournal()) as (first, second):
            await submit(first.shard, *funded(1))
            second.turn.give()  # the first one's keeper has not noticed yet
            await second.leads()
            payment = deposit(1, 100)
            first.turn._given.clear()
            with pytest.raises(OutcomeUnknownError):
                await submit(first.shard, payment)
            await first.stands_by()
            assert not first.running.done()
            (answer,) = await submit_until_answered(lambda: second.shard, payment)
            await first.has_read(answer.offset)
            assert first.shard.replica.core.totals()["deposited"] == 10_000_100, "the deposed leader's record is void"

    in_loop(scenario)


def test_a_node_that_cannot_open_an_epoch_lets_the_lease_go() -> None:
    journal = FaultyJournal([Fault.NONE, Fault.LOST])

    async def scenario() -> None:
        async with two_nodes(journal) as (first, second):
            first.turn.take()
            await first.stands_by()
            second.turn.give()
            await until(lambda: second.turn.releases == 1)
            assert not second.shard.leading
            first.turn.give()
            await first.leads()

    in_loop(scenario)


def test_a_standby_halts_where_the_log_ends_before_what_it_has_read() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with two_nodes(journal) as (leader, standby):
            *_, last = await submit(leader.shard, *funded(1))
            await standby.has_read(last.offset)
            await until(lambda: len(journal.logs[EVENTS, 0]) == 2)
            leader.running.cancel()
            journal.logs[COMMANDS, 0].pop()
            standby.turn.give()
            with pytest.raises(ChainError, match="offset 1 was read, but the log ends at 1: it was cut"):
                await standby.running
            assert standby.turn.releases == 1, "a halted node keeps nobody from leading"
            leader.running = standby.running = asyncio.create_task(asyncio.sleep(0))

    in_loop(scenario)


TURNS = st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.integers(0, 3)), max_size=15)


@settings(max_examples=40, deadline=None)
@given(turns=TURNS, faults=st.lists(st.sampled_from(Fault), max_size=8))
def test_however_wrong_the_lease_is_every_answer_is_the_log_s_and_every_deposit_counts_once(
    turns: list[tuple[int, bool, int]], faults: list[Fault]
) -> None:
    """Both may be told at once that it is their turn, or neither: safety is the epoch's business alone."""
    journal = FaultyJournal()
    answers: list[list[Placed]] = []

    async def scenario() -> None:
        async with two_nodes(journal) as nodes:
            leading = lambda: next((node.shard for node in nodes if node.shard.leading), nodes[0].shard)  # noqa: E731
            await submit_until_answered(leading, *funded(2, 10_000))
            journal.faults = iter(faults)

            async def client(account: int) -> None:
                for _ in range(8):
                    answers.append(await submit_until_answered(leading, deposit(account, 100)))

            async def disturb() -> None:
                for which, give, pause in turns:
                    (nodes[which].turn.give if give else nodes[which].turn.take)()
                    await asyncio.sleep(pause / 1_000)
                while True:  # somebody who could not lead and let go gets another turn
                    nodes[0].turn.give()
                    await asyncio.sleep(0.005)

            disturbing = asyncio.create_task(disturb())
            async with asyncio.TaskGroup() as group:
                for account in (1, 2):
                    group.create_task(client(account))
            disturbing.cancel()

    in_loop(scenario)
    replica, by_place = replayed(journal)
    for (answer,) in answers:
        assert answer.outcome.code == Code.OK
        assert by_place[answer.offset, answer.index] == answer
    assert replica.core.totals()["deposited"] == 2 * (10_000 + 8 * 100)
