"""Secrets Manager: secrets, their values and their rotation."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_SECRET = {"SecretId": "{id}"}

SECRET = Resource(
    type="aws:secretsmanager/secret:Secret",
    service="secretsmanager",
    id="{result.ARN}",
    create=Call("CreateSecret", carries=ALL),
    read=(Read("DescribeSecret", _SECRET, at="!DeletedDate && @"),),
    updates=(Call("UpdateSecret", _SECRET, carries=("description", "kmsKeyId")),),
    settings=(
        Call("PutResourcePolicy", {**_SECRET, "ResourcePolicy": "{policy}"}, carries=("policy",), when="policy"),
        Call("DeleteResourcePolicy", _SECRET, carries=("policy",), when="!policy"),
    ),
    names={"policy": ""},
    delete=(
        Call(
            "DeleteSecret",
            {
                **_SECRET,
                "RecoveryWindowInDays": "=recoveryWindowInDays > `0` && recoveryWindowInDays || `null`",
                "ForceDeleteWithoutRecovery": "=recoveryWindowInDays == `0` || `null`",
            },
        ),
    ),
    # So says AWS of a secret that waits for its deletion.
    gone=("InvalidRequestException",),
    autoname="name",
    longest_name=512,
    identity=("name",),
    only_here=("recoveryWindowInDays", "forceOverwriteReplicaSecret"),
    defaults={"description": ""},
    tagging=Tagging(add=Call("TagResource", _SECRET), remove=Call("UntagResource", _SECRET)),
)

SECRET_VERSION = Resource(
    type="aws:secretsmanager/secretVersion:SecretVersion",
    service="secretsmanager",
    id="{secretId}|{result.VersionId}",
    create=Call("PutSecretValue", carries=ALL),
    names={"secretBinary": "SecretBinary"},
    read=(
        Read(
            "GetSecretValue",
            {"SecretId": "{secretId}", "VersionId": "{versionId}"},
            names={"secretId": "ARN", "arn": "ARN"},
        ),
    ),
    computed={"secretId": "{secretId}"},
    # The value goes with its secret; a version cannot be deleted alone.
    delete=(),
)

ROTATION = Resource(
    type="aws:secretsmanager/secretRotation:SecretRotation",
    service="secretsmanager",
    id="{secretId}",
    settings=(Call("RotateSecret", {"SecretId": "{secretId}"}, carries=ALL),),
    read=(
        Read(
            "DescribeSecret",
            {"SecretId": "{secretId}"},
            at="RotationEnabled && @",
            takes=("rotationRules", "rotationLambdaArn", "rotationEnabled"),
        ),
    ),
    computed={"secretId": "{id}"},
    delete=(Call("CancelRotateSecret", {"SecretId": "{secretId}"}),),
    # AWS rotates a managed password itself; moto knows of no rotation without a function, and says so only here.
    gone=("InvalidRequestException",),
    identity=("secretId",),
)

RESOURCES = (SECRET, SECRET_VERSION, ROTATION)
