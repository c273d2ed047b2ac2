"""The pack's entry, as Pulumi's CLI starts it: `pulumi up --policy-pack policies/pack`."""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack.crossguard import policies
from policies.pack.guarded import guard

if __name__ == "__main__":
    guard()
    PolicyPack(
        name="valletta",
        display_name="Valletta's guardrails",
        description="The preventive rules of Valletta's catalogue of controls for a regulated betting exchange.",
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=policies(),
    )
