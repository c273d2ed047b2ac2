"""Variants of production's plan and of its workloads, for the rules of change."""

from __future__ import annotations

import json

from policies.cloud import tokens
from policies.cluster import objects
from policies.controls.change.chg_2 import ISSUER
from tests.policies.plans import UNKNOWN, drop, put
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, REQUIRED, TWO_CONTROLS, Table, Untried


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

GATEWAY = objects.DEPLOYMENT
POD = "spec.template.spec"
MAIN = f"{POD}.containers.0"
SECURITY = f"{MAIN}.securityContext"

TABLE: Table = {
    "chg-2-pipeline-trusts-environments": (
        Untried("a role without a trust policy is none"),
        REQUIRED,
        (put(tokens.IAM_ROLE, "assumeRolePolicy", ANY_BRANCH, "deployer-deploy"), REFUSED),
        TWO_CONTROLS,
    ),
    "chg-1-images-by-digest": (
        (drop(GATEWAY, f"{MAIN}.image"), REFUSED),
        REQUIRED,
        (put(objects.JOB, f"{MAIN}.image", "docker.io/library/nginx:latest"), REFUSED),
        (put(GATEWAY, f"{MAIN}.image", UNKNOWN), NOT_EVALUATED),
    ),
    "chg-5-bounded-resources": (
        (drop(GATEWAY, f"{MAIN}.resources"), REFUSED),
        (put(GATEWAY, f"{MAIN}.resources", {}), REFUSED),
        (drop(objects.STATEFUL_SET, f"{MAIN}.resources.limits.memory"), REFUSED),
        (put(GATEWAY, f"{MAIN}.resources", UNKNOWN), NOT_EVALUATED),
    ),
    "chg-5-no-host-access": (
        Untried("left out, a pod is apart from its node: that is what production's plan is"),
        Untried("as `absent`: what is left out is what is wanted"),
        (put(GATEWAY, f"{POD}.hostPID", True), REFUSED),
        (put(GATEWAY, f"{POD}.hostNetwork", UNKNOWN), NOT_EVALUATED),
    ),
    "chg-5-nothing-in-default": (
        (drop(GATEWAY, "metadata.namespace"), REFUSED),
        (put(GATEWAY, "metadata.namespace", "default"), REFUSED),
        (put(objects.JOB, "metadata.namespace", "default"), REFUSED),
        Untried("every rule on workloads reads the namespace, so none of them can judge what has an unknown one"),
    ),
    "chg-5-restricted-containers": (
        (drop(GATEWAY, SECURITY), REFUSED),
        (put(GATEWAY, f"{SECURITY}.allowPrivilegeEscalation", True), REFUSED),
        (put(objects.STATEFUL_SET, f"{SECURITY}.capabilities", {"drop": ["ALL"], "add": ["NET_ADMIN"]}), REFUSED),
        (put(GATEWAY, f"{SECURITY}.readOnlyRootFilesystem", UNKNOWN), NOT_EVALUATED),
    ),
    "chg-5-namespace-restricted": (
        (drop(objects.NAMESPACE, "metadata.labels"), REFUSED),
        (put(objects.NAMESPACE, "metadata.labels", {}), REFUSED),
        (put(objects.NAMESPACE, "metadata.labels", {"pod-security.kubernetes.io/enforce": "baseline"}), REFUSED),
        (put(objects.NAMESPACE, "metadata.labels", UNKNOWN), NOT_EVALUATED),
    ),
}
