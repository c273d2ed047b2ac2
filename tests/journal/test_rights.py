"""The rights of users with passwords, on a real broker that lets nobody do what no right allows."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from sandbox.runtime import broker
from sandbox.runtime.jars import JarsError
from sandbox.runtime.java import JavaMissingError
from sandbox.runtime.ports import LOOPBACK, any_free_port
from services.journal.log import COMMANDS, EVENTS, JournalError
from services.journal.rights import bring_about, read_declaration
from tests.conftest import running, unavailable

PASSWORD = secrets.token_urlsafe(24)
_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"
READS_EVENTS = '{"reports": {"read": ["exchange.events"], "append": []}}'


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the administrator connects, and where users with passwords do, of whom there is one: `reports`."""
    ports = {name: any_free_port() for name in ("CLIENT", "CONTROLLER", "SCRAM")}
    advertised = ",".join(f"{name}://{LOOPBACK}:{ports[name]}" for name in ("CLIENT", "SCRAM"))
    node = broker.Broker(
        tmp_path_factory.mktemp("rights"),
        ports["CLIENT"],
        ports["CONTROLLER"],
        heap_mib=256,
        overrides={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:ANONYMOUS",  # who comes without a password, as the administrator does here
            "listeners": f"{advertised},CONTROLLER://{LOOPBACK}:{ports['CONTROLLER']}",
            "advertised.listeners": advertised,
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,SCRAM:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{_MODULE} required;",
        },
    )
    try:
        node.prepare()
    except (JavaMissingError, JarsError) as missing:
        unavailable(missing)
    with running(node.command(), node.folder / "broker.log", signal.SIGTERM):
        broker.wait_ready(node.bootstrap)
        broker.create_topics(node.bootstrap, 1)
        _give_password(node.bootstrap)
        yield node.bootstrap, f"{LOOPBACK}:{ports['SCRAM']}"


def _give_password(bootstrap: str) -> None:
    method = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion("reports", method, PASSWORD.encode())
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.alter_user_scram_credentials([change]).values():
        made.result(15)


def _user(address: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": address,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "reports",
        "sasl.password": PASSWORD,
        "log_level": 0,
    }


def _may_read(address: str, topic: str) -> bool:
    consumer = Consumer({**_user(address), "group.id": "reports.test", "auto.offset.reset": "earliest"})
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) is not None
    except KafkaException as refused:
        # Of a topic that a user may not even describe, brokers tell nothing.
        if refused.args[0].code() not in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._UNKNOWN_PARTITION):
            raise
        return False
    finally:
        consumer.close()


def _may_append(address: str, topic: str) -> bool:
    producer = Producer({**_user(address), "message.timeout.ms": 10000})
    failures: list[KafkaError | None] = []
    producer.produce(topic, b"x", on_delivery=lambda error, _: failures.append(error))
    assert producer.flush(15) == 0
    assert failures[0] is None or failures[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    return failures[0] is None


def _run(bootstrap: str, declared: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VALLETTA_KAFKA_BOOTSTRAP": bootstrap, "VALLETTA_KAFKA_ACLS": declared}
    command = [sys.executable, "-m", "services.journal", "acls"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def _becomes(asked: Callable[[str, str], bool], address: str, topic: str, wanted: bool) -> bool:
    """A broker hears of new rights a moment after they were given."""
    give_up = time.monotonic() + 20
    while asked(address, topic) is not wanted:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


def test_a_user_may_do_what_is_declared_and_nothing_else_and_no_longer_what_is_not(brokers: tuple[str, str]) -> None:
    bootstrap, address = brokers
    client = {"bootstrap.servers": bootstrap}
    assert not _may_read(address, EVENTS), "a password alone is no right"

    done = _run(bootstrap, READS_EVENTS)
    assert done.returncode == 0, done.stderr
    assert _becomes(_may_read, address, EVENTS, True)
    assert not _may_append(address, EVENTS)
    assert not _may_read(address, COMMANDS)

    assert bring_about(client, read_declaration(READS_EVENTS)) == (0, 0), "done again, it changes nothing"
    assert bring_about(client, read_declaration('{"reports": {"append": ["exchange.events"]}}')) == (1, 2)
    assert _becomes(_may_append, address, EVENTS, True)
    assert bring_about(client, {}) == (0, 1)
    assert _becomes(_may_append, address, EVENTS, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "are not JSON"),
        ('{"Reports": {}}', r"Reports\.\[key\] is 'Reports'"),
        ('{"reports": {"reads": []}}', "reports.reads is .*: Extra inputs are not permitted"),
        ('{"reports": {"read": ["*"]}}', r"reports\.read\.0 is '\*'"),
    ],
)
def test_rights_that_cannot_stand_are_refused_and_told(text: str, told: str) -> None:
    with pytest.raises(JournalError, match=told):
        read_declaration(text)


def test_a_wrong_declaration_ends_the_command_before_anybody_is_asked() -> None:
    done = _run(f"{LOOPBACK}:1", json.dumps({"reports": {"read": ["a topic"]}}))
    assert done.returncode == 2
    assert "VALLETTA_KAFKA_ACLS: the declared rights cannot stand: reports.read.0 is 'a topic'" in done.stderr
