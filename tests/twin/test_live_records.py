"""The records in the live account, as an auditor with boto3 finds them: in three regions, locked, logged, backed up."""

from __future__ import annotations

import json

from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made

Everything = dict[str, Made]
ACCOUNT = "123456789012"
LANDING, ARCHIVE, REPLICA, EXPORTS, LOGS = (
    f"valletta-local-{name}-{ACCOUNT}" for name in ("landing", "archive", "replica", "exports", "access-logs")
)
VAULT = "valletta-local-records"


def test_records_are_replicated_into_two_locked_buckets_of_which_one_is_in_another_region(
    account: AccountServer, provisioned: Everything
) -> None:
    s3 = account.client("s3")
    rules = s3.get_bucket_replication(Bucket=LANDING)["ReplicationConfiguration"]["Rules"]
    assert [rule["Destination"]["Bucket"].rpartition(":")[2] for rule in rules] == [ARCHIVE, REPLICA]
    assert {rule["Destination"]["ReplicationTime"]["Time"]["Minutes"] for rule in rules} == {15}
    assert {rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"] for rule in rules} == {"Enabled"}
    for bucket, region in ((ARCHIVE, "eu-west-1"), (REPLICA, "eu-south-1")):
        assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == region
        lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
        assert (lock["Mode"], lock["Days"]) == ("GOVERNANCE", 1)
        rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        key = rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        assert account.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key


def test_each_rule_of_the_access_logs_carries_one_folder(account: AccountServer, provisioned: Everything) -> None:
    rules = account.client("s3").get_bucket_replication(Bucket=LOGS)["ReplicationConfiguration"]["Rules"]
    folders = {rule["Filter"]["Prefix"] for rule in rules}
    assert folders == {"balancers/", f"buckets/{LANDING}/", f"buckets/{EXPORTS}/"}


def test_a_request_to_the_exports_is_written_down_beside_them(account: AccountServer, provisioned: Everything) -> None:
    enabled = account.client("s3").get_bucket_logging(Bucket=EXPORTS)["LoggingEnabled"]
    assert (enabled["TargetBucket"], enabled["TargetPrefix"]) == (LOGS, f"buckets/{EXPORTS}/")


def test_a_vault_stands_locked_in_both_regions_each_with_a_key_of_its_own(
    account: AccountServer, provisioned: Everything
) -> None:
    keys = set()
    for region in ("eu-west-1", "eu-north-1"):
        vault = account.client("backup", region).describe_backup_vault(BackupVaultName=VAULT)
        assert (vault["Locked"], vault["MinRetentionDays"]) == (True, 35)
        assert "LockDate" not in vault, "a lock on a laptop can be lifted"
        assert f":{region}:" in vault["EncryptionKeyArn"]
        keys.add(vault["EncryptionKeyArn"])
    assert len(keys) == 2


def test_the_plan_copies_every_backup_into_the_other_region(account: AccountServer, provisioned: Everything) -> None:
    backup = account.client("backup")
    (entry,) = backup.list_backup_plans()["BackupPlansList"]
    plan = backup.get_backup_plan(BackupPlanId=entry["BackupPlanId"])["BackupPlan"]
    assert {rule["RuleName"]: rule["Lifecycle"]["DeleteAfterDays"] for rule in plan["Rules"]} == {
        "daily": 35,
        "monthly": 90,
    }
    for rule in plan["Rules"]:
        (copy,) = rule["CopyActions"]
        assert copy["DestinationBackupVaultArn"] == f"arn:aws:backup:eu-north-1:{ACCOUNT}:backup-vault:{VAULT}"


def test_the_regulators_role_says_until_when_it_opens(account: AccountServer, provisioned: Everything) -> None:
    role = account.client("iam").get_role(RoleName="valletta-local-regulator-reader")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2027-02-20T00:00:00Z"}
    policies = account.client("iam").list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    assert len(policies) == 1
    assert json.dumps(role["AssumeRolePolicyDocument"]).count("999988887777") == 1
