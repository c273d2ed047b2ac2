"""docs/runbooks/restore-database.md, walked on the account as far as it goes: the managed password is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made

Place = dict[str, Any]
"""What a restore does not take over by itself: the runbook gives it with the request."""


def _from_snapshot(rds: Any, source: str, target: str, place: Place) -> None:  # noqa: ANN401 (a boto3 client)
    rds.create_db_snapshot(DBSnapshotIdentifier=f"{target}-before", DBInstanceIdentifier=source)
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=target, DBSnapshotIdentifier=f"{target}-before", **place
    )


def _from_a_point_in_time(rds: Any, source: str, target: str, place: Place) -> None:  # noqa: ANN401 (a boto3 client)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=source, TargetDBInstanceIdentifier=target, UseLatestRestorableTime=True, **place
    )


@pytest.mark.parametrize(("restore", "suffix"), [(_from_snapshot, "r1"), (_from_a_point_in_time, "r2")])
def test_a_restored_database_gets_its_managed_password_and_its_name_again(
    restore: Callable[[Any, str, str, Place], None], suffix: str, account: AccountServer, provisioned: dict[str, Made]
) -> None:
    """A restore forgets the managed password; asked for again under our key, there is a secret, and no one knows it."""
    rds: Any = account.clients.client("rds")
    ours = provisioned["aws:rds/instance:Instance"].inputs
    source = ours["identifier"]
    (before,) = rds.describe_db_instances(DBInstanceIdentifier=source)["DBInstances"]
    restored = f"{source}-{suffix}"
    place = {
        "DBSubnetGroupName": ours["dbSubnetGroupName"],
        "VpcSecurityGroupIds": ours["vpcSecurityGroupIds"],
        "MultiAZ": True,
        "PubliclyAccessible": False,
    }
    restore(rds, source, restored, place)
    assert "MasterUserSecret" not in _instance(rds, restored), "step 3 of the runbook is needed"

    rds.modify_db_instance(
        DBInstanceIdentifier=restored,
        ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=_secrets_key(account),
        ApplyImmediately=True,
    )
    secret = _instance(rds, restored)["MasterUserSecret"]
    assert _secrets_key(account) in secret["KmsKeyId"]
    assert account.clients.client("secretsmanager").get_secret_value(SecretId=secret["SecretArn"])["SecretString"]
    assert secret["SecretArn"] != before["MasterUserSecret"]["SecretArn"]

    renamed = f"{restored}-again"
    rds.modify_db_instance(DBInstanceIdentifier=restored, NewDBInstanceIdentifier=renamed, ApplyImmediately=True)
    again = _instance(rds, renamed)
    assert again["StorageEncrypted"] is True
    assert again["MasterUserSecret"]["SecretArn"] == secret["SecretArn"]
    rds.delete_db_instance(DBInstanceIdentifier=renamed, SkipFinalSnapshot=True)
    (after,) = rds.describe_db_instances(DBInstanceIdentifier=source)["DBInstances"]
    assert after["MasterUserSecret"] == before["MasterUserSecret"], "the old instance is left for the inquiry"


def _instance(rds: Any, identifier: str) -> dict[str, Any]:  # noqa: ANN401 (a boto3 client)
    found: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
    return found


def _secrets_key(account: AccountServer) -> str:
    kms: Any = account.clients.client("kms")
    aliases = [each for page in kms.get_paginator("list_aliases").paginate() for each in page["Aliases"]]
    (key,) = {each["TargetKeyId"] for each in aliases if each["AliasName"].endswith("/secrets")}
    return str(key)
