"""docs/runbooks/restore-database.md, walked on the account as far as it goes: the managed password is not lost."""

from __future__ import annotations

from typing import Any

from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made


def test_a_restored_database_gets_its_managed_password_and_its_name_again(
    account: AccountServer, provisioned: dict[str, Made]
) -> None:
    """A restore forgets the managed password; asked for again under our key, there is a secret, and no one knows it."""
    rds: Any = account.clients.client("rds")
    ours = provisioned["aws:rds/instance:Instance"].inputs
    source = ours["identifier"].removesuffix("-replica")
    rds.create_db_snapshot(DBSnapshotIdentifier="before", DBInstanceIdentifier=source)
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=f"{source}-r1", DBSnapshotIdentifier="before", MultiAZ=True, PubliclyAccessible=False
    )
    (key,) = {each["TargetKeyId"] for each in _aliases(account) if each["AliasName"].endswith("/secrets")}
    rds.modify_db_instance(
        DBInstanceIdentifier=f"{source}-r1",
        ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=key,
        ApplyImmediately=True,
    )
    rds.modify_db_instance(
        DBInstanceIdentifier=f"{source}-r1", NewDBInstanceIdentifier=f"{source}-again", ApplyImmediately=True
    )
    (restored,) = rds.describe_db_instances(DBInstanceIdentifier=f"{source}-again")["DBInstances"]
    assert key in restored["MasterUserSecret"]["KmsKeyId"]
    assert restored["StorageEncrypted"] is True
    rds.delete_db_instance(DBInstanceIdentifier=f"{source}-again", SkipFinalSnapshot=True)
    rds.delete_db_snapshot(DBSnapshotIdentifier="before")


def _aliases(account: AccountServer) -> list[dict[str, Any]]:
    kms: Any = account.clients.client("kms")
    found: list[dict[str, Any]] = [
        each for page in kms.get_paginator("list_aliases").paginate() for each in page["Aliases"]
    ]
    return [each for each in found if "TargetKeyId" in each]
