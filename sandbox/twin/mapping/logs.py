"""CloudWatch Logs: log groups, and the metrics that are counted in them."""

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

_FILTER = {"logGroupName": "{logGroupName}", "filterName": "{name}"}
METRIC_FILTER = Resource(
    type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
    service="logs",
    id="{name}",
    settings=(Call("PutMetricFilter", _FILTER, carries=("pattern", "metricTransformation")),),
    names={
        "name": "filterName",
        "pattern": "filterPattern",
        "metricTransformation": "metricTransformations",
        "metricTransformation.name": "metricName",
        "metricTransformation.namespace": "metricNamespace",
        "metricTransformation.value": "metricValue",
    },
    read=(
        Read(
            "DescribeMetricFilters",
            {"logGroupName": "{logGroupName}", "filterNamePrefix": "{name}"},
            at="metricFilters[?filterName=='{name}'] | [0]",
        ),
    ),
    delete=(Call("DeleteMetricFilter", _FILTER),),
    autoname="name",
    longest_name=512,
    identity=("name", "logGroupName"),
)

RESOURCE_POLICY = Resource(
    type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    service="logs",
    id="{policyName}",
    settings=(
        Call(
            "PutResourcePolicy",
            {"policyName": "{policyName}", "policyDocument": "{policyDocument}"},
            carries=("policyDocument",),
        ),
    ),
    names={"policyDocument": "policyDocument"},
    read=(Read("DescribeResourcePolicies", at="resourcePolicies[?policyName=='{policyName}'] | [0]"),),
    delete=(Call("DeleteResourcePolicy", {"policyName": "{policyName}"}),),
    identity=("policyName",),
)

RESOURCES = (LOG_GROUP, METRIC_FILTER, RESOURCE_POLICY)
