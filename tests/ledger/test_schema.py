"""The schema: it is the one in the code, and it refuses what would make the books wrong, whoever writes it."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from services.ledger import schema
from services.ledger.database import engine_from
from services.ledger.migrate import SchemaError, check_schema, migrate
from tests.ledger.recording import Recording
from tests.matching.betting import funded

_APPEND_ONLY = ["entries", "postings", "fills", "voided_fills", "refusals", "shortfalls", "rule_changes"]


def test_the_migrations_build_the_tables_that_the_code_knows(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table_schema": schema.SCHEMA,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == schema.SCHEMA,
            },
        )
        assert compare_metadata(context, schema.metadata) == []


def test_migrating_twice_is_safe_and_a_database_of_no_revision_is_refused(database: Engine, database_url: str) -> None:
    migrate(database)
    check_schema(database)
    with database.begin() as connection:
        connection.execute(text("DELETE FROM ledger.alembic_version"))
    with pytest.raises(
        SchemaError, match=r"revision none, this build needs \d+: run `python -m services.ledger migrate`"
    ):
        check_schema(engine_from(database_url))


def test_the_build_before_writes_into_this_schema_and_what_it_wrote_stays_as_it_was(database_url: str) -> None:
    """Revision 0001's own statements, before the migration and after it: both builds run while one is rolled out."""
    engine = engine_from(database_url)
    migrate(engine, "0001")
    with engine.begin() as connection:
        _write_as_before(connection, order=1)
    migrate(engine)
    with engine.begin() as connection:
        _write_as_before(connection, order=2)
        orders, fills = connection.execute(select(schema.orders)).all(), connection.execute(select(schema.fills)).all()
    assert [(row.remaining, row.status, row.type, row.liability_matched) for row in orders] == [
        (300, "OPEN", "LIMIT", None),
        (300, "OPEN", "LIMIT", None),
    ]
    assert [(row.payout, row.trade) for row in fills] == [(None, None), (None, None)]


def _write_as_before(connection: Connection, order: int) -> None:
    for statement in (
        """INSERT INTO ledger.orders (shard, "order", account, market, runner, side, price, size, placed_ms, updated_ms)
        VALUES (0, :order, 1, 1, 10, 'BACK', 99, 1000, 5, 5)""",
        """UPDATE ledger.orders SET updated_ms = 6, matched = matched + 400, matched_payout = matched_payout + 800,
        cancelled = cancelled + 200, lapsed = lapsed + 100 WHERE shard = 0 AND "order" = :order""",
        """INSERT INTO ledger.fills (shard, "offset", "index", time_ms, market, runner, price, size, incoming_side,
        incoming_order, incoming_account, resting_order, resting_account)
        VALUES (0, :order, 0, 6, 1, 10, 99, 400, 'LAY', 7, 2, :order, 1)""",
        """INSERT INTO ledger.markets (shard, market, name, event, event_type, start_time_ms, winners, commission_bp,
        minimum_stake, status, opened_ms) VALUES (0, :order, 'a', 'b', 'c', 1, 1, 500, 100, 'OPEN', 1)""",
        "INSERT INTO ledger.accounts (shard, account, opened_ms) VALUES (0, :order, 1)",
        """INSERT INTO ledger.ledger_accounts (shard, kind, owner) VALUES (0, 'HOUSE', 0), (0, 'WALLET', :order)
        ON CONFLICT DO NOTHING""",
    ):
        connection.execute(text(statement), {"order": order})


def test_an_entry_whose_postings_do_not_sum_to_zero_cannot_be_committed(database: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="the postings of entry 1 sum to -1, not to zero"),
        database.begin() as connection,
    ):
        _post(connection, 100, -101)


def test_an_entry_without_postings_cannot_be_committed(database: Engine) -> None:
    with pytest.raises(IntegrityError, match="entry 1 has no postings"), database.begin() as connection:
        _post(connection)


def test_a_balanced_entry_can(database: Engine) -> None:
    with database.begin() as connection:
        _post(connection, 100, -100)


@pytest.mark.parametrize("table", _APPEND_ONLY)
@pytest.mark.parametrize("statement", ['UPDATE {} SET "{}" = "{}"', "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_booked_is_never_changed_or_removed(database: Engine, table: str, statement: str) -> None:
    column = schema.metadata.tables[f"ledger.{table}"].columns.values()[-1].name
    changed = statement.format(f"ledger.{table}", column, column)
    with pytest.raises(IntegrityError, match="is only ever added to"), database.begin() as connection:
        connection.execute(text(changed))


def test_an_order_s_parts_cannot_exceed_its_size(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(1))
    recording.project(database)
    row = {"shard": 0, "order": 1, "account": 1, "market": 1, "runner": 1, "side": "BACK", "price": 1, "size": 10}
    times = {"placed_ms": 1, "updated_ms": 1}
    with pytest.raises(IntegrityError, match="ck_orders_parts"), database.begin() as connection:
        connection.execute(insert(schema.orders).values(**row, **times, matched=6, cancelled=5))


def _post(connection: Connection, *amounts: int) -> None:
    """One entry, with a posting of each amount to an account of its own."""
    name = {"shard": 0, "offset": 1, "index": 0, "kind": "DEPOSIT", "time_ms": 1}
    entry = connection.execute(insert(schema.entries).values(**name).returning(schema.entries.c.id)).scalar_one()
    for owner, amount in enumerate(amounts):
        account = insert(schema.ledger_accounts).values(shard=0, kind="WALLET", owner=owner)
        number = connection.execute(account.returning(schema.ledger_accounts.c.id)).scalar_one()
        connection.execute(
            insert(schema.postings).values(entry=entry, ledger_account=number, amount=amount, balance=amount)
        )
    assert connection.scalar(select(schema.entries.c.id)) == 1
