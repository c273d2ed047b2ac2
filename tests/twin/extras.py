"""A resource of any type: the program's own, or one of the types that the program of today does not use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.twin.twin import Twin
from tests.twin.provisioning import Made, make

Everything = Mapping[str, Made]
_READ = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]}
)


def _logging(twin: Twin, made: Everything) -> dict[str, Any]:
    target = make(twin, "aws:s3/bucket:Bucket", "logs", {})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{target.outputs['arn']}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    make(twin, "aws:s3/bucketPolicy:BucketPolicy", "logs", {"bucket": target.id, "policy": policy})
    return {"bucket": made["aws:s3/bucket:Bucket"].id, "targetBucket": target.id, "targetPrefix": "access/"}


def _egress(_twin: Twin, made: Everything) -> dict[str, Any]:
    group = made["aws:ec2/securityGroup:SecurityGroup"].id
    return {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}


def _version(_twin: Twin, made: Everything) -> dict[str, Any]:
    return {"secretId": made["aws:secretsmanager/secret:Secret"].id, "secretString": "correct horse"}


EXTRAS: Mapping[str, Callable[[Twin, Everything], dict[str, Any]]] = {
    "aws:iam/instanceProfile:InstanceProfile": lambda _, made: {"role": made["aws:iam/role:Role"].id},
    "aws:iam/policy:Policy": lambda _, __: {"policy": _READ, "description": "Reads", "tags": {"a": "b"}},
    "aws:s3/bucketLogging:BucketLogging": _logging,
    "aws:secretsmanager/secretVersion:SecretVersion": _version,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _egress,
}


def current(twin: Twin, made: Made) -> Made:
    """The resource with its outputs of now: another test may have changed it and back."""
    read = twin.read(made.type, made.id, made.inputs, made.outputs)
    assert read is not None
    return replace(made, outputs=read[2])


def obtain(type_: str, twin: Twin, provisioned: dict[str, Made]) -> Made:
    if type_ not in provisioned:
        provisioned[type_] = make(twin, type_, "extra", EXTRAS[type_](twin, provisioned))
    return provisioned[type_]
