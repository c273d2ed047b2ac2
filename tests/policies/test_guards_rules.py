"""Rules on what production's own plan does not have, and the edges of those on what it does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.foundation.watching import service_control
from infra.foundation.watching.watches import WATCHES
from infra.settings.base import EU_REGIONS
from policies.cloud import tokens
from policies.cloud.regions import ALLOWED, region_of_zone
from policies.cloud.watched import unwatched
from policies.pack.analysis import Analysis, analyse
from tests.policies.plans import UNKNOWN, Resources, broken, put
from tests.policies.variants.regulator import ROLE, regulators, trust


def test_the_allowed_regions_are_those_of_the_program_and_of_the_service_control_policy() -> None:
    """The three are written apart, so that none of them can widen the others."""
    assert frozenset(EU_REGIONS) == ALLOWED
    (regions,) = (each for each in service_control.statements(EU_REGIONS) if each.get("Sid") == "Regions")
    assert set(regions["Condition"]["StringNotEquals"]["aws:RequestedRegion"]) == ALLOWED


def test_a_zone_lies_in_its_region() -> None:
    """Local zones have longer names."""
    assert region_of_zone("eu-west-1a") == "eu-west-1"
    assert region_of_zone("eu-central-1-ham-1a") == "eu-central-1"
    assert region_of_zone("us-gov-west-1b") == "us-gov-west-1"


def test_the_programs_watches_are_those_that_the_benchmark_names() -> None:
    """All of them, and each clause has one of its own: without any watch it is unwatched."""
    assert not list(unwatched(watch.pattern for watch in WATCHES))
    for left_out in (watch for watch in WATCHES if watch.clause.startswith("4.")):
        rest = [watch.pattern for watch in WATCHES if watch is not left_out]
        assert [clause.partition(" ")[0] for clause in unwatched(rest)] == [left_out.clause]


def _with(resources: Resources, type_: str, **inputs: object) -> Analysis:
    """Production with one resource more."""
    added = {
        "urn": f"urn:pulumi:production::valletta::{type_}::added",
        "type": type_,
        "name": "added",
        "inputs": inputs,
        "property_dependencies": {},
    }
    return analyse([*resources, added], stack="production")


def _rules(analysis: Analysis) -> set[str]:
    return {violation.rule for violation in analysis.violations}


@pytest.mark.parametrize("type_", [tokens.IAM_USER, tokens.ACCESS_KEY, tokens.LOGIN_PROFILE])
def test_a_user_with_a_key_or_a_password_is_refused(production: Resources, type_: str) -> None:
    """Whatever is on it: it would outlive whoever it was made for."""
    assert _rules(_with(production, type_, name="somebody")) == {"iam-3-federation"}


def test_a_service_control_policy_that_lets_work_go_on_elsewhere_is_refused(production: Resources) -> None:
    """The one that the program has is kept."""
    kept = service_control.compact()
    wider = service_control.compact([*EU_REGIONS, "us-east-1"])
    assert not _rules(_with(production, tokens.ORGANIZATION_POLICY, content=kept))
    assert _rules(_with(production, tokens.ORGANIZATION_POLICY, content=wider)) == {"loc-1-allowed-regions"}


def test_what_route_53_takes_in_one_place_only_may_lie_there_and_nothing_else_may(production: Resources) -> None:
    """The log of its queries and its signing key; a bucket beside them is refused."""
    there = {"region": "us-east-1", "tags": {}}
    signing = {**there, "keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "ECC_NIST_P256"}
    assert "loc-1-allowed-regions" not in _rules(_with(production, tokens.KEY, **signing))
    for type_, inputs in (
        (tokens.KEY, there),
        (tokens.BUCKET, there),
        (tokens.LOG_GROUP, {**there, "name": "/valletta/production/trail"}),
        (tokens.SUBNET, {"availabilityZone": "eu-west-2a"}),
    ):
        assert "loc-1-allowed-regions" in _rules(_with(production, type_, **inputs))
    log = {**there, "name": "/aws/route53/exchange.example"}
    assert "loc-1-allowed-regions" not in _rules(_with(production, tokens.LOG_GROUP, **log))


@pytest.mark.parametrize(
    "changes",
    [
        {"Bool": None},
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "7200"}},
        {"DateGreaterThan": None},
        {"DateLessThan": {"aws:CurrentTime": "2027-04-02T00:00:00Z"}},
    ],
)
def test_a_regulator_without_one_of_the_bounds_is_refused(production: Resources, changes: dict[str, Any]) -> None:
    """And with all of them is kept."""
    kept, refused = (
        analyse(broken(production, regulators(trusting=document)), stack="production")
        for document in (trust(), trust(**changes))
    )
    assert not kept.violations
    assert _rules(refused) == {"reg-1-regulator-trust"}


def test_a_regulator_whom_anybody_may_be_is_refused(production: Resources) -> None:
    """Conditions bound when, not who."""
    document = json.loads(trust())
    document["Statement"][0]["Principal"] = {"AWS": "*"}
    edit = regulators(trusting=json.dumps(document))
    assert [v.message for v in analyse(broken(production, edit), stack="production").violations] == ["lets anybody in"]


def test_an_unknown_policy_of_the_regulator_is_not_judged(production: Resources) -> None:
    """Neither by this control nor by IAM-2."""
    edit = regulators(put(tokens.ROLE_POLICY, "policy", UNKNOWN, ROLE))
    unjudged = {entry.rule for entry in analyse(broken(production, edit), stack="production").not_evaluated}
    assert unjudged == {"reg-1-reads-only", "iam-2-policy-not-everything"}


def test_an_unknown_rule_of_replication_is_judged_by_nobody(production: Resources) -> None:
    """Whether records reach the archive at all (LOG-2), and in time (LOC-2), rest on the same rule."""
    edit = put(tokens.BUCKET_REPLICATION, "rules.0.status", UNKNOWN)
    analysis = analyse(broken(production, edit), stack="production")
    assert not analysis.violations
    unjudged = {entry.rule for entry in analysis.not_evaluated}
    assert unjudged == {"log-2-trail-ends-in-archive", "loc-2-lag-told", "loc-2-replicates-in-time"}


def test_a_policy_attached_to_the_regulators_role_is_refused(production: Resources) -> None:
    """Its rights are not in the plan."""
    edit = put(tokens.IAM_ROLE, "tags", {"valletta:request": "MGA/AUD/2027/031"}, "database-monitoring")
    assert "reg-1-reads-only" in _rules(analyse(broken(production, edit), stack="production"))


def test_two_services_with_one_role_are_refused_and_two_shards_are_not(production: Resources) -> None:
    """The role is found by reference, not by its name."""

    def beside(account: str) -> set[str]:
        (bound,) = (
            each for each in production if each["type"] == tokens.POD_IDENTITY and each["name"] == "identity-matching-0"
        )
        urn = f"{bound['urn']}-beside"
        more = {**bound, "urn": urn, "inputs": {**bound["inputs"], "serviceAccount": account}}
        return _rules(analyse([*production, more], stack="production"))

    assert beside("matching-1") == set()
    assert beside("settler") == {"iam-4-own-identity"}


def test_staging_may_keep_its_backups_at_home_and_let_everybody_call(plans: dict[str, Resources]) -> None:
    """What is demanded of production alone is refused there: the statements say so."""
    assert not analyse(plans["staging"], stack="staging").violations
    assert {"bcp-2-copied-away", "jur-1-licensed-countries", "bcp-2-vault-locked"} <= _rules(
        analyse(plans["staging"], stack="production")
    )


def test_a_provider_that_does_not_say_which_account_is_its_own_proves_no_other(production: Resources) -> None:
    """Then nobody can tell whether a copy lies elsewhere."""
    edit = put(tokens.PROVIDER, "allowedAccountIds", "[]", "aws")
    assert "bcp-2-copied-away" in _rules(analyse(broken(production, edit), stack="production"))
