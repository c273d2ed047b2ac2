"""The records of a plan, as an auditor reads them: where they end, who reads them, how they survive."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sandbox.plan.record import Plan, PlannedResource, record_plan
from tests.infra.test_plans import statements

FOUNDATIONS = ("local", "staging", "production")
BACKUP_ACCOUNT = "::backup::"
"""What the provider of the account is called that takes copies of the backups."""


def named(plan: Plan, type_: str, name: str) -> PlannedResource:
    return next(each for each in plan.of_type(type_) if each.name == name)


def policy(plan: Plan, type_: str, name: str, key: str = "policy") -> dict[str, dict[str, Any]]:
    """The statements of a policy by their sids."""
    document = json.loads(named(plan, type_, name).inputs[key])
    return {each.get("Sid", ""): each for each in document["Statement"]}


def actions(statement: dict[str, Any]) -> set[str]:
    return set(statement["Action"]) if isinstance(statement["Action"], list) else {statement["Action"]}


def rules(plan: Plan, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = named(plan, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", name).inputs[
        "rules"
    ]
    return found


# ---------------------------------------------------------------- the archive and its replica


def test_every_record_goes_to_the_archive_and_the_replica_in_time_and_no_deletion_does(production: Plan) -> None:
    found = rules(production, "archive-landing")
    assert [each["destination"]["bucket"] for each in found] == [
        "arn:aws:s3:::valletta-production-archive-777788889999",
        "arn:aws:s3:::valletta-production-replica-777788889999",
    ]
    assert len({each["priority"] for each in found}) == len(found)
    for each in found:
        assert (each["status"], each["filter"]) == ("Enabled", {"prefix": ""})
        assert each["deleteMarkerReplication"] == {"status": "Disabled"}
        assert each["sourceSelectionCriteria"]["sseKmsEncryptedObjects"] == {"status": "Enabled"}
        assert each["destination"]["accessControlTranslation"] == {"owner": "Destination"}
        assert each["destination"]["replicationTime"]["time"] == {"minutes": 15}
        assert each["destination"]["metrics"]["status"] == "Enabled"


def test_the_replica_is_locked_like_the_archive_in_another_region_under_a_key_of_that_region(production: Plan) -> None:
    locks = production.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    replica = next(each for each in locks if each.name == "replica-locked")
    archive = next(each for each in locks if each.name == "archive-locked")
    assert replica.inputs["rule"] == archive.inputs["rule"]
    assert (replica.inputs["region"], archive.inputs.get("region")) == ("eu-central-1", None)
    key = rules(production, "archive-landing")[1]["destination"]["encryptionConfiguration"]["replicaKmsKeyId"]
    assert key.startswith("arn:aws:kms:eu-central-1:777788889999:key/")
    bucket = named(production, "aws:s3/bucket:Bucket", "replica-locked")
    assert bucket.inputs["tags"]["valletta:signed-off"] == "LEGAL-2026-014"


def test_there_is_no_replica_unless_somebody_signed_for_it(plans: dict[str, Plan]) -> None:
    assert len(rules(plans["staging"], "archive-landing")) == 1
    assert not [each for each in plans["staging"].resources if each.name.startswith("replica-")]


def test_a_lag_and_a_lost_replica_are_told_for_each_destination(production: Plan) -> None:
    alarms = [
        each for each in production.of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "replication" in each.name
    ]
    told = {(each.inputs["dimensions"]["RuleId"], each.inputs["metricName"]) for each in alarms}
    wanted = ("ReplicationLatency", "OperationsFailedReplication")
    assert told == {(rule["id"], metric) for rule in rules(production, "archive-landing") for metric in wanted}
    assert {each.inputs["threshold"] for each in alarms if each.inputs["metricName"] == "ReplicationLatency"} == {900}


def test_a_place_outside_aws_fetches_with_an_external_id_and_reads_nothing_but_the_archive() -> None:
    place = {
        "valletta:replica_place": "Data centre of the licensee in Birkirkara",
        "valletta:replica_principal": "arn:aws:iam::222233334444:role/replica-puller",
        "valletta:replica_external_id": "birkirkara-4f6a1c9e27d0",
        "valletta:replica_signed_off": "LEGAL-2026-014",
    }
    plan = record_plan("staging", place)
    role = named(plan, "aws:iam/role:Role", "replica-puller")
    assert role.inputs["tags"]["valletta:place"] == place["valletta:replica_place"]
    trust = policy(plan, "aws:iam/role:Role", "replica-puller", "assumeRolePolicy")[""]
    assert trust["Principal"] == {"AWS": "arn:aws:iam::222233334444:role/replica-puller"}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "birkirkara-4f6a1c9e27d0"}}
    rights = policy(plan, "aws:iam/rolePolicy:RolePolicy", "replica-puller")
    reads = {"s3:GetBucketObjectLockConfiguration", "s3:ListBucket", "s3:GetObject", "s3:GetObjectRetention"}
    assert {each for one in rights.values() for each in actions(one)} == reads | {"s3:GetObjectVersion", "kms:Decrypt"}
    archive = "arn:aws:s3:::valletta-staging-archive-111122223333"
    assert {rights["ListArchive"]["Resource"], rights["FetchArchive"]["Resource"]} == {archive, f"{archive}/*"}


# ---------------------------------------------------------------- who asked for what


@pytest.mark.parametrize("stack", FOUNDATIONS)
def test_the_requests_to_every_bucket_of_records_are_written_down(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    logged = {each.inputs["bucket"]: each.inputs for each in plan.of_type("aws:s3/bucketLogging:BucketLogging")}
    kept = {each.inputs["bucket"] for each in plan.of_type("aws:s3/bucket:Bucket")}
    # The requests to a replica, which has no neighbour in its region to log to, and to the logs are in the trail.
    assert kept - logged.keys() == {each for each in kept if "-replica-" in each or "-access-logs-" in each}
    for bucket, inputs in logged.items():
        assert inputs["targetBucket"].rpartition("-")[2] == bucket.rpartition("-")[2], "in the bucket's own account"
        assert inputs["targetPrefix"] == f"buckets/{bucket}/"


@pytest.mark.parametrize("name", ["access-logs-bucket", "archive-access-logs-bucket"])
def test_only_s3_and_load_balancers_of_the_account_deliver_access_logs(production: Plan, name: str) -> None:
    allowed = [
        each
        for each in policy(production, "aws:s3/bucketPolicy:BucketPolicy", name).values()
        if each["Effect"] == "Allow"
    ]
    services = {"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert {each["Principal"]["Service"] for each in allowed} == services
    for each in allowed:
        assert actions(each) == {"s3:PutObject"}
        assert any("aws:SourceArn" in test for test in each["Condition"].values())


def test_access_logs_end_in_the_archive_but_those_of_the_archive_itself(plans: dict[str, Plan]) -> None:
    """The archive's own, replicated into it, would each make the next one."""
    for plan in (plans["staging"], plans["production"]):
        folders = [each["filter"]["prefix"] for each in rules(plan, "archive-access-logs")]
        assert folders[0] == "balancers/"
        assert [each.split("/")[1].split("-")[2] for each in folders[1:]] == ["landing", "exports"]


