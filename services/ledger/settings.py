"""What the projector is told by its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr
from sqlalchemy import Engine

from services.journal.settings import JournalSettings
from services.ledger.database import engine_from


class LedgerSettings(JournalSettings):
    """Read from VALLETTA_* (deploy.toml lists them); see JournalSettings for where the log is."""

    shards: int = Field(default=1, ge=1, description="how many shards there are, and so logs of events")
    database_url: SecretStr = Field(description="postgresql://user@host:port/name")
    database_secret: str = Field(default="", description="file path or ARN of the password; empty: none")
    metrics_address: str = Field(pattern=r"^.+:\d+$", description="host:port")

    def open_database(self) -> Engine:
        """The engine; nothing is connected to yet. Raises ValueError for a URL that is not PostgreSQL's."""
        return engine_from(self.database_url.get_secret_value(), self.database_secret)
