"""The plans of the stacks are the ones that were read and committed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.plan.record import Plan
from tests.infra.golden import STACKS, difference


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_declares_exactly_what_its_golden_plan_says(plans: dict[str, Plan], stack: str) -> None:
    found = difference(plans[stack])
    assert not found, f"{found}\n\nIf that is what you meant: python -m tests.infra.golden --write"


def test_a_changed_input_is_shown_with_its_old_and_new_value(production: Plan) -> None:
    changed = [
        replace(each, inputs={**each.inputs, "multiAz": False}) if each.type == "aws:rds/instance:Instance" else each
        for each in production.resources
    ]
    found = difference(replace(production, resources=tuple(changed)))
    assert '-    "multiAz": true' in found
    assert '+    "multiAz": false' in found
