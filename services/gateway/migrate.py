"""The schema `gateway`: brought up to date by the deployment's migration, and required to be so by the server."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from services.gateway.tables import SCHEMA

_LOCK = 0x76616C_67617465
"""An advisory lock, so that two migrations started at once follow one another."""


class SchemaOutdatedError(RuntimeError):
    """The database is not at this build's schema; the message says what to run."""


def migrate(database: Engine) -> None:
    """Brings the schema to this build's revision; does nothing where it is there already."""
    with database.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(database: Engine) -> None:
    """Raises SchemaOutdatedError unless the schema is at this build's revision."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        found = context.get_current_revision()
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise SchemaOutdatedError(
            f"schema {SCHEMA!r} is at revision {found}, this build needs {wanted}: "
            "run `python -m services.gateway migrate`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "services.gateway:migrations")
    return config
