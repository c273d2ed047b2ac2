"""The preventive rules: every stack keeps them all, and each of them refuses what it is there to refuse."""

from __future__ import annotations

from copy import deepcopy

import pytest

from policies.catalogue import rules
from policies.cloud import tokens
from policies.pack.analysis import analyse
from tests.policies.conftest import STACKS
from tests.policies.plans import UNKNOWN, Resources, both, broken, put, without
from tests.policies.variants import TABLE, Untried, Variant, variants
from tests.policies.variants.network import route_data_to_the_internet


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_keeps_every_rule(plans: dict[str, Resources], stack: str) -> None:
    """No stack has a violation, or a value that a rule could not judge."""
    analysis = analyse(plans[stack], stack=stack)
    assert not analysis.violations
    assert not analysis.not_evaluated
    assert not analysis.mandatory


UNDECLARED = {"iam-4-no-lasting-tokens": "production declares no Secret at all, and its quota allows none"}
"""Rules on what production does not declare -> why they are rules all the same."""


def test_every_rule_judges_something_of_production(plans: dict[str, Resources]) -> None:
    """A rule that no resource of production concerns would be kept by looking away."""
    evaluated = [analyse(plans[stack], stack=stack).evaluated for stack in ("production", "production-workloads")]
    assert all(each.keys() == {rule.name for _, rule in rules()} for each in evaluated)
    judging = {name for each in evaluated for name, count in each.items() if count}
    assert judging == evaluated[0].keys() - UNDECLARED.keys()


def test_every_rule_has_a_variant_of_each_kind_or_says_why_not() -> None:
    """A rule that is added without its variants fails here; and every rule must have one that it refuses."""
    assert TABLE.keys() == {rule.name for _, rule in rules()}
    assert all(cell.reason for cells in TABLE.values() for cell in cells if isinstance(cell, Untried))
    assert {variant.rule for variant in variants() if variant.expected == "refused"} == TABLE.keys()


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: f"{variant.rule}-{variant.kind}")
def test_a_variant_is_refused_by_exactly_its_rule(plans: dict[str, Resources], variant: Variant) -> None:
    """A broken plan is refused by the rule that is about the break and by no other; an unknown never counts as kept."""
    analysis = analyse(broken(plans[variant.stack], variant.edit), stack=variant.stack)
    expected = {variant.rule} if variant.expected == "refused" else set()
    unjudged = {variant.rule} if variant.expected == "not evaluated" else set()
    assert {violation.rule for violation in analysis.violations} == expected
    assert {entry.rule for entry in analysis.not_evaluated} == unjudged
    assert analysis.mandatory == bool(expected)


def test_a_data_subnet_with_a_route_to_the_internet_is_refused(production: Resources) -> None:
    """The route is found through the subnet's route table, three references away from the database."""
    analysis = analyse(broken(production, route_data_to_the_internet), stack="production")
    assert {violation.rule for violation in analysis.violations} == {"net-1-data-subnets"}


@pytest.mark.parametrize(
    ("inline", "refused"),
    [
        ({"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]}, True),
        ({"protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlocks": ["::/0"]}, True),
        ({"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}, False),
        ({"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/8"]}, False),
    ],
)
def test_a_rule_within_a_group_is_judged_like_one_apart(
    production: Resources, inline: dict[str, object], refused: bool
) -> None:
    """Rules may be written into the group itself, and are no more allowed there."""
    edit = put(tokens.SECURITY_GROUP, "ingress", [inline], "database")
    analysis = analyse(broken(production, edit), stack="production")
    assert [violation.rule for violation in analysis.violations] == ["net-2-nothing-open"] * refused


def test_a_stack_without_any_trail_is_refused(production: Resources) -> None:
    """A resource that is missing altogether is no resource that is right."""
    analysis = analyse(broken(production, without(tokens.TRAIL)), stack="production")
    assert [(violation.rule, violation.urn) for violation in analysis.violations] == [("log-1-trail-multi-region", "")]


def test_an_unknown_stack_is_judged_as_production(plans: dict[str, Resources]) -> None:
    """What nobody has declared to be harmless gets the strictest reading: staging's lock would not do."""
    analysis = analyse(plans["staging"], stack="prod-eu-2")
    assert {violation.rule for violation in analysis.violations} >= {"log-2-archive-lock"}


def test_an_unknown_on_one_resource_hides_no_fault_of_another(production: Resources) -> None:
    """One key is unknown, another does not rotate: both are told."""
    edit = both(
        put(tokens.KEY, "enableKeyRotation", UNKNOWN, "keys-logs"),
        put(tokens.KEY, "enableKeyRotation", False, "keys-database"),
    )
    analysis = analyse(broken(production, edit), stack="production")
    assert [violation.urn.rpartition("::")[2] for violation in analysis.violations] == ["keys-database"]
    assert [(entry.path, entry.urn.rpartition("::")[2]) for entry in analysis.not_evaluated] == [
        ("enableKeyRotation", "keys-logs")
    ]


def test_a_secret_that_is_not_written_down_is_not_judged(production: Resources) -> None:
    """A recorded plan leaves the value of a secret out, and a rule must not take the mark for a value."""
    edit = put(tokens.DATABASE, "multiAz", {"$valletta": "secret"})
    analysis = analyse(broken(production, edit), stack="production")
    assert [entry.rule for entry in analysis.not_evaluated] == ["bcp-1-database-zones"]


@pytest.mark.parametrize("key", ["urn", "type", "inputs"])
def test_a_resource_that_is_not_one_is_an_error_that_names_it(production: Resources, key: str) -> None:
    """A plan of another shape is refused at the border, not judged as if it were empty."""

    def forget(resources: Resources) -> None:
        del resources[0][key]

    with pytest.raises(ValueError, match=f"lacks {key}"):
        analyse(broken(production, forget), stack="production")


def test_a_copy_shares_its_accounts_trail_and_says_so(plans: dict[str, Resources]) -> None:
    """Of what an account has only one, a dated copy has none: told as not applicable, and never of production."""
    resources = [each for each in deepcopy(plans["local"]) if each["type"] not in (tokens.TRAIL, tokens.EBS_ENCRYPTION)]
    for each in resources:
        if "tags" in each["inputs"]:
            each["inputs"] = {**each["inputs"], "tags": {**each["inputs"]["tags"], "valletta:expires": "2027-01-31"}}
    shared = {"log-1-trail-multi-region", "cry-1-volumes-encrypted"}
    analysis = analyse(resources, stack="local-pr-123")
    assert set(analysis.shared) >= shared
    assert not shared & {violation.rule for violation in analysis.violations}
    assert shared <= {violation.rule for violation in analyse(resources, stack="production").violations}
    undated = [{**each, "inputs": {**each["inputs"], "tags": {}}} for each in resources]
    assert shared <= {violation.rule for violation in analyse(undated, stack="local-pr-123").violations}
