"""Which journal a service uses, from its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.journal.file import FileJournal
from services.journal.kafka import KafkaJournal
from services.journal.log import Journal


class JournalSettings(BaseSettings):
    """The part of a service's settings that says where the log is."""

    model_config = SettingsConfigDict(env_prefix="VALLETTA_", env_ignore_empty=True)

    journal: Literal["kafka", "file"] = "kafka"
    journal_folder: Path | None = Field(default=None, description="for file: the folder of the logs")
    kafka_bootstrap: str = Field(default="", description="for kafka: host:port, several with commas")
    kafka_security: Literal["plaintext", "iam"] = "plaintext"
    kafka_topic_prefix: str = Field(default="", description="before the topics' names: several exchanges, one cluster")
    kafka_region: str = Field(default="", description="for iam: the AWS region of the brokers")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.journal == "file" and self.journal_folder is None:
            raise ValueError("VALLETTA_JOURNAL is file: set VALLETTA_JOURNAL_FOLDER to the folder of the logs")
        if self.journal == "kafka" and not self.kafka_bootstrap:
            raise ValueError("VALLETTA_JOURNAL is kafka: set VALLETTA_KAFKA_BOOTSTRAP to the brokers' host:port")
        if self.journal == "kafka" and self.kafka_security == "iam" and not self.kafka_region:
            raise ValueError("VALLETTA_KAFKA_SECURITY is iam: set VALLETTA_KAFKA_REGION to the brokers' region")
        return self

    def open_journal(self) -> Journal:
        """The journal that these settings name; nothing is connected to yet."""
        if self.journal == "file" and self.journal_folder is not None:
            return FileJournal(self.journal_folder)
        return KafkaJournal(self.kafka_bootstrap, prefix=self.kafka_topic_prefix, region=self.iam_region)

    @property
    def iam_region(self) -> str | None:
        """The brokers' region where clients sign in with IAM."""
        return self.kafka_region if self.kafka_security == "iam" else None
