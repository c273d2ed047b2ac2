"""A resource of any type: the program's own, or one of the types that the program of today does not use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.twin.twin import Twin
from tests.twin.provisioning import Made, make

Everything = dict[str, Made]
_READ = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]}
)


def _egress(_twin: Twin, made: Everything) -> dict[str, Any]:
    group = made["aws:ec2/securityGroup:SecurityGroup"].id
    return {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}


def _version(_twin: Twin, made: Everything) -> dict[str, Any]:
    return {"secretId": made["aws:secretsmanager/secret:Secret"].id, "secretString": "correct horse"}


def _control_policy(twin: Twin, made: Everything) -> dict[str, Any]:
    """A policy needs an organisation, which the account manages."""
    obtain("aws:organizations/organization:Organization", twin, made)
    return {"name": "guardrails", "description": "What nobody can do", "content": _READ, "tags": {"a": "b"}}


def _attachment(twin: Twin, made: Everything) -> dict[str, Any]:
    policy = make(
        twin, "aws:organizations/policy:Policy", "attached", _control_policy(twin, made) | {"name": "attached"}
    )
    return {"policyId": policy.id, "targetId": twin.account}


def _administrator(_twin: Twin, _made: Everything) -> dict[str, Any]:
    return {"adminAccountId": "777788889999"}


def _scram(twin: Twin, made: Everything) -> dict[str, Any]:
    secret = make(twin, "aws:secretsmanager/secret:Secret", "scram", {"name": "AmazonMSK_valletta-local_reports"})
    return {"clusterArn": made["aws:msk/cluster:Cluster"].id, "secretArnLists": [secret.id]}


def _puller(twin: Twin, made: Everything) -> dict[str, Any]:
    pull = {"Effect": "Allow", "Principal": {"AWS": twin.account}, "Action": ["ecr:BatchGetImage"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [pull]})
    return {"repository": made["aws:ecr/repository:Repository"].id, "policy": policy}


def _signing_key(_twin: Twin, made: Everything) -> dict[str, Any]:
    zone, key = made["aws:route53/zone:Zone"], made["aws:kms/key:Key"]
    return {
        "hostedZoneId": zone.id,
        "keyManagementServiceArn": key.outputs["arn"],
        "name": "signing",
        "status": "ACTIVE",
    }


EXTRAS: Mapping[str, Callable[[Twin, Everything], dict[str, Any]]] = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _puller,
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": _administrator,
    "aws:iam/instanceProfile:InstanceProfile": lambda _, made: {"role": made["aws:iam/role:Role"].id},
    "aws:iam/policy:Policy": lambda _, __: {"policy": _READ, "description": "Reads", "tags": {"a": "b"}},
    "aws:msk/scramSecretAssociation:ScramSecretAssociation": _scram,
    "aws:organizations/organization:Organization": lambda _, __: {"featureSet": "ALL"},
    "aws:organizations/policy:Policy": _control_policy,
    "aws:organizations/policyAttachment:PolicyAttachment": _attachment,
    "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec": lambda _, made: {"hostedZoneId": made["aws:route53/zone:Zone"].id},
    "aws:route53/keySigningKey:KeySigningKey": _signing_key,
    "aws:secretsmanager/secretVersion:SecretVersion": _version,
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": lambda _, __: {
        "adminAccountId": "777788889999"
    },
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
