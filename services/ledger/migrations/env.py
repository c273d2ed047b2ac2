"""Alembic's entry point: migrate.py hands over the connection; nothing is read from a configuration file."""

from __future__ import annotations

from alembic import context

from services.ledger.schema import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
context.run_migrations()
