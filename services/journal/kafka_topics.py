"""Topics that keep every record: made where absent, refused where they would lose one."""

from __future__ import annotations

import time
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from services.journal.log import JournalError, LogUnavailableError

_ASK_S: Final = 15.0
_KEPT: Final = {
    "cleanup.policy": "delete",  # never compact: offsets stay dense
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "unclean.leader.election.enable": "false",
}


def prepare_topic(client: dict[str, Any], topic: str, partitions: int, largest: int) -> None:
    """Make `topic` where it is absent, with the brokers' own replication, and check it.

    Args:
        client: how to reach the brokers.
        topic: its name.
        partitions: at least so many.
        largest: bytes that a record may have.

    Raises:
        LogUnavailableError: the brokers cannot be reached.
        JournalError: it may not be made, has too few partitions, or is configured to lose records.
    """
    admin = AdminClient({key: value for key, value in client.items() if key != "allow.auto.create.topics"})
    if topic not in _topics(admin):
        _create(admin, topic, partitions, largest)
    found = _topics(admin).get(topic)
    if found is not None and found < partitions:
        raise JournalError(f"topic {topic} has {found} partitions; {partitions} shards need one each")
    _check(admin, topic, largest)


def _topics(admin: AdminClient) -> dict[str, int]:
    try:
        listed = admin.list_topics(timeout=_ASK_S)
    except KafkaException as error:
        raise LogUnavailableError(f"the brokers cannot be reached: {error}") from error
    return {name: len(topic.partitions) for name, topic in listed.topics.items()}


def _create(admin: AdminClient, topic: str, partitions: int, largest: int) -> None:
    config = _KEPT | {"max.message.bytes": str(largest)}
    made = admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=-1, config=config)])
    try:
        made[topic].result(_ASK_S)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise JournalError(f"topic {topic} is absent and cannot be made: {error}") from error


def _check(admin: AdminClient, topic: str, largest: int) -> None:
    found = _configuration(admin, topic)
    for name, kept in _KEPT.items():
        if found[name].value != kept:
            raise JournalError(f"topic {topic} has {name}={found[name].value}, which loses records; set {kept}")
    taken = int(found["max.message.bytes"].value)
    if taken < largest:
        raise JournalError(f"topic {topic} takes records of {taken} bytes; set max.message.bytes to {largest} at least")


def _configuration(admin: AdminClient, topic: str) -> dict[str, Any]:
    """The topic's settings. A broker hears of a new topic a moment after it was made, so it is asked again."""
    resource = ConfigResource(ResourceType.TOPIC, topic)
    give_up = time.monotonic() + _ASK_S
    while True:
        try:
            found: dict[str, Any] = admin.describe_configs([resource])[resource].result(_ASK_S)
        except KafkaException as error:
            unheard_of = error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
            if not unheard_of or time.monotonic() > give_up:
                raise JournalError(f"the configuration of topic {topic} cannot be read: {error}") from error
            time.sleep(0.05)
        else:
            return found
