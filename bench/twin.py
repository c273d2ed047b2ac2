"""What the twin costs over the bare AWS calls, and how fast an account starts and replays: `python -m bench.twin`.

The same little landscape (a network with two subnets and a security group, a role, a key, a bucket with four
settings, a log group) is made again and again on one account, by turns with boto3 written by hand and through the
twin, which also checks the inputs and reads every resource back. Both use the same server, in one thread.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from bench.record import Figure, conditions, record
from sandbox.twin.clients import Clients
from sandbox.twin.twin import Twin

REGION: Final = "eu-west-1"
ROUNDS: Final = 30
TARGET_RATIO: Final = 3.0
TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
READ: Final = TRUST.replace(', "Principal": {"Service": "ec2.amazonaws.com"}', ', "Resource": "*"').replace(
    "sts:AssumeRole", "s3:Get*"
)


def main() -> int:
    """Measure; 0 when the target is met."""
    with tempfile.TemporaryDirectory() as folder:
        cold, server, url = serve(Path(folder))
        under = conditions(rounds=ROUNDS, value="median of the rounds", resources_a_round=13)
        try:
            bare, twin = _measure(url)
            calls = int(httpx.get(f"{url}/valletta/health").json()["sequence"])
        finally:
            server.kill()
            server.wait()
        warm, server, url = serve(Path(folder))
        replay = httpx.get(f"{url}/valletta/health").json()["replay"]
        server.kill()
        server.wait()
    ratio = twin / bare
    figures = [
        Figure("a landscape by hand, boto3", round(bare * 1000, 1), "ms"),
        Figure("the same through the twin", round(twin * 1000, 1), "ms"),
        Figure("the twin over bare boto3", round(ratio, 2), "x", TARGET_RATIO, ratio < TARGET_RATIO, "bare boto3"),
        Figure("an empty account answers after", round(cold, 2), "s"),
        Figure("a killed account answers after", round(warm, 2), "s", against=f"{calls} changes in its journal"),
        Figure("of that, replaying", float(replay["seconds"]), "s"),
    ]
    return 0 if record("twin", under, figures) else 1


def serve(folder: Path) -> tuple[float, subprocess.Popen[str], str]:
    """Start the account; seconds until it answers, its process and its address."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "sandbox.twin", "--state", str(folder / "account")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise RuntimeError("the account has no output")
    url = process.stdout.readline().strip()
    return time.perf_counter() - began, process, url


def _measure(url: str) -> tuple[float, float]:
    """Median seconds of a round by hand and of one through the twin."""
    clients, twin = Clients(url, REGION), Twin(url, REGION)
    ways: Mapping[str, Callable[[int], None]] = {
        "bare": lambda number: _by_hand(clients, number),
        "twin": lambda number: _through(twin, number),
    }
    taken: dict[str, list[float]] = {"bare": [], "twin": []}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way(number)
            taken[name].append(time.perf_counter() - began)
    # The first round makes the clients and loads AWS's models.
    return statistics.median(taken["bare"][1:]), statistics.median(taken["twin"][1:])


def _by_hand(clients: Clients, number: int) -> None:
    ec2, iam, kms, s3, logs = (clients.client(name) for name in ("ec2", "iam", "kms", "s3", "logs"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    for third in range(2):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{third}.0/24", AvailabilityZone="eu-west-1a")
    ec2.create_security_group(GroupName=f"bare-{number}", Description="bare", VpcId=vpc)
    iam.create_role(RoleName=f"bare-{number}", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName=f"bare-{number}", PolicyName="read", PolicyDocument=READ)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key)
    kms.create_alias(AliasName=f"alias/bare-{number}", TargetKeyId=key)
    bucket = f"bare-{number}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=ownership)
    logs.create_log_group(logGroupName=f"bare-{number}")
    logs.put_retention_policy(logGroupName=f"bare-{number}", retentionInDays=365)


def _through(twin: Twin, number: int) -> None:
    name = f"twin-{number}"

    def make(type_: str, **inputs: Any) -> str:  # noqa: ANN401 - what the program may give
        checked, _ = twin.check(type_, f"urn:pulumi:s::p::{type_}::{name}", None, inputs)
        return twin.create(type_, f"urn:pulumi:s::p::{type_}::{name}", checked)[0]

    vpc = make("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True)
    for third in range(2):
        make("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock=f"10.0.{third}.0/24", availabilityZone="eu-west-1a")
    make("aws:ec2/securityGroup:SecurityGroup", name=name, vpcId=vpc)
    make("aws:iam/role:Role", name=name, assumeRolePolicy=TRUST)
    make("aws:iam/rolePolicy:RolePolicy", name="read", role=name, policy=READ)
    key = make("aws:kms/key:Key", enableKeyRotation=True)
    make("aws:kms/alias:Alias", name=f"alias/{name}", targetKeyId=key)
    make("aws:s3/bucket:Bucket", bucket=name)
    make("aws:s3/bucketVersioning:BucketVersioning", bucket=name, versioningConfiguration={"status": "Enabled"})
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}}
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    make(encryption, bucket=name, rules=[rule])
    make("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket=name, blockPublicAcls=True)
    controls = {"objectOwnership": "BucketOwnerEnforced"}
    make("aws:s3/bucketOwnershipControls:BucketOwnershipControls", bucket=name, rule=controls)
    make("aws:cloudwatch/logGroup:LogGroup", name=name, retentionInDays=365)


if __name__ == "__main__":
    raise SystemExit(main())
