"""Variants of production's plan for the rules of identity."""

from __future__ import annotations

from policies import tokens
from tests.policies.plans import UNKNOWN, drop, put
from tests.policies.variants.variant import (
    ADMINISTRATOR,
    EVERYTHING,
    KEPT,
    NOT_EVALUATED,
    REFUSED,
    REQUIRED,
    Table,
    Untried,
)

TABLE: Table = {
    "iam-2-policy-not-everything": (
        Untried("a policy without a document is none"),
        REQUIRED,
        (put(tokens.ROLE_POLICY, "policy", EVERYTHING, "network-flow"), REFUSED),
        (put(tokens.ROLE_POLICY, "policy", UNKNOWN, "network-flow"), NOT_EVALUATED),
    ),
    "iam-2-role-not-everything": (
        Untried("the property is not stated, which production's own plan proves"),
        (put(tokens.IAM_ROLE, "inlinePolicies", [], "network-flow"), KEPT),
        (put(tokens.IAM_ROLE, "inlinePolicies", [{"name": "all", "policy": EVERYTHING}], "network-flow"), REFUSED),
        (put(tokens.IAM_ROLE, "managedPolicyArns", UNKNOWN, "network-flow"), NOT_EVALUATED),
    ),
    "iam-2-attachment-not-everything": (
        (drop(tokens.ROLE_ATTACHMENT, "policyArn", "database-monitoring"), KEPT),
        REQUIRED,
        (put(tokens.ROLE_ATTACHMENT, "policyArn", ADMINISTRATOR, "database-monitoring"), REFUSED),
        (put(tokens.ROLE_ATTACHMENT, "policyArn", UNKNOWN, "database-monitoring"), NOT_EVALUATED),
    ),
}