def test_the_trail_has_the_data_events_of_everything_that_is_kept(production: Plan) -> None:
    (trail,) = production.of_type("aws:cloudtrail/trail:Trail")
    told = {
        arn.rstrip("/").rpartition(":")[2]
        for selector in trail.inputs["advancedEventSelectors"]
        for field in selector["fieldSelectors"]
        if field["field"] == "resources.ARN"
        for arn in field["startsWiths"]
    }
    kept = {each.inputs["bucket"] for each in production.of_type("aws:s3/bucket:Bucket")}
    assert kept - told == {"valletta-production-access-logs-777788889999"}, "which is of the archive's account"


# ---------------------------------------------------------------- the regulator


def test_nobody_has_standing_access(plans: dict[str, Plan]) -> None:
    for stack in ("staging", "production"):
        assert not [each for each in plans[stack].resources if each.name.startswith("regulator")]
        assert named(plans[stack], "aws:s3/bucket:Bucket", "exports-bucket")


def test_the_regulator_comes_with_a_second_factor_between_two_moments_at_most_90_days_apart(
    plans: dict[str, Plan],
) -> None:
    trust = policy(plans["local"], "aws:iam/role:Role", "regulator-reader", "assumeRolePolicy")[""]
    assert trust["Principal"] == {"AWS": ["arn:aws:iam::999988887777:root"]}
    condition = trust["Condition"]
    assert condition["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert condition["NumericLessThan"] == {"aws:MultiFactorAuthAge": "3600"}
    start, end = (condition[each]["aws:CurrentTime"] for each in ("DateGreaterThan", "DateLessThan"))
    assert 0 < (datetime.fromisoformat(end) - datetime.fromisoformat(start)).days <= 90
    role = named(plans["local"], "aws:iam/role:Role", "regulator-reader")
    assert role.inputs["maxSessionDuration"] == 3600
    assert role.inputs["tags"]["valletta:request"] == "a rehearsal on a laptop"


def test_the_regulator_reads_and_does_no_more_and_of_contents_the_exports_only(plans: dict[str, Plan]) -> None:
    rights = policy(plans["local"], "aws:iam/rolePolicy:RolePolicy", "regulator-reader")
    allowed = [each for each in rights.values() if each["Effect"] == "Allow"]
    verbs = ("Describe", "Get", "List", "LookupEvents", "Decrypt")
    assert all(each.partition(":")[2].startswith(verbs) for one in allowed for each in actions(one))
    contents = {"s3:GetObject", "s3:GetObjectVersion"}
    places = [one["Resource"] for one in allowed if actions(one) & contents]
    assert places == ["arn:aws:s3:::valletta-local-exports-123456789012/*"]
    exports = named(plans["local"], "aws:kms/key:Key", "keys-exports")
    assert rights["DecryptExports"]["Resource"] == rights["NoOtherKey"]["NotResource"][0]
    assert exports.urn in named(plans["local"], "aws:iam/rolePolicy:RolePolicy", "regulator-reader").dependencies
    assert rights["NoOtherKey"]["Effect"] == "Deny"
    assert {"rds-db:connect", "secretsmanager:GetSecretValue"} <= actions(rights["NeverPlayersRows"])


def test_a_session_of_the_regulator_does_not_outlive_the_access(plans: dict[str, Plan]) -> None:
    last = policy(plans["local"], "aws:iam/rolePolicy:RolePolicy", "regulator-reader")["NothingAfterTheEnd"]
    trust = policy(plans["local"], "aws:iam/role:Role", "regulator-reader", "assumeRolePolicy")[""]
    assert (last["Effect"], last["Action"], last["Resource"]) == ("Deny", ["*"], "*")
    assert last["Condition"]["DateGreaterThan"] == trust["Condition"]["DateLessThan"]


def test_each_use_of_the_regulators_role_is_told(production: Plan) -> None:
    told = named(production, "aws:cloudwatch/logMetricFilter:LogMetricFilter", "alarms-regulator-access")
    assert "AssumeRole" in told.inputs["pattern"]
    assert '"*-regulator-reader"' in told.inputs["pattern"]


def test_exports_lie_under_a_lock_that_can_be_lifted_for_they_may_hold_personal_data(production: Plan) -> None:
    lock = named(production, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "exports-bucket")
    assert lock.inputs["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 30}


# ---------------------------------------------------------------- backups


def test_the_database_is_backed_up_daily_and_monthly_with_copies_in_another_region_and_another_account(
    production: Plan,
) -> None:
    (plan,) = production.of_type("aws:backup/plan:Plan")
    kept = {each["ruleName"]: each["lifecycle"]["deleteAfter"] for each in plan.inputs["rules"]}
    assert kept == {"daily": 35, "monthly": 400}
    name = "backup-vault:valletta-production-records"
    copies = {f"arn:aws:backup:eu-central-1:444455556666:{name}", f"arn:aws:backup:eu-west-1:888899990000:{name}"}
    for rule in plan.inputs["rules"]:
        assert {each["destinationVaultArn"] for each in rule["copyActions"]} == copies
        assert {each["lifecycle"]["deleteAfter"] for each in rule["copyActions"]} == {kept[rule["ruleName"]]}
        assert rule["enableContinuousBackup"] is False
    (database,) = [each for each in production.of_type("aws:rds/instance:Instance") if each.name == "database-ledger"]
    selection = named(production, "aws:backup/selection:Selection", "backup-database")
    assert database.urn in selection.dependencies


def test_every_vault_has_its_own_key_is_locked_for_good_and_deaf_to_deletion(production: Plan) -> None:
    vaults = production.of_type("aws:backup/vault:Vault")
    assert [each.name for each in vaults] == ["backup-account", "backup-records", "backup-region"]
    assert len({each.inputs["kmsKeyArn"] for each in vaults}) == len(vaults)
    assert BACKUP_ACCOUNT in vaults[0].provider
    assert vaults[2].inputs["region"] == "eu-central-1"
    for vault in vaults:
        lock = named(production, "aws:backup/vaultLockConfiguration:VaultLockConfiguration", vault.name)
        assert (lock.inputs["minRetentionDays"], lock.inputs["changeableForDays"]) == (35, 7)
        keep = policy(production, "aws:backup/vaultPolicy:VaultPolicy", vault.name)["KeepBackups"]
        assert (keep["Effect"], keep["Principal"]) == ("Deny", {"AWS": "*"})
        assert {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} <= actions(keep)
        assert vault.inputs["forceDestroy"] is False
        assert vault.protect and vault.retain_on_delete and lock.protect


def test_a_lock_outside_production_can_be_lifted(plans: dict[str, Plan]) -> None:
    (lock,) = plans["staging"].of_type("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
    assert "changeableForDays" not in lock.inputs, "with a number of days it would become permanent"


def test_the_backup_account_can_read_what_it_copies_and_only_it(production: Plan) -> None:
    key = policy(production, "aws:kms/key:Key", "keys-database")
    for sid in ("ReadForCopies", "GrantForCopies"):
        assert key[sid]["Principal"] == {"AWS": "arn:aws:iam::888899990000:root"}
        assert key[sid]["Condition"]["StringEquals"]["kms:ViaService"] == ["rds.eu-west-1.amazonaws.com"]
    vault = policy(production, "aws:backup/vaultPolicy:VaultPolicy", "backup-account")["TakeCopies"]
    assert vault["Principal"] == {"AWS": "arn:aws:iam::444455556666:root"}


def test_a_restore_is_tried_every_month_from_the_newest_backup_beside_the_real_database(production: Plan) -> None:
    (plan,) = production.of_type("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert plan.inputs["scheduleExpression"] == "cron(0 10 2 * ? *)"
    assert plan.inputs["recoveryPointSelection"]["algorithm"] == "LATEST_WITHIN_WINDOW"
    (selection,) = production.of_type("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    assert selection.inputs["protectedResourceType"] == "RDS"
    assert selection.inputs["restoreMetadataOverrides"] == {"dbSubnetGroupName": "valletta-production-ledger"}


def test_who_takes_backups_cannot_restore_and_who_restores_deletes_tests_only(production: Plan) -> None:
    taker = policy(production, "aws:iam/rolePolicy:RolePolicy", "backup-taker")
    restorer = policy(production, "aws:iam/rolePolicy:RolePolicy", "backup-restorer")
    assert not [each for one in taker.values() for each in actions(one) if "Restore" in each or "DeleteDBI" in each]
    assert not [each for one in restorer.values() for each in actions(one) if "Snapshot" in each and "Delete" in each]
    assert restorer["KeepTests"]["Resource"].endswith(":db:awsbackup-restore-test-*")


def test_a_failed_job_is_told_wherever_it_failed(production: Plan) -> None:
    told = json.loads(named(production, "aws:cloudwatch/eventRule:EventRule", "alarms-backup").inputs["eventPattern"])
    assert {each.partition(" ")[0] for each in told["detail-type"]} == {"Backup", "Copy", "Restore"}


# ---------------------------------------------------------------- the guard


def test_every_run_of_production_says_when_each_of_its_locks_ends(production: Plan) -> None:
    said = production.outputs["unlock_dates"]
    assert {key: value.partition(", and")[0] for key, value in said.items()} == {
        "archive_lock": "COMPLIANCE: what is written on 2027-01-01 is locked until 2032-01-01",
        "replica_lock": "COMPLIANCE: what is written on 2027-01-01 is locked until 2032-01-01",
        "backup_lock": "COMPLIANCE: what is written on 2027-01-01 is locked until 2028-02-05",
    }


@pytest.mark.parametrize("stack", FOUNDATIONS)
def test_a_service_that_writes_a_log_or_takes_a_backup_does_so_for_this_account_only(
    plans: dict[str, Plan], stack: str
) -> None:
    """A service acts for whoever asks it: without a condition on the source another customer could be that."""
    for resource, statement in statements(plans[stack]):
        principal = statement.get("Principal")
        if not (isinstance(principal, dict) and "Service" in principal and statement["Effect"] == "Allow"):
            continue
        if resource.name.startswith(("access-logs", "archive", "backup", "exports", "replica")):
            keys = {key for test in statement.get("Condition", {}).values() for key in test}
            assert keys & {"aws:SourceAccount", "aws:SourceArn"}, resource.urn
