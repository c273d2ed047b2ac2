"""Log groups that end: under our key, kept for the settings' retention, made before the service that writes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component import Component


def log_group(
    owner: Component, part: str, name: str, key_arn: pulumi.Input[str], *, region: str | None = None
) -> aws.cloudwatch.LogGroup:
    """A CloudWatch log group as a child of `owner`, in another region where one is named.

    Without it the service would make its own: unencrypted by our key and never expiring.
    """
    return aws.cloudwatch.LogGroup(
        owner.child_name(part),
        name=name,
        retention_in_days=owner.settings.log_retention_days,
        kms_key_id=key_arn,
        region=region,
        tags=owner.tags(part),
        opts=owner.record_child(),
    )
