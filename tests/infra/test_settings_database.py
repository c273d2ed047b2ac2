"""The settings of the database: what cannot stand is refused with its key, its value and what would be right."""

from __future__ import annotations

import pytest

from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

ACCOUNT = PRODUCTION["account_id"]
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:valletta-production-ledger-AbCdEf"

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (LOCAL, {"database_read_replica": "perhaps"}, "valletta:database_read_replica is 'perhaps'"),
    (LOCAL, {"database_proxy": "perhaps"}, "valletta:database_proxy is 'perhaps'"),
    (PRODUCTION, {"database_version": "14.1"}, "valletta:database_version is '14.1'"),
    (PRODUCTION, {"database_instance_class": "m7g.large"}, "valletta:database_instance_class is 'm7g.large'"),
    (PRODUCTION, {"database_storage_gib": "3000"}, "database_storage_gib is 3000, more than valletta:database_storage"),
    (PRODUCTION, {"database_backup_days": "36"}, "valletta:database_backup_days is '36'"),
    (PRODUCTION, {"database_backup_days": "6"}, "valletta:database_backup_days is 6; production needs 7 or more"),
    (PRODUCTION, {"database_multi_az": "false"}, "valletta:database_multi_az is false; production survives the loss"),
    (PRODUCTION, {"database_secret_arn": "valletta-ledger"}, "valletta:database_secret_arn is 'valletta-ledger'"),
    (
        PRODUCTION,
        {"database_secret_arn": SECRET.replace("eu-west-1", "eu-west-2")},
        f"a secret of this stack's place is wanted: arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:",
    ),
    (
        PRODUCTION,
        {"database_read_replica": "true"},
        "valletta:database_read_replica is true, but AWS copies no database whose password RDS manages: "
        "docs/runbooks/add-read-replica.md, then valletta:database_secret_arn",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[f"{each[1]}" for each in REFUSED])
def test_a_setting_that_cannot_stand_is_refused_and_told(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_a_replica_is_taken_once_the_password_lies_in_a_secret_of_ours() -> None:
    stack = settings(PRODUCTION, database_read_replica="true", database_secret_arn=SECRET)
    assert stack.database_read_replica
    assert stack.database_secret_arn == SECRET
