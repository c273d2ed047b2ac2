"""What counts as drift and what does not: the rules, for any values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.twin.reading import grafted
from sandbox.twin.sameness import rebuilt, same
from sandbox.twin.templates import mentioned, parsed, resolve
from sandbox.twin.values import Value

SCALARS = st.text(max_size=6) | st.integers(-9, 9) | st.booleans()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=4)


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Value) -> None:
    assert same(value, value)


@given(VALUES, VALUES)
def test_sameness_has_no_direction(one: Value, other: Value) -> None:
    assert same(one, other) == same(other, one)


@given(st.lists(VALUES, max_size=4), st.randoms())
def test_an_order_is_no_difference(values: list[Any], random: Value) -> None:
    shuffled = random.sample(values, len(values))
    assert same(values, shuffled)
    assert rebuilt(values, shuffled, shuffled) == values


@given(OBJECTS, VALUES)
def test_what_did_not_change_keeps_the_programs_wording(inputs: dict[str, Any], before: Value) -> None:
    assert rebuilt(inputs, inputs, before) == inputs


@given(OBJECTS, OBJECTS)
def test_what_the_program_did_not_give_and_nobody_touched_does_not_show(
    inputs: dict[str, Any], more: dict[str, Any]
) -> None:
    live = {**more, **inputs}
    assert rebuilt(inputs, live, live) == inputs


@given(OBJECTS, OBJECTS)
def test_what_changed_always_shows(inputs: dict[str, Any], live: dict[str, Any]) -> None:
    """Rebuilt inputs mean the live values wherever the program gave one."""
    result = rebuilt(inputs, live, live)
    for name, value in inputs.items():
        assert same(result.get(name), live.get(name)) or _covers(value, live.get(name))


def _covers(given_: Value, live: Value) -> bool:
    """Objects may be live with more fields than were asked for."""
    return isinstance(given_, dict | list) and isinstance(live, dict | list)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"Action":["s3:Get"],"B":["x","y"]}', '{"B": ["y", "x"], "Action": "s3:Get"}'),
        ("arn:aws:kms:eu-west-1:1:key/abc", "abc"),
        ("arn:aws:logs:eu-west-1:1:log-group:/a", "/a"),
        (5432, "5432"),
        (5432.0, "5432"),
        (True, "true"),
        (None, False),
        ([], None),
        ({"a": None}, {}),
    ],
)
def test_two_ways_of_saying_the_same(one: Value, other: Value) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, False),
        (True, None),
        (0, None),
        ("a", "b"),
        ('{"Effect":"Deny"}', '{"Effect":"Allow"}'),
        ("arn:aws:kms:eu-west-1:1:key/abc", "bc"),
        (["a"], ["a", "a"]),
        ({"a": 1}, {"a": 1, "b": 1}),
    ],
)
def test_differences_are_seen(one: Value, other: Value) -> None:
    assert not same(one, other)


def test_a_flag_switched_off_behind_the_programs_back_shows_even_where_it_was_not_given() -> None:
    assert rebuilt({}, {"isEnabled": False}, {"isEnabled": True}) == {"isEnabled": False}


def test_a_rule_added_to_a_list_shows_after_those_that_were_given() -> None:
    given_, rogue = [{"port": 443}], {"port": 22, "open": True}
    assert rebuilt(given_, [rogue, {"port": 443, "self": False}], [{"port": 443, "self": False}]) == [*given_, rogue]


def test_declared_state_fills_only_what_the_live_resource_is_silent_about() -> None:
    declared = {"rules": [{"id": "a", "criteria": 1}], "protection": True}
    live = {"rules": [{"id": "a"}], "protection": False}
    assert grafted(live, declared, ("rules.criteria", "protection")) == {
        "rules": [{"id": "a", "criteria": 1}],
        "protection": False,
    }
    rogue = {"rules": [{"id": "a"}, {"id": "b"}]}
    assert grafted(rogue, declared, ("rules.criteria",)) == rogue


def test_templates() -> None:
    values = {"name": "a", "days": 0, "nested": {"x": [1]}, "none": None}
    assert resolve({"N": "{name}", "D": "{days}", "X": "{none}", "L": ["{nested.x}"]}, values) == {
        "N": "a",
        "D": 0,
        "L": [[1]],
    }
    assert resolve("x-{name}-{days}", values) == "x-a-0"
    assert resolve("=name && [{Key: name, Gone: none}]", values) == [{"Key": "a"}]
    assert set(mentioned({"A": "=x && [{K: y}]", "B": ["{z}"]})) >= {"x", "y", "z"}


@given(st.text("abc/", min_size=1, max_size=5).filter(lambda text: ":" not in text), st.text("abc:", min_size=1))
def test_an_id_is_taken_apart_as_it_was_put_together(first: str, second: str) -> None:
    template = "{role}:{name}"
    assert parsed(template, resolve(template, {"role": first, "name": second})) == {"role": first, "name": second}


def test_an_id_that_aws_made_up_tells_nothing() -> None:
    assert parsed("{result.Vpc.VpcId}", "vpc-1") == {}
    assert json.dumps(parsed("{name}", "x")) == '{"name": "x"}'
