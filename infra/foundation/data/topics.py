"""The topics of the log, read from `infra/topics.toml`: data from which AWS, a laptop's broker and the rights are made.

Nothing of Pulumi is imported here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

TOPICS: Final = Path(__file__).resolve().parents[2] / "topics.toml"
PER_SHARD: Final = "per shard"
SHARDED: Final = ("exchange.commands", "exchange.events")
"""The topics that a shard owns a partition of, which has every record from offset 0 on."""
FOREVER: Final = -1
_SIZES: Final = {"KiB": 1 << 10, "MiB": 1 << 20}
_SPANS: Final = {"hour": 3_600_000, "day": 86_400_000}
_MOST_PARTITIONS: Final = 1000
_USER: Final = "scram:"


class TopicsError(Exception):
    """A topics.toml that cannot stand, or does not agree; the message names the file, the topic and every finding."""


def _bytes(value: object) -> int:
    """Bytes, of text such as `1 MiB`."""
    found = re.fullmatch(r"([1-9]\d{0,3}) (KiB|MiB)", str(value))
    if found is None:
        raise ValueError("a size is wanted, such as '512 KiB' or '32 MiB'")
    return int(found[1]) * _SIZES[found[2]]


def _milliseconds(value: object) -> int:
    """Milliseconds, of text such as `7 days`."""
    found = re.fullmatch(r"([1-9]\d{0,4}) (hour|day)s?", str(value))
    if found is None:
        raise ValueError("a time is wanted, such as '12 hours' or '7 days'")
    return int(found[1]) * _SPANS[found[2]]


def _retention(value: object) -> int:
    try:
        return FOREVER if value == "forever" else _milliseconds(value)
    except ValueError as error:
        raise ValueError(f"{error}, or 'forever'") from None


def _partitions(value: object) -> object:
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_PARTITIONS
    if value != PER_SHARD and not number:
        raise ValueError(f"a number from 1 to {_MOST_PARTITIONS} is wanted, or {PER_SHARD!r}")
    return value


Party = Annotated[str, StringConstraints(pattern=r"^(scram:)?[a-z]([-a-z0-9]{0,30}[a-z0-9])?$")]
"""A service, or with `scram:` before its name a user with a password."""


class Topic(BaseModel):
    """One table of the file. Sizes are bytes, times milliseconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partitions: Annotated[int | str, BeforeValidator(_partitions)]
    largest_record: Annotated[int, BeforeValidator(_bytes)]
    retention: Annotated[int, BeforeValidator(_retention)]
    cleanup_policy: Literal["delete", "compact"]
    kept_on_disks: Annotated[int, BeforeValidator(_milliseconds)] | None = None
    appends: Annotated[tuple[Party, ...], Field(min_length=1)]
    reads: tuple[Party, ...]

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.kept_on_disks is not None and self.cleanup_policy != "delete":
            raise ValueError(
                "kept_on_disks is set, but tiered storage takes no topic whose cleanup_policy is 'compact'"
            )
        if self.kept_on_disks is not None and FOREVER < self.retention <= self.kept_on_disks:
            raise ValueError("kept_on_disks is not shorter than retention: leave it out")
        return self

    def partition_count(self, shards: int) -> int:
        """How many partitions it has where the exchange has so many shards."""
        return shards if isinstance(self.partitions, str) else self.partitions

    def configuration(self, *, tiered: bool = False) -> dict[str, str]:
        """Kafka's settings of the topic; replication is the brokers' own. `tiered`: whether they have such storage."""
        settings = {
            "cleanup.policy": self.cleanup_policy,
            "max.message.bytes": str(self.largest_record),
            "retention.bytes": "-1",
            "retention.ms": str(self.retention),
            "unclean.leader.election.enable": "false",
        }
        if tiered and self.kept_on_disks is not None:
            settings |= {"remote.storage.enable": "true", "local.retention.ms": str(self.kept_on_disks)}
        return settings


