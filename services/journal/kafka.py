"""The journal in Kafka: a topic is a topic, a shard its partition.

Fault model: replication factor 3, min.insync.replicas 2, unclean leader election off, acks=all. An acknowledged record
then survives the loss of any one broker and any number of restarts. Losing two brokers for good may truncate the log;
that is not absorbed but noticed, by the chain that runs through the records (chain.py). One broker, as on a laptop, is
durable as far as that machine is.

Offsets stay dense because nothing takes one without being a record: no transactions, no compaction, no deletion.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from services.journal.kafka_topics import prepare_topic
from services.journal.log import (
    LARGEST_EVENTS,
    AppendUnknownError,
    CorruptLogError,
    LogReader,
    LogUnavailableError,
    LogWriter,
    Record,
)

_DELIVERY_S = 10.0
_ASK_S = 10.0
_OVERHEAD = 64 * 1024


def client_settings(bootstrap: str, region: str | None) -> dict[str, Any]:
    """How any client reaches the brokers: by TLS as the process's IAM role, where a region is given."""
    settings: dict[str, Any] = {"bootstrap.servers": bootstrap, "logger": logging.getLogger("librdkafka")}
    if region is not None:
        settings |= {
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": "OAUTHBEARER",
            "oauth_cb": partial(_iam_token, region),
        }
    return settings


class KafkaJournal:
    """Logs as partitions of Kafka topics.

    Args:
        bootstrap: `host:port`, several with commas.
        prefix: put before the topics' names, for several exchanges on one cluster.
        region: of the MSK cluster, to speak TLS and sign in with the process's IAM role; None for plaintext.
        delivery_s: how long an append may go unacknowledged before its outcome counts as unknown.
    """

    def __init__(
        self, bootstrap: str, *, prefix: str = "", region: str | None = None, delivery_s: float = _DELIVERY_S
    ) -> None:
        self._prefix = prefix
        self._delivery_s = delivery_s
        self._client = {**client_settings(bootstrap, region), "allow.auto.create.topics": False}

    def prepare(self, topic: str, shards: int, largest: int) -> None:
        """Make the topic where it is absent, and check that it will keep every record for ever."""
        prepare_topic(self._client, self._prefix + topic, shards, largest)

    def reader(self, topic: str, shard: int) -> LogReader:
        """A reader of a partition: assigned, not subscribed; no consumer group, nothing committed."""
        return _KafkaReader(self._client, self._prefix + topic, shard)

    def writer(self, topic: str, shard: int) -> LogWriter:
        """An idempotent producer to a partition."""
        return _KafkaWriter(self._client, self._prefix + topic, shard, self._delivery_s)


