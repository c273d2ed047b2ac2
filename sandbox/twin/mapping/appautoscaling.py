"""Application Auto Scaling: what scales, and by which policy."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource

_WHAT = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceId": "{resourceId}",
    "ScalableDimension": "{scalableDimension}",
}
_WHICH = ("serviceNamespace", "resourceId", "scalableDimension")

TARGET = Resource(
    type="aws:appautoscaling/target:Target",
    service="application-autoscaling",
    id="{serviceNamespace}/{resourceId}/{scalableDimension}",
    create=Call("RegisterScalableTarget", carries=ALL),
    read=(
        Read(
            "DescribeScalableTargets",
            {"ServiceNamespace": "{serviceNamespace}", "ResourceIds": ["{resourceId}"]},
            at="ScalableTargets[?ScalableDimension=='{scalableDimension}'] | [0]",
        ),
    ),
    updates=(
        Call("RegisterScalableTarget", _WHAT, carries=("minCapacity", "maxCapacity", "roleArn", "suspendedState")),
    ),
    delete=(Call("DeregisterScalableTarget", _WHAT),),
    gone=("ValidationException",),
    identity=_WHICH,
    # Moto gives no ARN of a target and lists no tags.
    dropped=("tags",),
)

POLICY = Resource(
    type="aws:appautoscaling/policy:Policy",
    service="application-autoscaling",
    id="{serviceNamespace}/{resourceId}/{scalableDimension}/{name}",
    settings=(Call("PutScalingPolicy", {**_WHAT, "PolicyName": "{name}"}, carries=ALL),),
    read=(
        Read(
            "DescribeScalingPolicies",
            {"ServiceNamespace": "{serviceNamespace}", "ResourceId": "{resourceId}"},
            at="ScalingPolicies[?PolicyName=='{name}'] | [0]",
            names={"arn": "PolicyARN"},
        ),
    ),
    delete=(Call("DeleteScalingPolicy", {**_WHAT, "PolicyName": "{name}"}),),
    gone=("ValidationException",),
    autoname="name",
    identity=(*_WHICH, "name"),
    defaults={"policyType": "StepScaling"},
)

RESOURCES = (TARGET, POLICY)
