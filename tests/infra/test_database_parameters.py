"""The database's parameters, given to a real PostgreSQL: nothing that a player told us reaches its log."""

from __future__ import annotations

import psycopg
import pytest

from infra.foundation.data.database_parameters import PARAMETERS
from sandbox.runtime.database import Database

PLAYER = "grace.murray@example.test"


def options(url: str) -> str:
    """Those parameters that a session may be given, as its options; the others are the server's and RDS's own."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT name FROM pg_settings WHERE context IN ('user', 'superuser')").fetchall()
    known = {str(row[0]) for row in rows}
    return " ".join(f"-c {name}={value}" for name, (value, _) in PARAMETERS.items() if name in known)


def log_after_mistakes(postgres: Database, url: str, given: str) -> str:
    """What is logged of a session in which a row exists already, and somebody types a statement that fails."""
    log = postgres.folder / "postgres.log"
    before = log.stat().st_size
    with psycopg.connect(url, autocommit=True, options=given) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS players (name text UNIQUE)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO players VALUES (%s)", [PLAYER])
            except psycopg.errors.UniqueViolation as refused:
                assert PLAYER in str(refused), "whoever asked is told"
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute(f"SELECT * FROM absent WHERE name = '{PLAYER}'")
    with log.open() as text:
        text.seek(before)
        return text.read()


def test_no_value_of_a_player_reaches_the_log_that_is_locked_for_years(postgres: Database, database_url: str) -> None:
    assert log_after_mistakes(postgres, database_url, "").count(PLAYER) >= 2, "left to itself, PostgreSQL logs them"
    logged = log_after_mistakes(postgres, database_url, options(database_url))
    assert "duplicate key value violates unique constraint" in logged, "the mistake itself is logged"
    assert PLAYER not in logged


def test_postgresql_knows_every_parameter_that_is_its_own_and_when_it_is_read(database_url: str) -> None:
    own = {name: when for name, (_, when) in PARAMETERS.items() if "." not in name}
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT name, context FROM pg_settings WHERE name = ANY(%s)", [[*own]]).fetchall()
    contexts: dict[str, str] = dict(rows)
    assert set(contexts) == set(own)
    at_start = {name for name, context in contexts.items() if context == "postmaster"}
    assert at_start == {name for name, when in own.items() if when == "pending-reboot"}
