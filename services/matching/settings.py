"""What the shard is told by its environment."""

from __future__ import annotations

from pydantic import Field

from services.journal.settings import JournalSettings


class MatchingSettings(JournalSettings):
    """Read from VALLETTA_* (deploy.toml lists them); see JournalSettings for where the log is."""

    shard: int = Field(ge=0, description="the index of this shard, and of its partition")
    node: str = Field(min_length=1, max_length=253, description="this process's name, a part of its epochs' names")
    grpc_address: str = Field(pattern=r"^.+:\d+$", description="host:port")
    metrics_address: str = Field(pattern=r"^.+:\d+$", description="host:port")
