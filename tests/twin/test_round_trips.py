"""Every type of the mapping, on a real account: made, read without drift, seen drifting, repaired, and deleted."""

from __future__ import annotations

import pytest

from sandbox.twin import mapping
from sandbox.twin.resource import Read
from sandbox.twin.schema import schema_of
from sandbox.twin.twin import Twin
from tests.twin.account_server import AccountServer
from tests.twin.drifts import DRIFTS, Act
from tests.twin.extras import current, obtain
from tests.twin.provisioning import Made, make, provision

TYPES = sorted(mapping.registry())

LEFT = {
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "aws:cfg/recorderStatus:RecorderStatus",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:guardduty/detectorFeature:DetectorFeature",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "aws:s3/bucketNotification:BucketNotification",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secretRotation:SecretRotation",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topicPolicy:TopicPolicy",
}
"""Types whose deletion leaves something to read: a setting at its default, or what goes with its owner."""


@pytest.mark.parametrize("type_", TYPES)
def test_a_refresh_right_after_creation_shows_no_change(type_: str, twin: Twin, provisioned: dict[str, Made]) -> None:
    made = current(twin, obtain(type_, twin, provisioned))
    read = twin.read(type_, made.id, made.inputs, made.outputs)
    assert read is not None
    id_, inputs, outputs = read
    assert id_ == made.id
    assert inputs == made.inputs
    assert twin.diff(type_, inputs, made.inputs).changes == []
    again = twin.read(type_, id_, inputs, outputs)
    assert again is not None
    assert again[1] == inputs


@pytest.mark.parametrize("type_", TYPES)
def test_every_given_input_is_read_off_the_resource_or_declared_unobservable(
    type_: str, twin: Twin, provisioned: dict[str, Made]
) -> None:
    """With the inputs forgotten, as in an import, what the program gave is found again."""
    made, resource = obtain(type_, twin, provisioned), mapping.find(type_)
    read = twin.read(type_, made.id, {}, made.outputs)
    assert read is not None
    excused = {*resource.only_here, *resource.write_only, resource.prefix, "region", "tagsAll", "tags"}
    missing = [
        name for name, value in made.inputs.items() if name not in excused and read[2].get(name) is None and value
    ]
    assert missing == []


@pytest.mark.parametrize("drift", DRIFTS, ids=[f"{type_.rpartition(':')[2]}-{name}" for type_, name, _ in DRIFTS])
def test_a_change_behind_the_programs_back_shows_in_the_inputs_and_an_update_repairs_it(
    drift: tuple[str, str, Act], account: AccountServer, twin: Twin, provisioned: dict[str, Made]
) -> None:
    type_, shows_in, act = drift
    made = current(twin, obtain(type_, twin, provisioned))
    act(account, made)
    read = twin.read(type_, made.id, made.inputs, made.outputs)
    assert read is not None
    drifted = read[1]
    difference = twin.diff(type_, drifted, made.inputs)
    assert shows_in in difference.changes, f"{drifted}"
    assert difference.replaces == []
    state = twin.update(type_, made.id, drifted, made.inputs)
    repaired = twin.read(type_, made.id, made.inputs, state)
    assert repaired is not None
    assert twin.diff(type_, repaired[1], made.inputs).changes == []


def test_what_was_deleted_behind_the_programs_back_reads_as_gone(account: AccountServer, twin: Twin) -> None:
    made = make(twin, "aws:s3/bucket:Bucket", "shortlived", {})
    account.client("s3").delete_bucket(Bucket=made.id)
    assert twin.read(made.type, made.id, made.inputs, made.outputs) is None
    twin.delete(made.type, made.id, made.outputs)


def test_destroy_in_reverse_order_leaves_the_account_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = AccountServer(tmp_path_factory.mktemp("destroy"))
    try:
        made = provision(server.twin)
        for one in reversed(made):
            server.twin.delete(one.type, one.id, one.outputs)
            left = server.twin.read(one.type, one.id, one.inputs, one.outputs)
            assert left is None or one.type in LEFT, f"{one.type} {one.id} is still there"
            server.twin.delete(one.type, one.id, one.outputs)
        ec2 = server.client("ec2")
        assert ec2.describe_vpcs()["Vpcs"] == []
        assert ec2.describe_security_groups()["SecurityGroups"] == []
        assert ec2.describe_addresses()["Addresses"] == []
        assert server.client("iam").list_roles()["Roles"] == []
        assert server.client("s3").list_buckets()["Buckets"] == []
        assert server.client("backup").list_backup_vaults()["BackupVaultList"] == []
        assert server.client("backup").list_backup_plans()["BackupPlansList"] == []
        assert server.client("logs").describe_log_groups()["logGroups"] == []
        assert server.client("rds").describe_db_instances()["DBInstances"] == []
        assert server.client("eks").list_clusters()["clusters"] == []
        assert server.client("kafka").list_clusters()["ClusterInfoList"] == []
        assert server.client("secretsmanager").list_secrets()["SecretList"] == []
        keys = server.client("kms").list_keys()["Keys"]
        states = {server.client("kms").describe_key(KeyId=k["KeyId"])["KeyMetadata"]["KeyState"] for k in keys}
        assert states == {"PendingDeletion"}
        assert server.health()["declared"] == 0
    finally:
        server.stop()


@pytest.mark.parametrize("type_", TYPES)
def test_the_mapping_speaks_only_of_properties_and_members_that_exist(type_: str) -> None:
    """A slip of the pen in a mapping would otherwise be an input that is silently not read."""
    resource, schema = mapping.find(type_), schema_of(type_)
    known = {*schema.inputs, *schema.state}
    spoken = {
        *resource.only_here,
        *resource.write_only,
        *resource.identity,
        *resource.replace_on,
        *resource.defaults,
        *resource.computed,
        *(name.partition(".")[0] for name in (*resource.names, *resource.dropped)),
        *(name.partition(".")[0] for read in resource.read for name in (*read.names, *read.leaves)),
        *(name for read in resource.read if read.takes != Read("").takes for name in read.takes),
        *(n for c in (*resource.settings, *resource.updates) if c.carries != ("*",) for n in c.carries),
    }
    assert sorted(spoken - known) == []
