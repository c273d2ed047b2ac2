"""What the cluster tells of itself: the logs of its pods and nodes, and its figures, in CloudWatch.

The agent is EKS's add-on `amazon-cloudwatch-observability`. It would make its own log groups, which never expire; so
they are there before it, and it has no right to make any. Its usual policy, CloudWatchAgentServerPolicy, writes into
every log group of the account: it has a narrower one here.
"""

from __future__ import annotations

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.logs import log_group

ADD_ON: Final = "amazon-cloudwatch-observability"
SERVICE_ACCOUNT: Final = "cloudwatch-agent"
"""The service account of the agent and of Fluent Bit, in the namespace `amazon-cloudwatch`."""
_METRICS: Final = "ContainerInsights"

STREAMS: Final = ("application", "dataplane", "host", "performance")
"""What Fluent Bit and the agent tell apart: pods, Kubernetes' own processes, the nodes' systems, and figures."""

CONFIGURATION: Final = json.dumps(
    {
        "agent": {"config": {"logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}}},
        "containerLogs": {"enabled": True},
    },
    sort_keys=True,
)


def agent_role(
    owner: Component, cluster_name: str, trust: str, log_key_arn: pulumi.Input[str]
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """The agent's role with the log groups that it may write to, and what must exist before the agent runs."""
    groups = [
        log_group(owner, f"pods-{stream}", f"/aws/containerinsights/{cluster_name}/{stream}", log_key_arn)
        for stream in STREAMS
    ]
    role = aws.iam.Role(
        owner.child_name(ADD_ON),
        name=owner.name_of("cloudwatch-agent"),
        assume_role_policy=trust,
        tags=owner.tags(ADD_ON),
        opts=owner.child(),
    )
    policy = aws.iam.RolePolicy(
        owner.child_name(ADD_ON), role=role.name, policy=iam.document(*_rights(groups)), opts=owner.child()
    )
    return role, [policy, *groups]


def _rights(groups: list[aws.cloudwatch.LogGroup]) -> list[iam.Statement]:
    arns = [arn for group in groups for arn in (group.arn, pulumi.Output.concat(group.arn, ":*"))]
    return [
        iam.allow("WriteLogs", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], arns),
        iam.allow(
            "WriteFigures",
            ["cloudwatch:PutMetricData"],
            "*",
            condition={"StringEquals": {"cloudwatch:namespace": _METRICS}},
        ),
        # Neither knows a resource: which volumes and tags a node has, and which log groups there are.
        iam.allow("LookAround", ["ec2:DescribeTags", "ec2:DescribeVolumes", "logs:DescribeLogGroups"], "*"),
    ]
