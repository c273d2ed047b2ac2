"""The broker's jars: nothing that is not in the lock, as it was when it was locked, is ever run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.runtime import jars
from sandbox.runtime.jars import Jar, JarsError, kafka_jars, read_lock
from tests.conftest import unavailable


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, filled as the shared one is; its folder of jars."""
    try:
        shared = kafka_jars()[0].parent
    except JarsError as missing:
        unavailable(missing)
    monkeypatch.setenv("VALLETTA_CACHE", str(tmp_path))
    return Path(shutil.copytree(shared, tmp_path / "kafka" / shared.name))


def refuse(*_: object) -> list[Path]:
    raise OSError("the network is down")


def test_the_lock_names_the_broker_and_everything_it_needs_each_once() -> None:
    locked = read_lock()
    assert {jar.version for jar in locked if jar.group == "org.apache.kafka"} == {"4.1.2"}
    assert len({(jar.group, jar.artifact) for jar in locked}) == len(locked)
    assert {"kafka_2.13", "kafka-clients", "scala-library", "log4j-slf4j-impl"} <= {jar.artifact for jar in locked}


def test_a_warm_cache_needs_no_network(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", refuse)
    assert {path.parent for path in kafka_jars()} == {own_cache}


def test_a_jar_that_was_changed_after_it_was_fetched_is_refused_by_name(own_cache: Path) -> None:
    with (own_cache / "kafka_2.13-4.1.2.jar").open("ab") as jar:
        jar.write(b"tampered")
    with pytest.raises(JarsError, match=r"kafka_2.13-4.1.2.jar: SHA-256 is [0-9a-f]{64}, the lock says") as refused:
        kafka_jars()
    assert refused.value.exit_code == 5


def test_a_jar_that_arrives_other_than_locked_is_refused_and_not_kept(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_cache / "kafka_2.13-4.1.2.jar").unlink()

    def forge(asked: list[Jar], scratch: Path) -> list[Path]:
        (scratch / "forged.jar").write_bytes(b"not the broker")
        return [scratch / "forged.jar" for _ in asked]

    monkeypatch.setattr(jars, "_fetch_from_central", forge)
    with pytest.raises(JarsError, match="the lock says"):
        kafka_jars()
    assert not (own_cache / "kafka_2.13-4.1.2.jar").exists()


def test_without_a_network_the_error_says_what_could_not_be_fetched_and_the_way_out(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_cache / "kafka_2.13-4.1.2.jar").unlink()
    monkeypatch.setattr(jars, "_fetch_from_central", refuse)
    monkeypatch.setattr(jars, "_fetch_with_maven", refuse)
    with pytest.raises(JarsError, match="could not fetch the Kafka broker's jars: the network is down") as error:
        kafka_jars()
    assert "--journal file" in error.value.hint


def test_a_line_that_is_no_jar_is_refused_by_its_number(tmp_path: Path) -> None:
    lock = tmp_path / "kafka.lock"
    lock.write_text("# header\nabc  org.apache.kafka:kafka_2.13\n")
    with pytest.raises(JarsError, match="line 2: expected 'SHA-256  group:artifact:version'"):
        read_lock(lock)
