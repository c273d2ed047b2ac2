"""The ledger's database as an auditor reads it off the plan, and its proxy, replica and copies."""

from __future__ import annotations

import json

import pytest

from sandbox.plan.record import Plan, PlannedResource, plan_here
from tests.infra.golden import FOUNDATIONS

SECRET = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:valletta-production-ledger-AbCdEf"
each_foundation = pytest.mark.parametrize("stack", FOUNDATIONS)


def ledger(plan: Plan) -> PlannedResource:
    (found,) = (each for each in plan.of_type("aws:rds/instance:Instance") if each.name == "database-ledger")
    return found


@each_foundation
def test_it_survives_a_zone_its_key_is_ours_and_nobody_reaches_it_from_outside(
    plans: dict[str, Plan], stack: str
) -> None:
    inputs = ledger(plans[stack]).inputs
    assert inputs["multiAz"] is inputs["storageEncrypted"] is inputs["copyTagsToSnapshot"] is True
    assert inputs["iamDatabaseAuthenticationEnabled"] is True
    assert inputs["publiclyAccessible"] is inputs["applyImmediately"] is False
    assert inputs["databaseInsightsMode"] == "advanced"
    assert inputs["performanceInsightsRetentionPeriod"] == 465
    assert set(inputs["enabledCloudwatchLogsExports"]) == {"postgresql", "upgrade"}


def test_in_production_it_cannot_be_deleted_and_goes_back_thirty_five_days(production: Plan) -> None:
    found = ledger(production)
    assert found.protect
    assert found.retain_on_delete
    assert found.inputs["deletionProtection"] is True
    assert found.inputs["backupRetentionPeriod"] == 35
    assert found.inputs["skipFinalSnapshot"] is False


@each_foundation
def test_what_is_audited_names_no_player(plans: dict[str, Plan], stack: str) -> None:
    """pgaudit without parameters, and no statement logged with its values: the log is locked for years."""
    (group,) = plans[stack].of_type("aws:rds/parameterGroup:ParameterGroup")
    given = {each["name"]: each["value"] for each in group.inputs["parameters"]}
    assert given["rds.force_ssl"] == "1"
    assert "pgaudit" in given["shared_preload_libraries"]
    assert given["pgaudit.log"] == "ddl,role,write"
    assert given["pgaudit.log_parameter"] == "0"
    assert given["log_min_duration_statement"] == "-1"
    assert given["log_min_error_statement"] == "panic"
    assert given["log_error_verbosity"] == "terse"
    assert given["log_parameter_max_length_on_error"] == "0"
    assert given["log_connections"] == given["log_disconnections"] == "1"


@each_foundation
def test_who_connects_does_so_by_tls_and_proves_a_password_without_sending_it(
    plans: dict[str, Plan], stack: str
) -> None:
    (group,) = plans[stack].of_type("aws:rds/parameterGroup:ParameterGroup")
    given = {each["name"]: each["value"] for each in group.inputs["parameters"]}
    assert given["ssl_min_protocol_version"] == "TLSv1.2"
    assert given["password_encryption"] == "scram-sha-256"
    assert given["rds.accepted_password_auth_method"] == "scram"
    assert given["rds.logical_replication"] == "0", "nobody reads the rows past the rights on tables"


@each_foundation
def test_the_password_is_managed_under_our_key_rotated_and_in_no_plan(plans: dict[str, Plan], stack: str) -> None:
    inputs = ledger(plans[stack]).inputs
    assert inputs["manageMasterUserPassword"] is True
    assert "/secrets" not in json.dumps(inputs["masterUserSecretKmsKeyId"])
    assert "password" not in inputs
    rotation = plans[stack].of_type("aws:secretsmanager/secretRotation:SecretRotation")
    assert [each.inputs["rotationRules"]["automaticallyAfterDays"] for each in rotation] == [30]


@each_foundation
def test_services_check_who_the_database_is(plans: dict[str, Plan], stack: str) -> None:
    assert "sslmode=verify-full" in plans[stack].outputs["database_url"]


def test_behind_a_proxy_services_trust_the_public_roots_and_only_the_proxy_is_let_in_more(
    plans: dict[str, Plan],
) -> None:
    local = plans["local"]
    (proxy,) = local.of_type("aws:rds/proxy:Proxy")
    assert proxy.inputs["requireTls"] is True
    assert "sslrootcert=/etc/ssl/certs/ca-certificates.crt" in local.outputs["database_url"]
    assert ".proxy-" in local.outputs["database_url"]
    rules = [
        each
        for each in local.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if each.inputs["fromPort"] == 5432
    ]
    named = {each.name for each in rules}
    assert named == {"database-postgresql", "database-proxy-postgresql", "database-proxy-database"}
    assert not any("cidrIpv4" in each.inputs for each in rules)


def test_a_replica_and_a_proxy_are_made_only_where_they_are_asked_for(production: Plan) -> None:
    assert production.of_type("aws:rds/proxy:Proxy") == ()
    assert [each.name for each in production.of_type("aws:rds/instance:Instance")] == ["database-ledger"]


@pytest.fixture(scope="module")
def copied() -> Plan:
    """Production with a read replica, after its password was taken over from RDS."""
    return plan_here("production", {"valletta:database_read_replica": "true", "valletta:database_secret_arn": SECRET})


def test_a_replica_is_as_closed_as_its_source(copied: Plan) -> None:
    (replica,) = (each for each in copied.of_type("aws:rds/instance:Instance") if each.name != "database-ledger")
    assert replica.inputs["publiclyAccessible"] is False
    assert replica.inputs["storageEncrypted"] is True
    assert replica.inputs["iamDatabaseAuthenticationEnabled"] is True
    assert "backupRetentionPeriod" not in replica.inputs
    assert "manageMasterUserPassword" not in replica.inputs, "AWS manages no replica's password"


def test_a_password_taken_over_from_rds_is_neither_managed_nor_set_back_nor_in_the_plan(copied: Plan) -> None:
    found = ledger(copied)
    assert not {"manageMasterUserPassword", "masterUserSecretKmsKeyId", "password"} & set(found.inputs)
    assert {"manageMasterUserPassword", "masterUserSecretKmsKeyId"} <= set(found.ignore_changes)
    assert copied.of_type("aws:secretsmanager/secretRotation:SecretRotation") == ()
    assert copied.outputs["database_secret"] == SECRET


def test_its_backups_lie_in_the_backup_region_too_under_a_key_of_that_region(production: Plan) -> None:
    (copies,) = production.of_type("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication")
    assert copies.protect
    assert copies.inputs["region"] != "eu-west-1"
    assert copies.inputs["retentionPeriod"] == 35
    named = copies.property_dependencies["kmsKeyId"]
    (key,) = (each for each in production.of_type("aws:kms/key:Key") if each.urn in named)
    assert key.inputs["region"] == copies.inputs["region"]


def test_people_are_told_when_it_fails(production: Plan) -> None:
    (events,) = production.of_type("aws:rds/eventSubscription:EventSubscription")
    assert {"failover", "failure", "low storage", "deletion"} <= set(events.inputs["eventCategories"])
