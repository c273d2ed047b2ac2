"""Alembic's entry: runs the revisions on the connection that `migrate` opened."""

from __future__ import annotations

from alembic import context

from services.gateway.tables import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
context.run_migrations()
