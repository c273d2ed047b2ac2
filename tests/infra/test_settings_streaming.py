"""Settings of the log: bad ones are refused with their key, their value and what would be right."""

from __future__ import annotations

import json

import pytest

from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

USERS = {"kafka_scram_users": '["reports", "warehouse"]'}

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (PRODUCTION, {"kafka_version": "3.5.1"}, "valletta:kafka_version is '3.5.1'"),
    (PRODUCTION, {"brokers_per_zone": "0"}, "valletta:brokers_per_zone is '0'"),
    (PRODUCTION, {"broker_storage_gib": "3000"}, "broker_storage_gib is 3000, more than valletta:broker_storage_max_"),
    (LOCAL, {"kafka_tiered_storage": "true"}, "valletta:kafka_tiered_storage is true, which kafka.t3.small has not"),
    (LOCAL, {"kafka_tiered_storage": "some"}, "valletta:kafka_tiered_storage is 'some'"),
    (LOCAL, {"kafka_scram_users": "reports"}, "valletta:kafka_scram_users is 'reports'"),
    (LOCAL, {"kafka_scram_users": '["Reports"]'}, "valletta:kafka_scram_users.0 is 'Reports'"),
    (LOCAL, {"kafka_scram_users": '["a", "a"]'}, "valletta:kafka_scram_users names somebody twice: a, a"),
    (
        LOCAL,
        {**USERS, "kafka_scram_admitted": '["stranger"]'},
        "valletta:kafka_scram_admitted names 'stranger', who is not among valletta:kafka_scram_users",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[json.dumps(each[1]) for each in REFUSED])
def test_a_setting_that_cannot_stand_is_refused_and_told(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_nobody_has_a_password_unless_a_stack_says_so() -> None:
    assert settings(PRODUCTION).kafka_scram_users == ()
    assert not settings(PRODUCTION).kafka_tiered_storage


def test_a_user_may_wait_for_his_password_before_he_is_admitted() -> None:
    stack = settings(PRODUCTION, **USERS, kafka_scram_admitted='["reports"]')
    assert stack.kafka_scram_users == ("reports", "warehouse")
    assert stack.kafka_scram_admitted == ("reports",)
