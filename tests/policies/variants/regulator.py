"""Variants of production's plan for the rules on the regulator's role, which production has only during a request."""

from __future__ import annotations

import json

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, Edit, both, put
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, Table, Untried

ROLE = "network-flow"
"""Any role will do: what makes it a regulator's is its tag."""

CONDITION = {
    "Bool": {"aws:MultiFactorAuthPresent": "true"},
    "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    "DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
    "DateLessThan": {"aws:CurrentTime": "2027-03-01T00:00:00Z"},
}


def trust(**changes: object) -> str:
    """The trust policy of a regulator's role, with some of its conditions otherwise; None leaves one out."""
    condition = {key: value for key, value in {**CONDITION, **changes}.items() if value is not None}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def regulators(*edits: Edit, trusting: object = None) -> Edit:
    """A role of the plan as a regulator's, that reads, edited further."""
    reading = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
    return both(
        put(tokens.IAM_ROLE, "tags", {"valletta:request": "MGA/AUD/2027/031"}, ROLE),
        put(tokens.IAM_ROLE, "assumeRolePolicy", trusting or trust(), ROLE),
        put(tokens.ROLE_POLICY, "policy", reading, ROLE),
        *edits,
    )


def _allowing(action: str) -> Edit:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    return regulators(put(tokens.ROLE_POLICY, "policy", json.dumps(document), ROLE))


TABLE: Table = {
    "reg-1-regulator-trust": (
        (regulators(trusting=trust(DateLessThan=None)), REFUSED),
        (regulators(put(tokens.IAM_ROLE, "maxSessionDuration", 43200, ROLE)), REFUSED),
        (regulators(trusting=trust(DateLessThan={"aws:CurrentTime": "2027-04-02T00:00:00Z"})), REFUSED),
        (regulators(put(tokens.IAM_ROLE, "maxSessionDuration", UNKNOWN, ROLE)), NOT_EVALUATED),
    ),
    "reg-1-reads-only": (
        Untried("a role without a policy reads nothing, which harms nobody"),
        (_allowing("s3:*"), REFUSED),
        (_allowing("s3:DeleteObject"), REFUSED),
        Untried("IAM-2 cannot judge it either; test_an_unknown_policy_of_the_regulator_is_not_judged proves ours"),
    ),
}
