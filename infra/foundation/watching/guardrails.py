"""The organisation's guardrails: the service control policy, on what the settings name."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.watching import service_control
from infra.settings import StackSettings


class Guardrails(Component):
    """The policy and where it lies; the stack's account must then be the one that manages the organisation."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Guardrails", name, settings, opts)
        policy = aws.organizations.Policy(
            self.child_name("policy"),
            name=self.name_of("policy"),
            description="What nobody in a regulated account can do: see docs/compliance/service-control-policy.json",
            type="SERVICE_CONTROL_POLICY",
            content=service_control.compact(settings.allowed_regions),
            tags=self.tags("policy"),
            opts=self.record_child(),
        )
        for target in settings.guardrail_targets:
            aws.organizations.PolicyAttachment(
                self.child_name(target), policy_id=policy.id, target_id=target, opts=self.record_child()
            )
        self.register_outputs({"policy_id": policy.id})
