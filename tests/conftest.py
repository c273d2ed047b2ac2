"""What every test may stand on: a real Kafka broker, a real PostgreSQL, free ports.

One broker and one PostgreSQL serve the whole session; each test gets topics and a database of its own. Where Java or
a jar cannot be had, a test that needs it skips with one line on a laptop, and fails where CI=true.
"""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from sandbox.errors import SandboxError
from sandbox.runtime import broker, database
from sandbox.runtime.jars import JarsError
from sandbox.runtime.java import JavaMissingError
from sandbox.runtime.ports import any_free_port
from sandbox.runtime.unprivileged import PrivilegeError
from tests.planning import planner  # noqa: F401  (a fixture)
from tests.stack import exchange  # noqa: F401  (a fixture)


def unavailable(reason: SandboxError) -> None:
    """Ends the test that needs what `reason` says is not here: a failure in CI, a skip elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have this: {reason}", pytrace=False)
    pytest.skip(str(reason))


@contextmanager
def running(command: list[str], log: Path, stop: signal.Signals) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command` with its output in `log`, and ends it in order with the signal `stop`."""
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd="/") as process:
        try:
            yield process
        finally:
            process.send_signal(stop)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives ports of the loopback that nobody has."""
    return any_free_port


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a real Kafka broker. It creates no topic by itself: see `topic_prefix`."""
    node = broker.Broker(tmp_path_factory.mktemp("kafka"), any_free_port(), any_free_port(), heap_mib=256)
    try:
        node.prepare()
    except (JavaMissingError, JarsError) as missing:
        unavailable(missing)
    with running(node.command(), node.folder / "broker.log", signal.SIGTERM):
        broker.wait_ready(node.bootstrap)
        yield node.bootstrap


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that makes the topics of one test its own, for instance `t3f9c2a1b.`."""
    return f"t{uuid.uuid4().hex[:8]}."


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[database.Database]:
    """A real PostgreSQL server on the loopback."""
    server = database.Database(tmp_path_factory.mktemp("postgres"), any_free_port(), durable=False)
    try:
        server.prepare()
    except PrivilegeError as missing:
        unavailable(missing)
    with running(server.command(), server.folder / "postgres.log", signal.SIGINT):
        database.wait_ready(server.url(password=True))
        yield server


@pytest.fixture
def database_url(postgres: database.Database) -> Iterator[str]:
    """The libpq URL, with its password, of an empty database that only this test has."""
    name = f"t{uuid.uuid4().hex[:12]}"
    database.create_database(postgres.url(password=True), name)
    yield postgres.url(name, password=True)
    with psycopg.connect(postgres.url(password=True), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
