"""What passes through the private ways to AWS: by whom, and to what.

The policy of an endpoint gives nobody a right; it bounds what can be done through it. Only principals of the stack's
own accounts pass, so that a stranger's keys, smuggled in, carry nothing out; and S3 leads to the stack's own buckets
and to those from which AWS hands out images and packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from infra.foundation import iam
from infra.settings import StackSettings

INTERFACES: Final = (
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "ssm",
    "ssmmessages",
    "sts",
)
"""AWS services that nodes and pods reach without leaving the network."""

S3: Final = "s3"


def endpoint_policy(settings: StackSettings, service: str) -> pulumi.Output[str]:
    """The policy of the endpoint of `service`, one of `INTERFACES` or `S3`."""
    statements = {S3: _objects, "sts": _tokens}.get(service, _anything)(settings)
    return iam.document(*statements)


def _accounts(settings: StackSettings) -> list[str]:
    others = (settings.log_archive_account_id, settings.backup_account_id)
    return [settings.account_id, *(each for each in others if each)]


def _ours(settings: StackSettings) -> Mapping[str, Any]:
    return {"StringEquals": {"aws:PrincipalAccount": _accounts(settings)}}


def _anything(settings: StackSettings) -> list[iam.Statement]:
    return [iam.allow("OwnPrincipals", ["*"], "*", principal=iam.ANYONE, condition=_ours(settings))]


def _tokens(settings: StackSettings) -> list[iam.Statement]:
    """A job of the pipeline has no account before it has its role, which it takes with GitHub's word."""
    roles = f"arn:aws:iam::{settings.account_id}:role/valletta-*"
    first = iam.allow("Pipeline", ["sts:AssumeRoleWithWebIdentity"], roles, principal=iam.ANYONE)
    return [*_anything(settings), *([first] if settings.github_repository else [])]


def _objects(settings: StackSettings) -> list[iam.Statement]:
    """Own principals to own buckets; images' layers and the nodes' packages are fetched by signed links of AWS's."""
    ours, region = _ours(settings), settings.region
    at_home = {"StringEquals": {**ours["StringEquals"], "aws:ResourceAccount": _accounts(settings)}}
    handed_out = [
        f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
        f"arn:aws:s3:::al2023-repos-{region}-*/*",
    ]
    statements = [
        iam.allow("OwnBuckets", ["s3:*"], "*", principal=iam.ANYONE, condition=at_home),
        iam.allow("HandedOut", ["s3:GetObject"], handed_out, principal=iam.ANYONE),
    ]
    if settings.state_bucket:
        state = [f"arn:aws:s3:::{settings.state_bucket}", f"arn:aws:s3:::{settings.state_bucket}/*"]
        statements.append(iam.allow("State", ["s3:*"], state, principal=iam.ANYONE, condition=ours))
    return statements
