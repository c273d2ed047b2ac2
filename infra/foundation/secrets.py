"""Secrets that people set: the place is declared, the value never passes through a plan or its state."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.keys import Keys, Purpose
from infra.settings import StackSettings

_RECOVERY_DAYS: Final = 30


class Secrets(Component):
    """The operators' bootstrap password, put in by `aws secretsmanager put-secret-value` before the first start."""

    def __init__(
        self, name: str, settings: StackSettings, keys: Keys, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Secrets", name, settings, opts)
        self._operator = aws.secretsmanager.Secret(
            self.child_name("operator"),
            name=f"{settings.prefix}/operator",
            description="The operators' bootstrap password",
            kms_key_id=keys.arn(Purpose.SECRETS),
            recovery_window_in_days=_RECOVERY_DAYS if settings.keeps_records else 0,
            tags=self.tags("operator"),
            opts=self.record_child(),
        )
        self.register_outputs({"operator_arn": self.operator_arn})

    @property
    def operator_arn(self) -> pulumi.Output[str]:
        """The ARN of the operators' secret."""
        return self._operator.arn
