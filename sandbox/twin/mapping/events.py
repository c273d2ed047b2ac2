"""EventBridge: rules on events, and where matching ones go."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_RULE = {"Name": "{id}"}
_ARN = {"ResourceARN": "{arn}"}

RULE = Resource(
    type="aws:cloudwatch/eventRule:EventRule",
    service="events",
    id="{name}",
    create=Call("PutRule", carries=ALL),
    noun="Rule",
    read=(Read("DescribeRule", _RULE),),
    updates=(Call("PutRule", _RULE, carries=("description", "eventPattern", "scheduleExpression", "state")),),
    delete=(Call("DeleteRule", _RULE),),
    autoname="name",
    longest_name=64,
    identity=("name",),
    only_here=("forceDestroy",),
    defaults={"state": "ENABLED", "eventBusName": "default"},
    tagging=Tagging(
        add=Call("TagResource", _ARN),
        remove=Call("UntagResource", _ARN),
        list=Read("ListTagsForResource", _ARN, at="Tags"),
    ),
)

TARGET = Resource(
    type="aws:cloudwatch/eventTarget:EventTarget",
    service="events",
    id="{rule}/{targetId}",
    settings=(
        Call("PutTargets", {"Rule": "{rule}", "Targets": [{"Id": "{targetId}", "Arn": "{arn}"}]}, carries=("arn",)),
    ),
    names={"arn": ""},
    read=(
        Read(
            "ListTargetsByRule",
            {"Rule": "{rule}"},
            at="Targets[?Id=='{targetId}'] | [0]",
            takes=("arn",),
            names={"targetId": "Id"},
        ),
    ),
    computed={"rule": "{rule}"},
    delete=(Call("RemoveTargets", {"Rule": "{rule}", "Ids": ["{targetId}"]}),),
    autoname="targetId",
    longest_name=64,
    identity=("rule", "targetId"),
    only_here=("forceDestroy",),
    defaults={"eventBusName": "default"},
)

RESOURCES = (RULE, TARGET)
