"""What an AWS account must refuse by default, whoever makes a bucket, a volume or an instance in it.

The default VPC that AWS puts into every region is not declared: to adopt it is to make one where the landing zone took
it away. `aws ec2 delete-default-vpc` in each region belongs to the hand-over of an account; the Config rule on default
security groups tells of one that was left, and nobody on the Internet can reach into it in this region.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.keys import Keys, Purpose
from infra.settings import StackSettings

PASSWORD_LENGTH: Final = 14
PASSWORDS_REMEMBERED: Final = 24
"""CIS AWS 5.0, 1.7 and 1.8."""
PASSWORD_DAYS: Final = 90
"""PCI DSS 4.0.1, 8.3.9."""


class Account(Component):
    """The account's own defaults. An account has each of them once, in its region or altogether."""

    def __init__(
        self, name: str, settings: StackSettings, keys: Keys, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Account", name, settings, opts)
        self._encrypt_volumes(keys)
        self._share_nothing()
        self._close_network()
        self._demand_passwords()
        if settings.security_contact:
            self._name_contact(settings.security_contact)
        self.register_outputs({})

    def _encrypt_volumes(self, keys: Keys) -> None:
        """Whatever makes a volume, it is encrypted, and by our key unless another is named: control CRY-1."""
        aws.ebs.EncryptionByDefault(self.child_name("volumes"), enabled=True, opts=self.child())
        aws.ebs.DefaultKmsKey(self.child_name("volumes"), key_arn=keys.arn(Purpose.VOLUMES), opts=self.child())

    def _share_nothing(self) -> None:
        """No bucket, snapshot or image of the account is anybody's: control NET-1."""
        aws.s3.AccountPublicAccessBlock(
            self.child_name("buckets"),
            account_id=self.settings.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        aws.ebs.SnapshotBlockPublicAccess(self.child_name("snapshots"), state="block-all-sharing", opts=self.child())
        aws.ec2.ImageBlockPublicAccess(self.child_name("images"), state="block-new-sharing", opts=self.child())

    def _close_network(self) -> None:
        """Instances speak IMDSv2 to nobody but themselves (NET-6), and no connection comes in from the Internet."""
        aws.ec2.InstanceMetadataDefaults(
            self.child_name("metadata"),
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
            opts=self.child(),
        )
        # It was the network's, although a region has only one.
        network = pulumi.create_urn("network", "valletta:foundation:Network")
        former = pulumi.Alias(name="network-block", parent=network)
        options = pulumi.ResourceOptions.merge(self.child(), pulumi.ResourceOptions(aliases=[former]))
        aws.ec2.VpcBlockPublicAccessOptions(
            self.child_name("block"), internet_gateway_block_mode="block-ingress", opts=options
        )

    def _demand_passwords(self) -> None:
        """People come by federation (IAM-3); should a user with a password ever be made, it is a long one."""
        aws.iam.AccountPasswordPolicy(
            self.child_name("passwords"),
            minimum_password_length=PASSWORD_LENGTH,
            password_reuse_prevention=PASSWORDS_REMEMBERED,
            max_password_age=PASSWORD_DAYS,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            hard_expiry=False,
            opts=self.child(),
        )

    def _name_contact(self, contact: Mapping[str, str]) -> None:
        """Whom AWS writes to when it sees abuse of the account: CIS AWS 5.0, 1.2."""
        aws.account.AlternativeContact(
            self.child_name("security"),
            alternate_contact_type="SECURITY",
            name=contact["name"],
            title=contact["title"],
            email_address=contact["email"],
            phone_number=contact["phone"],
            opts=self.child(),
        )
