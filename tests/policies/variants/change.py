"""Variants of production's plan for the rules of change."""

from __future__ import annotations

import json

from policies import tokens
from policies.controls.change.chg_2 import ISSUER
from tests.policies.plans import put
from tests.policies.variants.variant import REFUSED, REQUIRED, TWO_CONTROLS, Table, Untried


def trust(condition: dict[str, dict[str, object]]) -> str:
    """The policy of a role that a job of GitHub takes, for AWS (which IAM-3 asks for) and under a condition."""
    audience = {f"{ISSUER}:aud": "sts.amazonaws.com"}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::444455556666:oidc-provider/{ISSUER}"},
        "Condition": {**condition, "StringEquals": {**audience, **condition.get("StringEquals", {})}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ANY_BRANCH = trust({"StringLike": {f"{ISSUER}:sub": "repo:acme/valletta:*"}})

TABLE: Table = {
    "chg-2-pipeline-trusts-environments": (
        Untried("a role without a trust policy is none"),
        REQUIRED,
        (put(tokens.IAM_ROLE, "assumeRolePolicy", ANY_BRANCH, "deployer-deploy"), REFUSED),
        TWO_CONTROLS,
    ),
}
