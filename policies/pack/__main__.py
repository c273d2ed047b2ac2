"""The pack's entry, as Pulumi's CLI starts it: `pulumi up --policy-pack policies/pack`."""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack.crossguard import policies

if __name__ == "__main__":
    PolicyPack(
        name="valletta",
        display_name="Valletta's guardrails",
        description="The preventive rules of Valletta's catalogue of controls for a regulated betting exchange.",
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=policies(),
    )
