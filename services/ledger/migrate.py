"""Brings the ledger's schema up to this build, and says whether it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.schema import CreateSchema

from services.ledger.schema import SCHEMA

_LOCK: Final = 0x56414C4C  # "VALL": two that migrate at once wait for each other


class SchemaError(Exception):
    """The database's schema is not the one that this build was written for; the message says what to run."""


def migrate(database: Engine, revision: str = "head") -> None:
    """Upgrade to a revision, as a rule the newest. Safe to call again, and by several processes at once."""
    with database.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def check_schema(database: Engine) -> None:
    """Refuse a database that has not been migrated to this build's revision.

    Raises:
        SchemaError: it has another revision, or none.
    """
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with database.connect() as connection:
        options = {"version_table_schema": SCHEMA}
        found = MigrationContext.configure(connection, opts=options).get_current_revision()
    if found != newest:
        raise SchemaError(
            f"the ledger's schema is at revision {found or 'none'}, this build needs {newest}: "
            "run `python -m services.ledger migrate`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
