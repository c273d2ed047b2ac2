"""Auto Scaling: which target groups the machines of a group are in."""

from __future__ import annotations

from sandbox.twin.resource import Call, Read, Resource

_ATTACHED = {"AutoScalingGroupName": "{autoscalingGroupName}", "TargetGroupARNs": ["{lbTargetGroupArn}"]}

ATTACHMENT = Resource(
    type="aws:autoscaling/attachment:Attachment",
    service="autoscaling",
    id="{autoscalingGroupName}/{lbTargetGroupArn}",
    create=Call("AttachLoadBalancerTargetGroups", _ATTACHED),
    read=(
        Read(
            "DescribeLoadBalancerTargetGroups",
            {"AutoScalingGroupName": "{autoscalingGroupName}"},
            at="LoadBalancerTargetGroups[?LoadBalancerTargetGroupARN=='{lbTargetGroupArn}'] | [0]",
            takes=(),
            names={"lbTargetGroupArn": "LoadBalancerTargetGroupARN"},
        ),
    ),
    computed={"autoscalingGroupName": "{autoscalingGroupName}"},
    delete=(Call("DetachLoadBalancerTargetGroups", _ATTACHED),),
    gone=("ValidationError", "InternalFailure"),
    identity=("autoscalingGroupName", "lbTargetGroupArn"),
)

RESOURCES = (ATTACHMENT,)
