"""One real Kafka broker on the loopback: a combined KRaft node with one replica of everything.

The caller supervises the process; this module says how to prepare its folder, which command runs it, when it is
ready, and which topics the exchange needs.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from infra.foundation.data.topics import TOPICS, TopicsError, load_topics
from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.runtime.jars import kafka_jars
from sandbox.runtime.java import find_java
from sandbox.runtime.ports import LOOPBACK

_ASK_S: Final = 15.0


class BrokerError(SandboxError):
    """The Kafka broker cannot be prepared, does not answer, or holds topics of another shape."""


@dataclass(frozen=True)
class Broker:
    """A Kafka broker's folder and ports.

    Attributes:
        folder: Holds its configuration and its log; what was acknowledged survives in it.
        port: Where clients connect, on the loopback.
        controller_port: Where the node's own KRaft quorum meets, on the loopback.
        heap_mib: The most heap that its Java may use, in MiB.
        overrides: Settings of Kafka's that are wanted otherwise, or besides.
    """

    folder: Path
    port: int
    controller_port: int
    heap_mib: int = 512
    overrides: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        """The bootstrap address for clients, host:port."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Writes the configuration, and formats the storage when the folder is new. Safe to call again.

        Raises:
            JavaMissingError: There is no Java 17 or newer.
            JarsError: The broker's jars are not to be had.
            BrokerError: Kafka's storage tool refused.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._properties, self._server_properties(self._data))
        write_atomically(self._logging, _LOG4J)
        if not (self._data / "meta.properties").exists():
            self._format()

    def command(self) -> list[str]:
        """The command that runs the broker in the foreground; SIGTERM stops it in order."""
        return [*self._java("kafka.Kafka"), str(self._properties)]

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _logging(self) -> Path:
        return self.folder / "log4j2.properties"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _format(self) -> None:
        """Formats a folder aside and moves it into place, so that a crash leaves nothing half made."""
        making, properties = self.folder / "data.new", self.folder / "format.properties"
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        write_atomically(properties, self._server_properties(making))
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        named = f"--cluster-id={cluster}"  # in one word: an identifier in 64 begins with a hyphen
        command = [*self._java("kafka.tools.StorageTool"), "format", named, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise BrokerError(f"Kafka's storage tool could not format {making}: {' '.join(last)}")
        making.rename(self._data)

    def _java(self, main_class: str) -> list[str]:
        class_path = ":".join(str(jar) for jar in kafka_jars())
        return [
            str(find_java().program),
            f"-Xmx{self.heap_mib}m",
            "-Xms64m",
            "-XX:+UseSerialGC",  # a small heap on few cores
            "-XX:TieredStopAtLevel=1",  # ready sooner
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self._logging}",
            "-cp",
            class_path,
            main_class,
        ]

    def _server_properties(self, data: Path) -> str:
        settings: dict[str, str | int] = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "listeners": f"CLIENT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"CLIENT://{LOOPBACK}:{self.port}",
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(data),
            "auto.create.topics.enable": "false",
            "unclean.leader.election.enable": "false",
            # one replica, so no other copy when the machine goes down: on the disk before it is acknowledged
            "log.flush.interval.messages": 1,
            "default.replication.factor": 1,
            "min.insync.replicas": 1,
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            # a killed broker is let in again only when its old session has run out: the default is 9 s
            "broker.session.timeout.ms": 4000,
            "broker.heartbeat.interval.ms": 1000,
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,  # the default takes a quarter of a small heap
        }
        return "".join(f"{key}={value}\n" for key, value in {**settings, **self.overrides}.items())


def wait_ready(bootstrap: str, *, within_s: float = 60.0) -> None:
    """Returns when the broker at `bootstrap` (host:port) answers a metadata request.

    Raises:
        BrokerError: It did not within `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while not answers(bootstrap):
        if time.monotonic() > deadline:
            raise BrokerError(f"the Kafka broker at {bootstrap} did not answer within {within_s:.0f} s")
        time.sleep(0.1)


def answers(bootstrap: str) -> bool:
    """Whether the broker at `bootstrap` (host:port) answers a metadata request now."""
    host, _, port = bootstrap.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        return bool(_admin(bootstrap).list_topics(timeout=5).brokers)
    except (OSError, KafkaException):
        return False


def create_topics(bootstrap: str, shards: int, *, prefix: str = "", file: Path = TOPICS) -> list[str]:
    """Creates the topics of `infra/topics.toml`, where they do not exist; returns the new names.

    Args:
        bootstrap: The broker's host:port.
        shards: How many partitions a topic has that has one a shard.
        prefix: Put before the topics' names.
        file: Another list of topics.

    Raises:
        BrokerError: The file cannot stand, a topic has another number of partitions, or the broker refuses.
    """
    try:
        topics = {prefix + name: topic for name, topic in load_topics(file).items()}
    except TopicsError as error:
        raise BrokerError(str(error)) from error
    admin = _admin(bootstrap)
    there = admin.list_topics(timeout=_ASK_S).topics
    wanted = {name: topic.partition_count(shards) for name, topic in topics.items()}
    for name, partitions in wanted.items():
        if name in there and len(there[name].partitions) != partitions:
            raise BrokerError(
                f"the topic {name} has {len(there[name].partitions)} partitions, {file.name} and {shards} shards "
                f"ask for {partitions}",
                hint="a shard is a partition for good: ask for as many shards, or begin anew: valletta down --wipe",
            )
    new = [
        NewTopic(name, num_partitions=wanted[name], replication_factor=-1, config=topic.configuration())
        for name, topic in topics.items()
        if name not in there
    ]
    _make(admin, new)
    return [topic.topic for topic in new]


def _make(admin: AdminClient, topics: list[NewTopic]) -> None:
    """Makes topics and waits until it is done. Whoever opens one checks for himself that it keeps what it must."""
    if not topics:
        return
    for name, made in admin.create_topics(topics).items():
        try:
            made.result(_ASK_S)
        except KafkaException as error:
            raise BrokerError(f"the topic {name} cannot be made: {error}") from error


def _admin(bootstrap: str) -> AdminClient:
    # log_level 0: while the broker is starting, a refused connection is expected and not worth a line
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


_LOG4J = """\
rootLogger.level = WARN
rootLogger.appenderRef.stdout.ref = STDOUT
appender.stdout.type = Console
appender.stdout.name = STDOUT
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = INFO
"""
