"""The plans of the stacks are the ones that were read and committed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.plan.record import Plan
from tests.infra.golden import STACKS, difference
from tests.infra.plan_difference import difference as plan_difference


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_declares_exactly_what_its_golden_plan_says(plans: dict[str, Plan], stack: str) -> None:
    found = difference(plans[stack])
    assert not found, f"{found}\n\nIf that is what you meant: python -m tests.infra.golden --write"


def test_a_changed_input_is_shown_with_its_old_and_new_value(production: Plan) -> None:
    changed = [
        replace(each, inputs={**each.inputs, "multiAz": False}) if each.type == "aws:rds/instance:Instance" else each
        for each in production.resources
    ]
    found = difference(replace(production, resources=tuple(changed))).splitlines()
    assert [line for line in found if not line.startswith(" ")] == [
        "~ valletta:foundation:Database$aws:rds/instance:Instance::database-ledger"
    ]
    assert found[1:] == ["    inputs.multiAz: true -> false"]


RECORDED = {
    "resources": [
        {
            "resource": "key",
            "inputs": {"policy": '{"Statement": [1, 2]}', "days": [7, 30]},
            "options": {"protect": True},
        },
        {"resource": "log", "inputs": {"days": 7}},
    ]
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"inputs": {"policy": '{"Statement": [1, 3]}', "days": [7, 30]}},
            ["inputs.policy (JSON).Statement[1]: 2 -> 3"],
        ),
        ({"inputs": {"policy": '{"Statement": [1, 2]}', "days": [7]}}, ["inputs.days: - 30"]),
        ({"inputs": {"policy": '{"Statement": [1, 2]}', "days": [30, 7]}}, ["inputs.days: in another order"]),
        ({"options": {}}, ["options.protect: true -> (not given)"]),
    ],
)
def test_what_changed_within_a_resource_is_named_by_its_path(change: dict[str, Any], told: list[str]) -> None:
    key, log = RECORDED["resources"]
    found = plan_difference(RECORDED, {"resources": [{**key, **change}, log]}).splitlines()
    assert found == ["~ key", *(f"    {line}" for line in told)]


def test_what_came_is_shown_whole_and_what_went_by_name() -> None:
    key, log = RECORDED["resources"]
    assert plan_difference(RECORDED, {"resources": [log]}) == "- key"
    assert plan_difference({"resources": [key]}, RECORDED) == "+ log\n    inputs.days: 7"
    assert not plan_difference(RECORDED, RECORDED)
