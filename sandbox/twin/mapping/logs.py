"""CloudWatch Logs: log groups."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_GROUP = {"logGroupName": "{id}"}
_ARN = "arn:{partition}:logs:{region}:{account}:log-group:{id}"

LOG_GROUP = Resource(
    type="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    id="{name}",
    create=Call("CreateLogGroup", carries=ALL),
    settings=(
        Call("PutRetentionPolicy", _GROUP, carries=("retentionInDays",), when="retentionInDays"),
        Call("DeleteRetentionPolicy", _GROUP, carries=("retentionInDays",), when="!retentionInDays"),
    ),
    read=(
        Read(
            "DescribeLogGroups",
            {"logGroupNamePrefix": "{id}"},
            at="logGroups[?logGroupName=='{id}'] | [0]",
            leaves=("arn",),
        ),
    ),
    updates=(
        Call("AssociateKmsKey", _GROUP, carries=("kmsKeyId",), when="kmsKeyId"),
        Call("DisassociateKmsKey", _GROUP, carries=("kmsKeyId",), when="!kmsKeyId"),
    ),
    computed={"arn": _ARN},
    delete=(Call("DeleteLogGroup", _GROUP),),
    autoname="name",
    longest_name=512,
    identity=("name",),
    only_here=("skipDestroy",),
    defaults={"retentionInDays": 0, "logGroupClass": "STANDARD"},
    tagging=Tagging(
        on_create="tags",
        style="map",
        add=Call("TagResource", {"resourceArn": _ARN}),
        remove=Call("UntagResource", {"resourceArn": _ARN}),
        list=Read("ListTagsForResource", {"resourceArn": _ARN}, at="tags"),
        keys="tagKeys",
        values="tags",
    ),
)

RESOURCES = (LOG_GROUP,)
