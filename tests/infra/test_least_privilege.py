"""Every policy document of every stack: real actions only, and no more of them than is said why."""

from __future__ import annotations

import fnmatch
import json
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from policy_sentry.querying.actions import get_actions_for_service
from policy_sentry.querying.all import get_all_service_prefixes

from sandbox.plan.record import Plan, PlannedResource
from tests.infra.golden import FOUNDATIONS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pkg_resources is deprecated, and parliament reads its data by it
    import parliament

each_foundation = pytest.mark.parametrize("stack", FOUNDATIONS)
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
"""Its policy bounds what passes and gives nobody a right: tests/infra/test_network.py reads it."""
DOCUMENTS = ("policy", "policyDocument", "assumeRolePolicy", "content", "accessPolicies")
"""The inputs that hold a policy document as JSON."""

UNKNOWN_TO_THE_DATABASE: dict[str, str] = {}
"""Actions newer than policy_sentry's database -> where AWS documents them."""


def documents(plan: Plan) -> Iterator[tuple[PlannedResource, dict[str, Any]]]:
    """Every policy document of a plan with the resource that carries it."""
    for resource in plan.resources:
        for key in DOCUMENTS:
            text = resource.inputs.get(key)
            if isinstance(text, str) and '"Statement"' in text:
                yield resource, json.loads(text)


def statements(plan: Plan) -> Iterator[tuple[PlannedResource, dict[str, Any]]]:
    for resource, document in documents(plan):
        listed = document["Statement"]
        for statement in listed if isinstance(listed, list) else [listed]:
            yield resource, statement


def listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


@cache
def known_actions(service: str) -> frozenset[str]:
    return frozenset(action.lower() for action in get_actions_for_service(service))


@each_foundation
def test_every_action_exists(plans: dict[str, Plan], stack: str) -> None:
    """A misspelt action allows nothing where it should, and denies nothing where it must."""
    services = set(get_all_service_prefixes())
    wrong = set()
    for resource, statement in statements(plans[stack]):
        for action in listed(statement.get("Action", statement.get("NotAction", []))):
            if action == "*" or action in UNKNOWN_TO_THE_DATABASE:
                continue
            service, _, name = action.partition(":")
            found = fnmatch.filter(known_actions(service), f"{service}:{name}".lower()) if service in services else []
            if not found:
                wrong.add(f"{resource.name}: {action}")
    assert wrong == set()


@each_foundation
def test_no_statement_allows_every_action_of_a_service_or_any_action_everywhere(
    plans: dict[str, Plan], stack: str
) -> None:
    """Key policies say `*` for the key itself; elsewhere `*` needs an action that knows no resource, or a condition."""
    wrong = []
    for resource, statement in statements(plans[stack]):
        if statement["Effect"] != "Allow":
            continue
        if resource.type == ENDPOINT:
            continue
        actions = listed(statement.get("Action", []))
        assert "NotAction" not in statement, f"{resource.name} allows all but some"
        if any(action == "*" or action.endswith(":*") for action in actions):
            wrong.append(f"{resource.name} {statement.get('Sid')}: {actions}")
        everywhere = "*" in listed(statement.get("Resource", [])) and resource.type != "aws:kms/key:Key"
        if everywhere and any("*" in action for action in actions) and "Condition" not in statement:
            wrong.append(f"{resource.name} {statement.get('Sid')}: {actions} on every resource")
    assert wrong == []


@each_foundation
def test_what_is_allowed_on_every_resource_cannot_be_narrower(plans: dict[str, Plan], stack: str) -> None:
    """`Resource: *` in an identity's policy only for actions that AWS defines without a resource, or conditionally."""
    wrong = []
    for resource, statement in statements(plans[stack]):
        identity = resource.type in {"aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"}
        if not identity or statement["Effect"] != "Allow" or "Condition" in statement:
            continue
        if "*" in listed(statement["Resource"]):
            wrong += [f"{resource.name}: {each}" for each in listed(statement["Action"]) if _takes_a_resource(each)]
    assert wrong == []


def _takes_a_resource(action: str) -> bool:
    from policy_sentry.querying.actions import get_action_data  # noqa: PLC0415 (slow, and only for the few)

    service, _, name = action.partition(":")
    rows = get_action_data(service, name)
    return bool(rows) and all(row["resource_arn_format"] != "*" for row in rows[service])


@each_foundation
def test_every_role_is_trusted_to_somebody_named(plans: dict[str, Plan], stack: str) -> None:
    """No role may be assumed by everybody; a service that acts for others says for which account."""
    for resource, statement in statements(plans[stack]):
        if resource.type != "aws:iam/role:Role":
            continue
        assert statement["Principal"] not in ("*", {"AWS": "*"}), resource.name
        if "AWS" in statement["Principal"] and statement["Effect"] == "Allow":
            assert statement.get("Condition"), f"{resource.name} is assumed without a condition"


FINDINGS_THAT_ARE_MEANT: dict[str, str] = {
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION": "a key's own account administers the key: without it nobody could",
}


@each_foundation
def test_parliament_finds_nothing_in_what_identities_may_do(plans: dict[str, Plan], stack: str) -> None:
    """Malformed, contradictory or dangerous statements, as a tool made for finding them sees them."""
    told = []
    for resource, document in documents(plans[stack]):
        if resource.type != "aws:iam/rolePolicy:RolePolicy":
            continue
        for finding in parliament.analyze_policy_string(json.dumps(document)).findings:
            if finding.issue not in FINDINGS_THAT_ARE_MEANT and finding.issue not in _OUTDATED:
                told.append(f"{resource.name}: {finding.issue} {finding.detail} {finding.location}")
    assert told == []


_OUTDATED = frozenset({"UNKNOWN_ACTION", "UNKNOWN_PREFIX", "UNKNOWN_CONDITION_FOR_ACTION", "RESOURCE_MISMATCH"})
"""Its database is older than some of these services; that actions exist is held above, by a newer one."""
