"""CHG-2: which trust of a pipeline names an environment, and which only looks as if it did."""

from __future__ import annotations

import json

import pytest

from policies.cloud import tokens
from policies.controls.change.chg_2 import ISSUER
from policies.pack.analysis import analyse
from tests.policies.plans import UNKNOWN, Resources, broken, put
from tests.policies.variants.change import trust

GOOD = "repo:acme/valletta:environment:production"
BY_NAME = trust({"StringEquals": {f"{ISSUER}:sub": GOOD}})


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (BY_NAME, None),
        (trust({"StringEquals": {f"{ISSUER}:sub": [GOOD, "repo:acme/valletta:environment:ephemeral"]}}), None),
        (trust({}), "jobs of any repository"),
        (trust({"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}}), "jobs of any repository"),
        (trust({"StringLike": {f"{ISSUER}:sub": GOOD}}), "jobs of any repository"),
        (trust({"StringEqualsIfExists": {f"{ISSUER}:sub": GOOD}}), "jobs of any repository"),
        (trust({"ForAllValues:StringEquals": {f"{ISSUER}:sub": GOOD}}), "jobs of any repository"),
        (trust({"StringEquals": {f"{ISSUER}:sub": "repo:acme/valletta:ref:refs/heads/main"}}), "is no environment"),
        (trust({"StringEquals": {f"{ISSUER}:sub": "repo:acme/valletta:pull_request"}}), "is no environment"),
        (trust({"StringEquals": {f"{ISSUER}:sub": f"{GOOD}\n"}}), "is no environment"),
        (
            trust({"StringEquals": {f"{ISSUER}:sub": [GOOD, "repo:evil/valletta:environment:production"]}}),
            "several repositories: repo:acme/valletta, repo:evil/valletta",
        ),
        (json.dumps({"Statement": [*json.loads(BY_NAME)["Statement"], *json.loads(trust({}))["Statement"]]}), "any"),
    ],
)
def test_only_the_whole_name_of_an_environment_is_one(production: Resources, document: str, fault: str | None) -> None:
    """A likeness, a condition that passes where nothing is told, a branch: none of them has a reviewer."""
    edit = put(tokens.IAM_ROLE, "assumeRolePolicy", document, "deployer-deploy")
    violations = analyse(broken(production, edit), stack="production").violations
    assert [each.rule for each in violations] == ["chg-2-pipeline-trusts-environments"] * bool(fault)
    assert all((fault or "") in each.message for each in violations)


def test_an_unknown_trust_of_a_pipeline_is_judged_by_nobody(production: Resources) -> None:
    """Neither by whom it lets in (IAM-3), nor by which of their environments (CHG-2)."""
    edit = put(tokens.IAM_ROLE, "assumeRolePolicy", UNKNOWN, "deployer-deploy")
    analysis = analyse(broken(production, edit), stack="production")
    assert not analysis.violations
    assert {each.rule for each in analysis.not_evaluated} == {"iam-3-federation", "chg-2-pipeline-trusts-environments"}
