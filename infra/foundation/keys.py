"""Customer keys, one a purpose, so that who may read records is decided apart from who may run the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.key_policies import Purpose, statements
from infra.settings import Baseline, StackSettings

__all__ = ["Keys", "Purpose"]

DELETION_WINDOW_DAYS: Final = 30
ROTATION_DAYS: Final = 365

_OF_THE_ACCOUNT: Final = frozenset({Purpose.REGISTRY, Purpose.NOTIFICATIONS, Purpose.METRICS})
"""What only the stack that owns the account's baseline has."""


class Keys(Component):
    """A rotating KMS key and an alias for each purpose.

    `archive_provider` makes the archive's key in the log-archive account where there is one.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        archive_provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Keys", name, settings, opts)
        self._archive_provider = archive_provider
        shared = settings.account_baseline is Baseline.SHARED
        self._keys = {
            purpose: self._make(purpose) for purpose in Purpose if not (shared and purpose in _OF_THE_ACCOUNT)
        }
        self.register_outputs({purpose.value: key.arn for purpose, key in self._keys.items()})

    def arn(self, purpose: Purpose) -> pulumi.Output[str]:
        """The ARN of the key for `purpose`."""
        return self._keys[purpose].arn

    def _make(self, purpose: Purpose) -> aws.kms.Key:
        provider = self._archive_provider if purpose is Purpose.ARCHIVE else None
        return customer_key(self, purpose, statements(purpose, self.settings), alias=purpose, provider=provider)


def customer_key(
    owner: Component,
    part: str,
    policy: Sequence[iam.Statement],
    *,
    alias: str,
    provider: pulumi.ProviderResource | None = None,
    region: str | None = None,
) -> aws.kms.Key:
    """A rotating key with its alias as children of `owner`, in another account or region where one is named."""
    prefix = owner.settings.prefix
    key = aws.kms.Key(
        owner.child_name(part),
        description=f"{prefix}: {alias}",
        policy=iam.document(*policy),
        enable_key_rotation=True,
        rotation_period_in_days=ROTATION_DAYS,
        deletion_window_in_days=DELETION_WINDOW_DAYS,
        region=region,
        tags=owner.tags(part),
        opts=owner.record_child(provider=provider),
    )
    aws.kms.Alias(
        owner.child_name(part),
        name=f"alias/{prefix}/{alias}",
        target_key_id=key.key_id,
        region=region,
        opts=owner.child(provider=provider),
    )
    return key
