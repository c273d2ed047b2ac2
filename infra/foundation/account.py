"""What an AWS account must refuse by default, whoever makes a bucket or a volume in it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.settings import StackSettings


class Account(Component):
    """EBS encryption by default and no public access to any bucket of the account."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Account", name, settings, opts)
        aws.ebs.EncryptionByDefault(self.child_name("volumes"), enabled=True, opts=self.child())
        aws.s3.AccountPublicAccessBlock(
            self.child_name("buckets"),
            account_id=settings.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        self.register_outputs({})
