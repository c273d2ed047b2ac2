"""The whole cycle on the account twin: what the program makes passes, what is broken behind its back fails, exactly.

The real program of the stack `local` is provisioned on a real account server; then an administrator with boto3 breaks
twenty things, one finding each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from policies.evidence import EvidenceRun, collect
from policies.evidence.comparison import Kind, compare
from policies.model import Outcome
from sandbox.evidence import twin_target
from tests.policies.account.whole import ALLOW_EVERYTHING
from tests.twin.account_server import REGION, AccountServer
from tests.twin.provisioning import Made, provision

ASKED_OF_PEOPLE = {Outcome.MANUAL, Outcome.NOT_IMPLEMENTED}


class Landscape:
    """What was made, by type and name; and a client of each service."""

    def __init__(self, server: AccountServer) -> None:
        self.server = server
        self._made = provision(server.twin)

    def made(self, type_: str, name: str = "") -> Made:
        """The first resource of a type, such as `rds/instance:Instance`, whose name has `name` in it."""
        return next(each for each in self._made if each.type == f"aws:{type_}" and name in each.name)

    def client(self, service: str) -> Any:  # noqa: ANN401  (boto3 makes its clients of data)
        return self.server.client(service)


@pytest.fixture(scope="module")
def landscape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landscape]:
    server = AccountServer(tmp_path_factory.mktemp("cycle") / "account")
    yield Landscape(server)
    server.stop()


@pytest.fixture(scope="module")
def before(landscape: Landscape) -> EvidenceRun:
    return collect(twin_target(landscape.server.url, REGION))


def test_everything_that_can_be_seen_passes(before: EvidenceRun) -> None:
    """And what cannot be seen says so; nothing fails, nothing is left unanswered."""
    seen = {finding.outcome for finding in before.findings} - ASKED_OF_PEOPLE
    assert seen <= {Outcome.PASS, Outcome.NOT_OBSERVABLE, Outcome.NOT_APPLICABLE}, [
        each for each in before.findings if each.outcome in (Outcome.FAIL, Outcome.ERROR)
    ]
    assert before.clean


Broken = tuple[str, str, Callable[[Landscape], object]]


def _open_metadata(landscape: Landscape, template: str) -> None:
    ec2 = landscape.client("ec2")
    data = {"MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 1}}
    version = ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=data)
    number = str(version["LaunchTemplateVersion"]["VersionNumber"])
    ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion=number)


def _open_port(landscape: Landscape, group: str, port: int) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    landscape.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def _plain_text(landscape: Landscape) -> None:
    group = landscape.made("rds/parameterGroup:ParameterGroup").outputs["name"]
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    landscape.client("rds").modify_db_parameter_group(DBParameterGroupName=group, Parameters=[parameter])


def _weaken_bucket(landscape: Landscape, bucket: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    landscape.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _trust_anybody(landscape: Landscape, role: str) -> None:
    """Whoever signs in, without a second factor, or any job of any repository: only the audience is still asked."""
    document = json.loads(landscape.made("iam/role:Role", role).inputs["assumeRolePolicy"])
    for statement in document["Statement"]:
        tests = statement.pop("Condition", {})
        audience = {claim: value for test in tests.values() for claim, value in test.items() if claim.endswith(":aud")}
        if audience:
            statement["Condition"] = {"StringEquals": audience}
    name = landscape.made("iam/role:Role", role).outputs["name"]
    landscape.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))


def _hire(landscape: Landscape) -> None:
    iam = landscape.client("iam")
    iam.create_user(UserName="intern")
    iam.create_access_key(UserName="intern")


def _elsewhere(landscape: Landscape) -> None:
    landscape.server.client("ec2", "us-east-1").create_volume(AvailabilityZone="us-east-1a", Size=1)


def twenty(landscape: Landscape) -> list[Broken]:
    """Control, resource, and what to do to it behind Pulumi's back."""
    made = landscape.made
    account = "arn:aws:iam::123456789012:root"
    trail, database = made("cloudtrail/trail:Trail"), made("rds/instance:Instance")
    cluster, vpc, key = made("eks/cluster:Cluster"), made("ec2/vpc:Vpc"), made("kms/key:Key", "logs")
    template, default = made("ec2/launchTemplate:LaunchTemplate"), made("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    group, role = made("ec2/securityGroup:SecurityGroup", "database"), made("iam/role:Role", "network-flow")
    pipeline, regulator = made("iam/role:Role", "deploy"), made("iam/role:Role", "regulator")
    landing, archive, exports = (made("s3/bucket:Bucket", name) for name in ("landing", "archive-locked", "exports"))
    flow = made("ec2/flowLog:FlowLog")
    logs = made("cloudwatch/logGroup:LogGroup", "control-plane").outputs["name"]
    watched = made("cloudwatch/logMetricFilter:LogMetricFilter")
    client = landscape.client
    return [
        ("LOG-1", trail.outputs["arn"], lambda _: client("cloudtrail").stop_logging(Name=trail.outputs["name"])),
        ("LOG-2", f"arn:aws:s3:::{archive.id}", lambda _: _unlock(landscape, archive.id)),
        ("LOG-3", cluster.outputs["arn"], lambda _: client("logs").delete_retention_policy(logGroupName=logs)),
        ("LOG-6", trail.outputs["arn"], lambda _: _unwatch(landscape, watched)),
        (
            "NET-1",
            database.outputs["arn"],
            lambda _: client("rds").modify_db_instance(
                DBInstanceIdentifier=database.outputs["identifier"], PubliclyAccessible=True, ApplyImmediately=True
            ),
        ),
        ("NET-2", default.id, lambda _: _open_port(landscape, default.id, 443)),
        ("NET-2", group.id, lambda _: _open_port(landscape, group.id, 22)),
        ("NET-5", vpc.id, lambda _: client("ec2").delete_flow_logs(FlowLogIds=[flow.id])),
        ("NET-6", template.id, lambda _: _open_metadata(landscape, template.id)),
        ("CRY-1", f"arn:aws:s3:::{landing.id}", lambda _: _weaken_bucket(landscape, landing.id)),
        ("CRY-1", account, lambda _: client("ec2").disable_ebs_encryption_by_default()),
        ("CRY-2", f"arn:aws:s3:::{exports.id}", lambda _: client("s3").delete_bucket_policy(Bucket=exports.id)),
        ("CRY-2", database.outputs["arn"], lambda _: _plain_text(landscape)),
        ("CRY-3", key.outputs["arn"], lambda _: client("kms").disable_key_rotation(KeyId=key.id)),
        (
            "IAM-2",
            role.outputs["arn"],
            lambda _: client("iam").put_role_policy(
                RoleName=role.outputs["name"], PolicyName="all", PolicyDocument=ALLOW_EVERYTHING
            ),
        ),
        (
            "IAM-2",
            "arn:aws:iam::123456789012:policy/all",
            lambda _: client("iam").create_policy(PolicyName="all", PolicyDocument=ALLOW_EVERYTHING),
        ),
        ("IAM-3", account, lambda _: _hire(landscape)),
        ("CHG-2", pipeline.outputs["arn"], lambda _: _trust_anybody(landscape, "deploy")),
        ("REG-1", regulator.outputs["arn"], lambda _: _trust_anybody(landscape, "regulator")),
        ("LOC-1", "us-east-1", lambda _: _elsewhere(landscape)),
    ]


def _unlock(landscape: Landscape, bucket: str) -> None:
    landscape.client("s3").put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def _unwatch(landscape: Landscape, watched: Made) -> None:
    landscape.client("logs").delete_metric_filter(
        logGroupName=watched.inputs["logGroupName"], filterName=watched.outputs["name"]
    )


def test_twenty_things_broken_are_exactly_what_fails_and_what_the_comparison_names(
    landscape: Landscape, before: EvidenceRun
) -> None:
    broken = twenty(landscape)
    assert len(broken) == 20
    for _, _, act in broken:
        act(landscape)
    after = collect(twin_target(landscape.server.url, REGION))
    expected = {(control, resource) for control, resource, _ in broken}
    failed = {(each.control, each.resource) for each in after.findings if each.outcome is Outcome.FAIL}
    assert failed == expected
    assert after.complete
    found = compare(*(json.loads(json.dumps(run.to_json())) for run in (before, after)))
    assert {(each.control, each.resource) for each in found.changes if each.bad} == expected
    assert {each.kind for each in found.changes} <= {Kind.WORSE, Kind.APPEARED}
