"""The Kafka broker of the local stack, run for real."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from sandbox.runtime import broker
from services.journal.log import COMMANDS
from tests.conftest import running


def test_topics_have_a_partition_a_shard_are_kept_for_ever_and_never_compacted(
    kafka_broker: str, topic_prefix: str
) -> None:
    names = (f"{topic_prefix}commands", f"{topic_prefix}events")
    assert broker.create_topics(kafka_broker, 3, commands=names[0], events=names[1]) == list(names)

    admin = AdminClient({"bootstrap.servers": kafka_broker})
    for name in names:
        assert len(admin.list_topics(name, timeout=10).topics[name].partitions) == 3
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        config = admin.describe_configs([resource])[resource].result()
        assert config["cleanup.policy"].value == "delete"
        assert config["retention.ms"].value == "-1"
        assert config["retention.bytes"].value == "-1"


def test_creating_the_topics_again_changes_nothing_and_another_number_of_shards_is_refused(
    kafka_broker: str, topic_prefix: str
) -> None:
    commands, events = f"{topic_prefix}commands", f"{topic_prefix}events"
    broker.create_topics(kafka_broker, 1, commands=commands, events=events)
    assert broker.create_topics(kafka_broker, 1, commands=commands, events=events) == []
    with pytest.raises(broker.BrokerError, match="has 1 partitions, 2 shards were asked for"):
        broker.create_topics(kafka_broker, 2, commands=commands, events=events)


def test_an_unknown_topic_is_not_created_by_naming_it(kafka_broker: str, topic_prefix: str) -> None:
    producer = Producer({"bootstrap.servers": kafka_broker, "message.timeout.ms": 2000, "log_level": 0})
    failures: list[object] = []
    producer.produce(f"{topic_prefix}unknown", b"x", on_delivery=lambda error, _: failures.append(error))
    producer.flush(10)
    assert failures[0] is not None
    assert (
        f"{topic_prefix}unknown" not in AdminClient({"bootstrap.servers": kafka_broker}).list_topics(timeout=10).topics
    )


def test_an_acknowledged_record_survives_a_kill_and_a_restart_on_another_port(
    kafka_broker: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """`kafka_broker` is asked for only because it decides whether a broker can run here at all."""
    first = broker.Broker(tmp_path, free_port(), free_port(), heap_mib=256)
    first.prepare()
    with running(first.command(), tmp_path / "first.log", signal.SIGKILL):
        broker.wait_ready(first.bootstrap)
        broker.create_topics(first.bootstrap, 1)
        producer = Producer({"bootstrap.servers": first.bootstrap, "acks": "all"})
        acknowledged: list[int | None] = []
        producer.produce(COMMANDS, b"bet", on_delivery=lambda _, message: acknowledged.append(message.offset()))
        assert producer.flush(10) == 0
        assert acknowledged == [0]

    second = broker.Broker(tmp_path, free_port(), free_port(), heap_mib=256)
    second.prepare()
    with running(second.command(), tmp_path / "second.log", signal.SIGTERM):
        broker.wait_ready(second.bootstrap)
        consumer = Consumer({"bootstrap.servers": second.bootstrap, "group.id": "none", "enable.auto.commit": False})
        consumer.assign([TopicPartition(COMMANDS, 0, 0)])
        message = consumer.poll(20)
        consumer.close()
    assert message is not None
    assert (message.offset(), message.value()) == (0, b"bet")
