"""The shard in process, on a journal whose appends go wrong: what it answers is what the log says, once and for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.exchange.v1.exchange_pb2 import AccountImage, Code, Command, CommandRecord, EventRecord
from services.contract.exchange.v1.matching_pb2 import Placed
from services.journal.chain import ChainError, CommandChain, EpochName, EventChain
from services.journal.log import COMMANDS, EVENTS
from services.matching.intake import Intake, NotLeadingError, OutcomeUnknownError, QueueFullError
from services.matching.leader import FencedError
from services.matching.replica import Replica, UnknownRulesError
from services.matching.shard import Shard
from tests.matching.betting import NOW_MS, activate_rules, deposit, funded, open_account
from tests.matching.faulty import Fault, FaultyJournal

PATIENCE_S = 30.0


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await test()

    asyncio.run(bounded())


def a_shard(journal: FaultyJournal, node: str = "a", intake: Intake | None = None) -> Shard:
    return Shard(journal, 0, node, intake=intake, clock_ms=lambda: NOW_MS, pause_s=0.001)


@asynccontextmanager
async def leading(shard: Shard) -> AsyncIterator[asyncio.Task[None]]:
    running = asyncio.create_task(shard.run())
    while not shard.leading and not running.done():
        await asyncio.sleep(0.001)
    try:
        yield running
    finally:
        shard.stop()
        with suppress(FencedError):
            await running


async def submit(shard: Shard, *commands: Command) -> list[Placed]:
    return await shard.intake.put(commands, sum(command.ByteSize() for command in commands)).answer


async def submit_until_answered(shard: Callable[[], Shard], *commands: Command) -> list[Placed]:
    """As a client does: the same keys again, for as long as the outcome is not known."""
    while True:
        try:
            return await submit(shard(), *commands)
        except (OutcomeUnknownError, NotLeadingError):
            await asyncio.sleep(0.001)


def replayed(journal: FaultyJournal) -> tuple[Replica, dict[tuple[int, int], Placed]]:
    """A fresh replica that has read the whole log, and every answer by its place in the log."""
    replica, answers = Replica(0), dict[tuple[int, int], Placed]()
    for offset, data in enumerate(journal.logs[COMMANDS, 0]):
        applied = replica.apply(offset, data)
        for placed in applied.placed if applied else ():
            answers[placed.offset, placed.index] = placed
    return replica, answers


def published(journal: FaultyJournal) -> list[EventRecord]:
    chain = EventChain()
    records = map(EventRecord.FromString, journal.logs[EVENTS, 0])
    return [record for record in records if chain.accept(record)]


@settings(max_examples=60, deadline=None)
@given(faults=st.lists(st.sampled_from(Fault), max_size=12), clients=st.integers(1, 4))
def test_whatever_appends_come_to_every_answer_is_the_log_s_and_every_deposit_counts_once(
    faults: list[Fault], clients: int
) -> None:
    """Outcomes unknown (landed, lost, late), foreign records and deposed leaders, with clients that retry by key."""
    journal = FaultyJournal()
    answers: list[list[Placed]] = []

    async def scenario() -> None:
        current = [a_shard(journal)]

        async def supervise() -> None:
            while True:
                with suppress(FencedError):
                    await current[0].run()
                    return
                current[0] = a_shard(journal)

        running = asyncio.create_task(supervise())
        await submit_until_answered(lambda: current[0], *funded(clients, 10_000))
        journal.faults = iter(faults)

        async def client(account: int) -> None:
            for _ in range(5):
                answers.append(await submit_until_answered(lambda: current[0], deposit(account, 100)))

        async with asyncio.TaskGroup() as group:
            for account in range(1, clients + 1):
                group.create_task(client(account))
        current[0].stop()
        await running

    in_loop(scenario)
    replica, by_place = replayed(journal)
    for answer in (placed for placed_list in answers for placed in placed_list):
        assert answer.outcome.code == Code.OK
        assert by_place[answer.offset, answer.index] == answer
    assert replica.core.totals()["deposited"] == clients * (10_000 + 5 * 100)
    last = replica.chain.last
    assert last is not None and published(journal)[-1].offset == last.offset


def test_a_retry_after_an_unknown_outcome_that_landed_gets_the_first_answer_again() -> None:
    journal = FaultyJournal([Fault.NONE, Fault.NONE, Fault.LANDED])

    async def scenario() -> None:
        async with leading(shard := a_shard(journal)):
            await submit(shard, *funded(1))
            payment = deposit(1, 5_000)
            with pytest.raises(OutcomeUnknownError):
                await submit(shard, payment)
            (again,) = await submit_until_answered(lambda: shard, payment)
            assert again.outcome.repeated and again.outcome.code == Code.OK
            image = AccountImage.FromString(shard.replica.core.read_account(1) or b"")
            assert image.balance == 10_000_000 + 5_000

    in_loop(scenario)


def test_a_leader_whose_append_lands_elsewhere_answers_nothing_before_it_has_read_the_log_again() -> None:
    journal = FaultyJournal([Fault.NONE, Fault.OTHERS])

    async def scenario() -> None:
        async with leading(shard := a_shard(journal)):
            account = open_account()
            with pytest.raises(OutcomeUnknownError, match="acknowledged at offset 2, expected 1"):
                await submit(shard, account)
            (again,) = await submit_until_answered(lambda: shard, account)
            assert again.outcome.repeated, "the displaced record counts: it is of the epoch in force"
            assert shard.replica.chain.epoch == EpochName(3, "a"), "and a new epoch was opened after it"

    in_loop(scenario)


def test_the_later_of_two_leaders_goes_on_and_the_earlier_stops_at_its_next_append() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        first, second = a_shard(journal, "first"), a_shard(journal, "second")
        running = asyncio.create_task(first.run())
        while not first.leading:
            await asyncio.sleep(0.001)
        async with leading(second):
            with pytest.raises(OutcomeUnknownError):
                await submit(first, *funded(1))
            with pytest.raises(FencedError, match="node 'second' opened an epoch at offset 1"):
                await running
            with pytest.raises(NotLeadingError):
                await submit(first, open_account())
            await submit_until_answered(lambda: second, *funded(2))

    in_loop(scenario)
    replica, _ = replayed(journal)
    assert replica.core.totals()["deposited"] == 20_000_000, "the first leader's late record must have no effect"


def test_a_full_queue_refuses_and_appends_nothing_of_it() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with leading(shard := a_shard(journal, intake=Intake(most_commands=4))):
            waiting = [shard.intake.put([deposit(1, 100)], 50) for _ in range(4)]
            with pytest.raises(QueueFullError, match="4 commands wait; at most 4 may"):
                shard.intake.put([deposit(1, 100)], 50)
            await asyncio.gather(*(submission.answer for submission in waiting))

    in_loop(scenario)
    records = map(CommandRecord.FromString, journal.logs[COMMANDS, 0])
    assert [len(record.commands) for record in records] == [0, 4], "what waits together is appended together"


def test_stopping_answers_what_was_appended_and_refuses_what_was_not() -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with leading(shard := a_shard(journal, intake=Intake(batch_commands=1))):
            submissions = [shard.intake.put([command], 50) for command in funded(2)]
            await submissions[0].answer
            shard.stop()
            ends = await asyncio.gather(*(s.answer for s in submissions), return_exceptions=True)
        answered = [end for end in ends if not isinstance(end, BaseException)]
        assert all(isinstance(end, NotLeadingError) for end in ends[len(answered) :])
        commands = sum(len(CommandRecord.FromString(data).commands) for data in journal.logs[COMMANDS, 0])
        assert commands == len(answered)

    in_loop(scenario)
    assert published(journal)[-1].offset == len(journal.logs[COMMANDS, 0]) - 1


def test_a_new_leader_publishes_what_the_old_one_could_not() -> None:
    journal = FaultyJournal()

    async def session(node: str, *commands: Command) -> None:
        async with leading(shard := a_shard(journal, node)):
            await submit(shard, *commands)

    in_loop(lambda: session("a", *funded(2)))
    whole = list(journal.logs[EVENTS, 0])
    journal.logs[EVENTS, 0][:] = whole[:1]
    in_loop(lambda: session("b", deposit(1, 100)))
    assert journal.logs[EVENTS, 0][: len(whole)] == whole
    assert [record.offset for record in published(journal)] == [0, 1, 2, 3]


def test_events_whose_append_is_not_acknowledged_are_looked_for_and_published_once() -> None:
    journal = FaultyJournal(event_faults=[Fault.NONE, Fault.LANDED, Fault.LOST, Fault.LANDED, Fault.LATE, Fault.LOST])

    async def scenario() -> None:
        async with leading(shard := a_shard(journal)):
            for command in funded(3):
                await submit(shard, command)

    in_loop(scenario)
    offsets = [EventRecord.FromString(data).offset for data in journal.logs[EVENTS, 0]]
    assert [record.offset for record in published(journal)] == list(range(10))
    assert len(offsets) <= len(set(offsets)) + 1, "only what landed late may be there twice"


def test_a_log_that_lost_records_whose_events_are_published_is_not_led_on() -> None:
    journal = FaultyJournal()

    async def session() -> None:
        async with leading(shard := a_shard(journal)):
            await submit(shard, *funded(1))
            await submit(shard, deposit(1, 100))

    in_loop(session)
    journal.logs[COMMANDS, 0].pop()
    with pytest.raises(ChainError, match="the log ends at 2: it was cut"):
        in_loop(lambda: a_shard(journal).run())


def test_a_log_rewritten_under_published_events_is_not_led_on() -> None:
    journal = FaultyJournal()

    async def session() -> None:
        async with leading(shard := a_shard(journal)):
            await submit(shard, *funded(1))

    in_loop(session)
    chain = CommandChain()
    chain.follow(0, journal.logs[COMMANDS, 0][0])
    journal.logs[COMMANDS, 0][1] = chain.following(funded(2), NOW_MS)
    with pytest.raises(ChainError, match="the log was changed after they were published"):
        in_loop(lambda: a_shard(journal).run())


def test_a_build_halts_before_rules_that_it_does_not_know() -> None:
    journal = FaultyJournal()
    chain = CommandChain()
    journal.logs[COMMANDS, 0].append(chain.opening("newer", NOW_MS))
    chain.follow(0, journal.logs[COMMANDS, 0][0])
    journal.logs[COMMANDS, 0].append(chain.following([activate_rules(7)], NOW_MS))
    with pytest.raises(UnknownRulesError, match="offset 1 activates rules 7; this build knows up to"):
        in_loop(lambda: a_shard(journal).run())
    assert len(journal.logs[COMMANDS, 0]) == 2, "it must not have opened an epoch"
