"""Whatever happens under rules 2, the ledger says of it what the core says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from sqlalchemy import Engine, select
from valletta_core import NEWEST_RULES, Exchange

from services.contract.exchange.v1.exchange_pb2 import Command
from services.ledger import projector, schema
from services.ledger.reading import LedgerReader
from tests.core.differ.generator import generate, plan_of
from tests.core.model.machine import Model
from tests.ledger.comparing import assert_agrees
from tests.ledger.recording import Recording

COMMANDS = 1_500


@pytest.mark.parametrize(("seed", "at_once"), [(0, 500), (1, 3), (2, 40), (5, 500), (6, 1), (9, 100)])
def test_after_any_log_of_rules_2_the_rows_are_as_the_core_s_images(
    tmp_path: Path, database: Engine, monkeypatch: pytest.MonkeyPatch, seed: int, at_once: int
) -> None:
    """However the log is cut into steps of the projector."""
    monkeypatch.setattr(projector, "_AT_ONCE", at_once)
    recording = _recorded(tmp_path, seed)
    recording.project(database)
    assert_agrees(database, recording.replica.core)
    _assert_books_balance_by_currency(database)


def _recorded(folder: Path, seed: int) -> Recording:
    """A random log; commands of the same time are one record."""
    plan = plan_of(seed)
    recording = Recording(folder, core=Exchange(limits=plan.limits), time_ms=0)
    for time_ms, entries in groupby(_commands(seed), key=lambda entry: entry[0]):
        recording.submit_at(time_ms, *(command for _, command in entries))
    return recording


def _commands(seed: int) -> Iterator[tuple[int, Command]]:
    """As many of a seed; what the shard lets through into no log is left out."""
    plan = plan_of(seed)
    model = Model(plan.limits)
    for time_ms, data in islice(generate(seed, model.world, plan), COMMANDS):
        try:
            command = Command.FromString(data)
        except DecodeError:
            continue
        if command.activate_rules.version > NEWEST_RULES:
            continue
        model.apply(time_ms, command)
        yield time_ms, command


def _assert_books_balance_by_currency(database: Engine) -> None:
    reader = LedgerReader(database)
    with database.connect() as connection:
        currencies = set(connection.execute(select(schema.markets.c.currency).distinct()).scalars())
        currencies |= set(connection.execute(select(schema.accounts.c.currency).distinct()).scalars()) - {None}
    books = [reader.trial_balance(currency) for currency in currencies]
    assert [sum(book.values()) for book in books] == [0] * len(books)
