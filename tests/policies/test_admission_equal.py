"""A rule of the pack and its admission policy say the same: of one set of documents both refuse the same ones.

What the real API server says of these documents is tried in `tests/cluster/exchange/test_admission.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import pytest

from policies.admission import admission_owners, documents
from policies.catalogue import rules
from policies.cluster import objects
from policies.pack.analysis import analyse
from tests.policies.plans import Resources

EQUAL: Final[Mapping[str, str]] = {
    "accounts-without-tokens": "iam-4-accounts-without-tokens",
    "bounded-resources": "chg-5-bounded-resources",
    "closed-network-first": "net-4-closed-network-first",
    "images-by-digest": "chg-1-images-by-digest",
    "no-cluster-admins": "iam-5-no-cluster-admins",
    "no-host-access": "chg-5-no-host-access",
    "no-lasting-tokens": "iam-4-no-lasting-tokens",
    "no-mounted-tokens": "iam-4-no-mounted-tokens",
    "nothing-in-default": "chg-5-nothing-in-default",
    "one-way-in": "net-4-one-way-in",
    "restricted-containers": "chg-5-restricted-containers",
    "roles-without-wildcards": "iam-5-roles-without-wildcards",
}
"""Admission policy -> the rule that says the same of a plan."""

BEYOND_A_PLAN: Final[Mapping[str, str]] = {
    "request.userInfo": (
        "who asks: a plan is the program's own request, and only those of Kubernetes and EKS are let be"
    ),
    "pods/ephemeralcontainers": (
        "containers that somebody puts into a running pod: no program declares them; checks see them in live pods"
    ),
}
"""What policies look at and no plan shows -> why, and who sees it instead."""

OWN_REGISTRY: Final = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
"""The registry that the fixtures' images come from, as in the tests of the real API server."""

TOKENS: Final = {
    ("v1", "Namespace"): objects.NAMESPACE,
    ("v1", "Pod"): objects.POD,
    ("v1", "Secret"): objects.SECRET,
    ("v1", "Service"): objects.SERVICE,
    ("v1", "ServiceAccount"): objects.SERVICE_ACCOUNT,
}

CASES = [
    pytest.param(policy, file, document, id=f"{policy}-{document['metadata']['name']}")
    for policy in EQUAL
    for file in ("good.yaml", "bad.yaml")
    for document in documents(policy, file)
]


def resource_of(document: dict[str, Any]) -> dict[str, Any]:
    """A document as a plan records it."""
    group, kind = document["apiVersion"], document["kind"]
    type_ = TOKENS.get((group, kind)) or f"kubernetes:{group}:{kind}"
    name = document["metadata"]["name"]
    return {
        "urn": f"urn:pulumi:production-workloads::valletta::{type_}::fixture-{name}",
        "type": type_,
        "name": f"fixture-{name}",
        "inputs": document,
        "property_dependencies": {},
    }


@pytest.fixture(scope="module")
def stack(plans: dict[str, Resources]) -> Resources:
    """What production runs, with the fixtures' registry, and a namespace that is open."""
    resources = deepcopy(plans["production-workloads"])
    for each in resources:
        if each["type"] == objects.CONFIG_MAP:
            each["inputs"]["data"]["registry"] = OWN_REGISTRY
    resources = [each for each in resources if each["type"] not in objects.WORKLOADS]  # theirs is another registry
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    named = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "open", "labels": labels}}
    return [*resources, resource_of(named)]


def refusing(stack: Resources, document: dict[str, Any]) -> set[str]:
    """The rules that refuse a document beside everything else that production runs."""
    analysis = analyse([*stack, resource_of(document)], stack="production-workloads")
    assert not analysis.not_evaluated
    return {violation.rule for violation in analysis.violations}


def test_every_admission_policy_has_a_rule_that_says_the_same() -> None:
    """A policy that is added without its rule fails here; and both are the same control's."""
    owners = {rule.name: control.id for control, rule in rules()}
    assert {policy: owners[rule] for policy, rule in EQUAL.items()} == admission_owners()


@pytest.mark.parametrize(("policy", "file", "document"), CASES)
def test_a_rule_refuses_what_its_policy_refuses_and_nothing_else(
    stack: Resources, policy: str, file: str, document: dict[str, Any]
) -> None:
    """A bad fixture is refused by the one rule that is its policy's, and a good one by none at all."""
    assert refusing(stack, document) == ({EQUAL[policy]} if file == "bad.yaml" else set())


def test_rules_are_of_the_kinds_that_policies_match() -> None:
    """A kind that the policy judges and the rule does not, or the other way round, would be a way past one of them."""
    kinds = {rule.name: {token.rpartition(":")[2].lower() + "s" for token in rule.types} for _, rule in rules()}
    for policy, rule in EQUAL.items():
        matched = documents(policy, "policy.yaml")[0]["spec"]["matchConstraints"]["resourceRules"]
        resources = {resource for each in matched for resource in each["resources"]}
        assert kinds[rule] == resources - BEYOND_A_PLAN.keys(), policy


def test_rules_and_policies_leave_the_same_namespaces_alone() -> None:
    """What AWS runs in namespaces of its own is judged by neither."""
    lists = {
        policy: set(expression["values"])
        for policy in EQUAL
        for expression in documents(policy, "policy.yaml")[1]["spec"]
        .get("matchResources", {})
        .get("namespaceSelector", {})
        .get("matchExpressions", ())
    }
    assert lists.pop("closed-network-first") == objects.NOT_OURS | {objects.DEFAULT}
    assert lists
    for policy, namespaces in lists.items():
        assert namespaces == objects.NOT_OURS, policy


@pytest.mark.parametrize("namespace", sorted(objects.NOT_OURS))
def test_what_is_in_a_namespace_of_awss_is_let_be(stack: Resources, namespace: str) -> None:
    """As the API server lets it be."""
    for policy in sorted(EQUAL.keys() - {"nothing-in-default"}):
        for document in documents(policy, "bad.yaml"):
            if "namespace" in document["metadata"] and not document["kind"].startswith("Role"):
                moved = {**document, "metadata": {**document["metadata"], "namespace": namespace}}
                assert refusing(stack, moved) == set(), document["metadata"]["name"]


def test_what_no_plan_shows_is_said_with_its_reason() -> None:
    """Each thing in a request that policies look at beside the object is in the table, and nothing else is."""
    looked_at = set()
    for policy in EQUAL:
        spec = documents(policy, "policy.yaml")[0]["spec"]
        looked_at |= set(re.findall(r"request\.[a-zA-Z]+", str(spec)))
        matched = spec["matchConstraints"]["resourceRules"]
        looked_at |= {resource for each in matched for resource in each["resources"] if "/" in resource}
    assert looked_at == BEYOND_A_PLAN.keys()
