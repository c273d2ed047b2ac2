"""What is read off the SDK's classes, and what reading must not do to them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandbox.twin.errors import UnknownTypeError
from sandbox.twin.naming import counterpart
from sandbox.twin.schema import schema_of


def test_the_kinds_of_properties_are_those_of_the_provider() -> None:
    schema = schema_of("aws:eks/cluster:Cluster")
    assert schema.inputs["vpcConfig"].form == "object"
    assert schema.inputs["vpcConfig"].fields["subnetIds"].form == "list"
    assert schema.inputs["tags"].form == "map"
    assert schema.state["identities"].of is not None
    assert schema.state["identities"].of.fields["oidcs"].form == "list"
    assert "arn" in schema.state
    assert "arn" not in schema.inputs


def test_a_policy_is_text_on_the_wire_though_the_sdk_takes_an_object() -> None:
    assert schema_of("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"].form == "scalar"


def test_a_type_whose_arguments_share_the_name_of_an_object_is_still_found() -> None:
    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    assert "rules" in schema_of(token).inputs


@pytest.mark.parametrize("token", ["aws:s3/bucket:Bukket", "aws:s4/bucket:Bucket", "bucket", "aws:s3:Bucket"])
def test_a_type_that_the_sdk_does_not_have_is_named(token: str) -> None:
    with pytest.raises(UnknownTypeError, match=token):
        schema_of(token)


def test_reading_a_schema_leaves_the_sdk_whole_for_the_program_in_the_same_process() -> None:
    """The SDK loads its packages lazily, and one loaded from within loses classes."""
    check = (
        "from sandbox.twin.schema import schema_of;"
        "[schema_of(f'aws:ec2/{s}:{n}') for s, n in (('vpc', 'Vpc'), ('securityGroup', 'SecurityGroup'))];"
        "import pulumi_aws; pulumi_aws.ec2.SecurityGroup; pulumi_aws.ec2.Vpc"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize(
    ("property_", "members", "noun", "found"),
    [
        ("vpcConfig", ["VpcConfig"], "", "VpcConfig"),
        ("rule", ["Rules"], "", "Rules"),
        ("policies", ["Policy"], "", "Policy"),
        ("name", ["Path", "RoleName"], "Role", "RoleName"),
        ("kmsMasterKeyId", ["KMSMasterKeyID"], "", "KMSMasterKeyID"),
        ("name", ["Path"], "Role", None),
    ],
)
def test_names_meet_across_case_number_and_noun(
    property_: str, members: list[str], noun: str, found: str | None
) -> None:
    assert counterpart(property_, members, noun) == found
