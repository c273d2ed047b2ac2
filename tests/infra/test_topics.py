"""The list of topics: what cannot stand is refused with its file, topic and key, and it agrees with the services."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.foundation.data.topics import TOPICS, Rights, TopicsError, check_services, load_topics, rights_of_users
from infra.workloads.deploy import load_deployments
from services.journal.log import COMMANDS, EVENTS, LARGEST_COMMANDS, LARGEST_EVENTS

TABLES = "".join(line for line in TOPICS.read_text().splitlines(keepends=True) if not line.startswith("#"))
AUDIT = """
[audit]
partitions = 4
largest_record = "64 KiB"
retention = "400 days"
cleanup_policy = "delete"
kept_on_disks = "12 hours"
appends = ["gateway"]
reads = []
"""

REFUSED: list[tuple[str, str, str]] = [
    ('partitions = "per shard"', "partitions = 6", "commands.partitions is 6; a shard owns a partition, so it must be"),
    ('partitions = "per shard"', "partitions = 0", "commands.partitions is 0: a number from 1 to 1000 is wanted, or"),
    ('partitions = "per shard"', "partitions = true", "commands.partitions is True: a number from 1 to 1000"),
    ('"1 MiB"', "1000000", "commands.largest_record is 1000000: a size is wanted, such as '512 KiB' or '32 MiB'"),
    ('"forever"', '"30 days"', "commands.retention is 2592000000 ms; a shard replays all of it, so it must be"),
    ('"forever"', '"a while"', "commands.retention is 'a while': a time is wanted, such as '12 hours' or '7 days', or"),
    ('"delete"', '"compact"', "exchange.commands: kept_on_disks is set, but tiered storage takes no topic whose"),
    ('"delete"\nkept_on_disks = "7 days"', '"compact"', "cleanup_policy is 'compact'; compaction leaves gaps, so it"),
    ('"delete"', '"remove"', "exchange.commands.cleanup_policy is 'remove': Input should be 'delete' or 'compact'"),
    ('appends = ["matching"]', "appends = []", "exchange.commands.appends is []: Tuple should have at least 1 item"),
    ('appends = ["matching"]', 'appends = ["scram:x"]', "appends names scram:x; only a shard's leader, who counts"),
    ('appends = ["matching"]', 'appends = ["Matching"]', "exchange.commands.appends.0 is 'Matching': String should"),
    ("kept_on_disks =", "tiered =", "exchange.commands.tiered is '7 days': Extra inputs are not permitted"),
    ('["exchange.commands"]', '["exchange.orders"]', "exchange.commands is absent; every shard appends to it"),
    ('["exchange.commands"]', "[", "is not TOML"),
    ('"400 days"', '"12 hours"', "audit: kept_on_disks is not shorter than retention: leave it out"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), REFUSED, ids=[each[2][:60] for each in REFUSED])
def test_a_topic_that_cannot_stand_is_refused_with_file_topic_and_key(
    right: str, wrong: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "topics.toml"
    file.write_text((TABLES + AUDIT).replace(right, wrong, 1))
    with pytest.raises(TopicsError) as refusal:
        load_topics(file)
    assert told in str(refusal.value)
    assert all(line.startswith(f"{file}: ") for line in str(refusal.value).splitlines())


def test_sizes_and_times_are_read_as_bytes_and_milliseconds(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(TABLES + AUDIT)
    audit = load_topics(file)["audit"]
    assert audit.partition_count(7) == 4
    assert audit.configuration(tiered=True) == {
        "cleanup.policy": "delete",
        "local.retention.ms": str(12 * 3600 * 1000),
        "max.message.bytes": str(64 * 1024),
        "remote.storage.enable": "true",
        "retention.bytes": "-1",
        "retention.ms": str(400 * 24 * 3600 * 1000),
        "unclean.leader.election.enable": "false",
    }
    assert "remote.storage.enable" not in audit.configuration()


def test_the_exchanges_topics_have_a_partition_a_shard_and_take_the_largest_record_that_is_written() -> None:
    topics = load_topics()
    for name, largest in {COMMANDS: LARGEST_COMMANDS, EVENTS: LARGEST_EVENTS}.items():
        assert topics[name].partition_count(7) == 7
        assert topics[name].largest_record >= largest, f"{name}: the shard refuses to start"


def _asked() -> dict[str, Rights]:
    topics = {name: each.access.topics for name, each in load_deployments().items()}
    return {name: Rights(reads=each.read, appends=each.write) for name, each in topics.items()}


def test_the_topics_name_exactly_the_services_whose_deploy_toml_asks_for_them() -> None:
    check_services(load_topics(), _asked())


def test_each_difference_between_topics_and_services_is_told() -> None:
    asked = {
        **_asked(),
        "gateway": Rights(reads=[EVENTS], appends=["exchange.order"]),
        "ledger": Rights(reads=[], appends=[]),
    }
    with pytest.raises(TopicsError) as refusal:
        check_services(load_topics(), asked)
    assert str(refusal.value).splitlines() == [
        f"{TOPICS}: exchange.events.reads lacks gateway, whose deploy.toml asks for it",
        f"{TOPICS}: exchange.events.reads names ledger, who does not ask for it",
        f"services/gateway/deploy.toml appends exchange.order, which is no topic of {TOPICS}",
    ]


def test_a_user_with_a_password_has_the_rights_that_the_topics_name_and_one_without_any_is_refused() -> None:
    assert rights_of_users(load_topics(), ["reports"]) == {"reports": Rights(reads=[EVENTS], appends=[])}
    with pytest.raises(TopicsError, match=r"names 'stranger', but no topic of .* has 'scram:stranger'"):
        rights_of_users(load_topics(), ["stranger"])
