"""Variants of production's plan for the rules of change."""

from __future__ import annotations

import json

from policies import tokens
from policies.controls.change.chg_2 import ISSUER
from tests.policies.plans import UNKNOWN, put
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, REQUIRED, Table, Untried


def trust(condition: dict[str, object]) -> str:
    """The policy of a role that a job of GitHub takes, under a condition."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::444455556666:oidc-provider/{ISSUER}"},
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ANY_BRANCH = trust({"StringLike": {f"{ISSUER}:sub": "repo:acme/valletta:*"}})

TABLE: Table = {
    "chg-2-pipeline-trusts-environments": (
        Untried("a role without a trust policy is none"),
        REQUIRED,
        (put(tokens.IAM_ROLE, "assumeRolePolicy", ANY_BRANCH, "deployer-deploy"), REFUSED),
        (put(tokens.IAM_ROLE, "assumeRolePolicy", UNKNOWN, "deployer-deploy"), NOT_EVALUATED),
    ),
}