@dataclass(frozen=True)
class Rights:
    """The topics that somebody reads, and those that he appends to."""

    reads: Sequence[str]
    appends: Sequence[str]


def load_topics(file: Path = TOPICS) -> dict[str, Topic]:
    """Every topic by its name, sorted.

    Raises `TopicsError` naming file, topic and key for a value that cannot stand, and where a topic of the exchange is
    absent or could lose a record.
    """
    try:
        tables = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise TopicsError(f"{file}: is not TOML: {error}") from None
    findings: list[str] = []
    topics: dict[str, Topic] = {}
    for name, table in sorted(tables.items()):
        try:
            topics[name] = Topic.model_validate(table)
        except ValidationError as error:
            findings += [_finding(name, each["loc"], each["msg"], each["input"]) for each in error.errors()]
    findings += [finding for name in SHARDED for finding in _sharded_findings(name, tables, topics.get(name))]
    if findings:
        raise TopicsError("\n".join(f"{file}: {each}" for each in findings))
    return topics


def _finding(topic: str, where: Sequence[int | str], message: str, value: object) -> str:
    key = ".".join([topic, *map(str, where)])
    said = f" is {value!r}" if where else ""
    return f"{key}{said}: {message.removeprefix('Value error, ')}"


def _sharded_findings(name: str, tables: Mapping[str, object], topic: Topic | None) -> Iterator[str]:
    """A shard replays its partition from offset 0: it must have one of its own, and nothing in it may ever go."""
    if name not in tables:
        yield f"{name} is absent; every shard appends to it"
    if topic is None:
        return
    if topic.partitions != PER_SHARD:
        yield f"{name}.partitions is {topic.partitions}; a shard owns a partition, so it must be {PER_SHARD!r}"
    if topic.cleanup_policy != "delete":
        yield f"{name}.cleanup_policy is {topic.cleanup_policy!r}; compaction leaves gaps, so it must be 'delete'"
    if topic.retention != FOREVER:
        yield f"{name}.retention is {topic.retention} ms; a shard replays all of it, so it must be 'forever'"
    if users := [each for each in topic.appends if each.startswith(_USER)]:
        yield f"{name}.appends names {', '.join(users)}; only a shard's leader, who counts offsets, may append"


def check_services(topics: Mapping[str, Topic], asked: Mapping[str, Rights], file: Path = TOPICS) -> None:
    """See that the topics name exactly the services that ask for them in their deploy.toml.

    Raises `TopicsError` with every difference.
    """
    findings: list[str] = []
    for verb in ("appends", "reads"):
        for service, rights in sorted(asked.items()):
            findings += [
                f"services/{service}/deploy.toml {verb} {each}, which is no topic of {file}"
                for each in getattr(rights, verb)
                if each not in topics
            ]
        for name, topic in topics.items():
            said = {each for each in getattr(topic, verb) if not each.startswith(_USER)}
            found = {service for service, rights in asked.items() if name in getattr(rights, verb)}
            findings += [f"{file}: {name}.{verb} lacks {each}, whose deploy.toml asks for it" for each in found - said]
            findings += [f"{file}: {name}.{verb} names {each}, who does not ask for it" for each in said - found]
    if findings:
        raise TopicsError("\n".join(sorted(findings)))


def rights_of_users(topics: Mapping[str, Topic], users: Sequence[str], file: Path = TOPICS) -> dict[str, Rights]:
    """What each user with a password may do.

    Raises `TopicsError` for one whom no topic names: he could do nothing.
    """
    rights = {
        user: Rights(
            reads=[name for name, topic in topics.items() if f"{_USER}{user}" in topic.reads],
            appends=[name for name, topic in topics.items() if f"{_USER}{user}" in topic.appends],
        )
        for user in users
    }
    findings = [
        f"valletta:kafka_scram_users names {user!r}, but no topic of {file} has '{_USER}{user}' in appends or reads"
        for user, each in rights.items()
        if not (each.reads or each.appends)
    ]
    if findings:
        raise TopicsError("\n".join(findings))
    return rights