class _KafkaWriter:
    def __init__(self, client: dict[str, Any], topic: str, shard: int, delivery_s: float) -> None:
        self._topic = topic
        self._shard = shard
        self._deadline_s = delivery_s + 1.0
        self._failed = False
        self._producer = Producer(
            {key: value for key, value in client.items() if key != "allow.auto.create.topics"}
            | {
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 0,
                "compression.type": "lz4",
                "message.max.bytes": LARGEST_EVENTS + _OVERHEAD,
                "delivery.timeout.ms": int(delivery_s * 1000),
            }
        )

    def append(self, record: bytes) -> int:
        """Produce one record and wait for every in-sync replica's acknowledgement."""
        return self._produce([record])[0]

    def extend(self, records: Sequence[bytes]) -> None:
        """Produce records in order, many in flight at once."""
        self._produce(records)

    def close(self) -> None:
        """Drop what has not been acknowledged."""
        self._failed = True
        self._producer.purge()

    def _produce(self, records: Sequence[bytes]) -> list[int]:
        if self._failed:
            raise AppendUnknownError(f"the producer to {self._name} failed earlier; open another")
        reports: list[tuple[KafkaError | None, Message]] = []

        def on_delivery(error: KafkaError | None, message: Message) -> None:
            reports.append((error, message))

        try:
            for record in records:
                self._producer.produce(self._topic, record, partition=self._shard, on_delivery=on_delivery)
            self._await(lambda: len(reports) == len(records))
        except (KafkaException, BufferError) as error:
            raise self._unknown(str(error)) from error
        for failure, _ in reports:
            if failure is not None:
                raise self._unknown(failure.str())
        if len(reports) < len(records):
            raise self._unknown("no report of delivery in time")
        return [_offset_of(message) for _, message in reports]

    def _await(self, delivered: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self._deadline_s
        while not delivered() and (left := deadline - time.monotonic()) > 0:
            self._producer.poll(left)

    def _unknown(self, reason: str) -> AppendUnknownError:
        """From here on nothing more may be sent, lest a later record lands while this one's fate is open."""
        self.close()
        return AppendUnknownError(f"append to {self._name} was not acknowledged: {reason}")

    @property
    def _name(self) -> str:
        return f"{self._topic}[{self._shard}]"


class _KafkaReader:
    def __init__(self, client: dict[str, Any], topic: str, shard: int) -> None:
        self._topic = topic
        self._shard = shard
        self._position: int | None = None
        self._consumer = Consumer(
            client
            | {
                "group.id": "valletta-reader",  # demanded by the client; never joined, for offsets are ours to keep
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 100,
                "fetch.message.max.bytes": LARGEST_EVENTS + _OVERHEAD,
                "fetch.max.bytes": 2 * LARGEST_EVENTS,
                "receive.message.max.bytes": 2 * LARGEST_EVENTS + _OVERHEAD,
            }
        )

    def read(self, offset: int, *, limit: int = 500, wait_s: float = 0.0) -> list[Record]:
        """The records from `offset` on; an offset that is gone or skipped is an error, never passed over."""
        if offset != self._position:
            self._consumer.assign([TopicPartition(self._topic, self._shard, offset)])
            self._position = offset
        try:
            messages = self._messages(limit, wait_s)
            records = [self._checked(message, offset + i) for i, message in enumerate(messages)]
        except KafkaException as error:
            self._position = None
            raise LogUnavailableError(f"{self._name} cannot be read: {error}") from error
        except BaseException:
            self._position = None
            raise
        self._position = offset + len(records)
        return records

    def end(self) -> int:
        """The partition's high watermark: what every in-sync replica has."""
        partition = TopicPartition(self._topic, self._shard)
        try:
            marks = self._consumer.get_watermark_offsets(partition, timeout=_ASK_S, cached=False)
        except KafkaException as error:
            raise LogUnavailableError(f"{self._name} cannot be reached: {error}") from error
        if marks is None:
            raise LogUnavailableError(f"{self._name} did not say in {_ASK_S:.0f} s where it ends")
        return int(marks[1])

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()

    def _messages(self, limit: int, wait_s: float) -> list[Message]:
        first = self._consumer.poll(wait_s)
        if first is None:
            return []
        return [first, *self._consumer.consume(limit - 1, timeout=0)] if limit > 1 else [first]

    def _checked(self, message: Message, expected: int) -> Record:
        failure = message.error()
        if failure is not None:
            if failure.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
                raise CorruptLogError(f"{self._name} does not hold offset {expected}: {failure.str()}")
            raise LogUnavailableError(f"{self._name} cannot be read: {failure.str()}")
        if message.offset() != expected:
            raise CorruptLogError(f"{self._name} skips from offset {expected} to {message.offset()}")
        return Record(expected, message.value() or b"")

    @property
    def _name(self) -> str:
        return f"{self._topic}[{self._shard}]"


def _offset_of(message: Message) -> int:
    offset = message.offset()
    if offset is None or offset < 0:
        raise AppendUnknownError(f"an append to {message.topic()} was acknowledged without an offset")
    return offset


def _iam_token(region: str, _config: str) -> tuple[str, float]:
    """A token for MSK from the process's IAM role, and when it expires (seconds since the epoch)."""
    # It imports boto3, which only AWS should wait for.
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider  # noqa: PLC0415

    token, expires_ms = MSKAuthTokenProvider.generate_auth_token(region)
    return token, expires_ms / 1000
