"""Variants of production's plans for the rules of identity."""

from __future__ import annotations

import json

from policies.cloud import tokens
from policies.cluster import objects
from tests.policies.plans import UNKNOWN, declare, drop, put, unlink
from tests.policies.variants.variant import (
    ADMINISTRATOR,
    EVERYTHING,
    KEPT,
    NOT_EVALUATED,
    REFUSED,
    REQUIRED,
    TWO_CONTROLS,
    Table,
    Untried,
)

GITHUB = "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com"


def _trusting(audience: str | None) -> str:
    """The trust of a pipeline's role in one environment, for one audience or for whatever one."""
    claims = {"sub": "repo:acme/valletta:environment:production", **({"aud": audience} if audience else {})}
    condition = {f"token.actions.githubusercontent.com:{claim}": value for claim, value in claims.items()}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": GITHUB},
        "Condition": {"StringEquals": condition},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _pods(**principal: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


POD = "spec.template.spec"
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "added", "namespace": "exchange"}}

TABLE: Table = {
    "iam-3-federation": (
        (put(tokens.IAM_ROLE, "assumeRolePolicy", _trusting(None), "deployer-deploy"), REFUSED),
        REQUIRED,
        (put(tokens.IAM_ROLE, "assumeRolePolicy", _trusting("*"), "deployer-deploy"), REFUSED),
        TWO_CONTROLS,
    ),
    "iam-4-own-identity": (
        (unlink(tokens.POD_IDENTITY, "roleArn"), REFUSED),
        REQUIRED,
        (put(tokens.IAM_ROLE, "assumeRolePolicy", _pods(Service="ec2.amazonaws.com"), "identity-gateway"), REFUSED),
        (put(tokens.POD_IDENTITY, "serviceAccount", UNKNOWN, "identity-gateway"), NOT_EVALUATED),
    ),
    "iam-4-accounts-without-tokens": (
        (drop(objects.SERVICE_ACCOUNT, "automountServiceAccountToken", "ledger"), REFUSED),
        (put(objects.SERVICE_ACCOUNT, "automountServiceAccountToken", True), REFUSED),
        (put(objects.SERVICE_ACCOUNT, "automountServiceAccountToken", "false"), REFUSED),
        (put(objects.SERVICE_ACCOUNT, "automountServiceAccountToken", UNKNOWN), NOT_EVALUATED),
    ),
    "iam-4-no-lasting-tokens": (
        Untried("the API's default type, Opaque, is no token"),
        Untried("as `absent`"),
        (declare(objects.SECRET, {**SECRET, "type": "kubernetes.io/service-account-token"}), REFUSED),
        (declare(objects.SECRET, {**SECRET, "type": UNKNOWN}), NOT_EVALUATED),
    ),
    "iam-4-no-mounted-tokens": (
        (drop(objects.DEPLOYMENT, f"{POD}.automountServiceAccountToken"), REFUSED),
        (put(objects.DEPLOYMENT, f"{POD}.automountServiceAccountToken", True), REFUSED),
        (put(objects.STATEFUL_SET, f"{POD}.serviceAccountName", "gateway"), REFUSED),
        (put(objects.DEPLOYMENT, f"{POD}.automountServiceAccountToken", UNKNOWN), NOT_EVALUATED),
    ),
    "iam-5-no-cluster-admins": (
        REQUIRED,
        REQUIRED,
        (put(objects.ROLE_BINDING, "roleRef", {"kind": "ClusterRole", "name": "edit"}), REFUSED),
        (put(objects.ROLE_BINDING, "roleRef", UNKNOWN), NOT_EVALUATED),
    ),
    "iam-5-roles-without-wildcards": (
        Untried("a role without rules allows nothing"),
        Untried("as `absent`"),
        (put(objects.ROLE, "rules", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}]), REFUSED),
        (put(objects.ROLE, "rules", UNKNOWN), NOT_EVALUATED),
    ),
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
