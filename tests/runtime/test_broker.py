"""The Kafka broker of the local stack, run for real."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from infra.foundation.data.topics import TOPICS, load_topics
from sandbox.runtime import broker
from services.journal.log import COMMANDS, EVENTS
from tests.conftest import running


def test_topics_have_a_partition_a_shard_are_kept_for_ever_and_never_compacted(
    kafka_broker: str, topic_prefix: str
) -> None:
    names = [f"{topic_prefix}{COMMANDS}", f"{topic_prefix}{EVENTS}"]
    assert broker.create_topics(kafka_broker, 3, prefix=topic_prefix) == names

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
    broker.create_topics(kafka_broker, 1, prefix=topic_prefix)
    assert broker.create_topics(kafka_broker, 1, prefix=topic_prefix) == []
    with pytest.raises(broker.BrokerError, match=f"{COMMANDS} has 1 partitions, topics.toml and 2 shards ask for 2"):
        broker.create_topics(kafka_broker, 2, prefix=topic_prefix)


def test_the_laptops_topics_are_those_of_the_file_as_aws_has_them(
    kafka_broker: str, topic_prefix: str, tmp_path: Path
) -> None:
    """A topic of a few partitions, which is compacted, beside those of the exchange."""
    more = """
        [audit]
        partitions = 5
        largest_record = "64 KiB"
        retention = "7 days"
        cleanup_policy = "compact"
        appends = ["gateway"]
        reads = []
    """
    file = tmp_path / "topics.toml"
    file.write_text(TOPICS.read_text() + more)
    assert f"{topic_prefix}audit" in broker.create_topics(kafka_broker, 2, prefix=topic_prefix, file=file)

    admin = AdminClient({"bootstrap.servers": kafka_broker})
    for name, topic in load_topics(file).items():
        made = f"{topic_prefix}{name}"
        assert len(admin.list_topics(made, timeout=10).topics[made].partitions) == topic.partition_count(2)
        resource = ConfigResource(ConfigResource.Type.TOPIC, made)
        found = admin.describe_configs([resource])[resource].result()
        assert {key: found[key].value for key in topic.configuration()} == topic.configuration()


def test_a_list_of_topics_that_cannot_stand_makes_none(kafka_broker: str, topic_prefix: str, tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(TOPICS.read_text().replace("per shard", "per day"))
    with pytest.raises(broker.BrokerError, match=r"topics.toml: exchange.commands.partitions is 'per day'"):
        broker.create_topics(kafka_broker, 1, prefix=topic_prefix, file=file)
    there = AdminClient({"bootstrap.servers": kafka_broker}).list_topics(timeout=10).topics
    assert not [name for name in there if name.startswith(topic_prefix)]


def test_an_unknown_topic_is_not_created_by_naming_it(kafka_broker: str, topic_prefix: str) -> None:
    producer = Producer({"bootstrap.servers": kafka_broker, "message.timeout.ms": 2000, "log_level": 0})
    failures: list[object] = []
    producer.produce(f"{topic_prefix}unknown", b"x", on_delivery=lambda error, _: failures.append(error))
    producer.flush(10)
    assert failures[0] is not None
    assert (
        f"{topic_prefix}unknown" not in AdminClient({"bootstrap.servers": kafka_broker}).list_topics(timeout=10).topics
    )


def test_an_identifier_that_begins_with_a_hyphen_is_not_taken_for_an_option(
    kafka_broker: str, tmp_path: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One random identifier in 64 does; `kafka_broker` decides whether a broker can run here at all."""
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(bytes=b"\xf8" * 16))
    broker.Broker(tmp_path, free_port(), free_port(), heap_mib=256).prepare()
    assert "cluster.id=-" in (tmp_path / "data" / "meta.properties").read_text()


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
