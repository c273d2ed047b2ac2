"""IAM-2: nobody may do everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import documents, tokens
from policies.cloud.inventory import DETAILS
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

ADMINISTRATOR = "AdministratorAccess"
"""AWS's own policy that allows everything."""

_REMEDY = "Name the actions and the resources that it needs."


@rule(
    "iam-2-policy-not-everything",
    tokens.IAM_POLICY,
    tokens.ROLE_POLICY,
    tokens.USER_POLICY,
    tokens.GROUP_POLICY,
    remedy=_REMEDY,
)
def policy_does_not_allow_everything(policy: Resource, _: Stack) -> Iterator[str]:
    """No policy allows every action on every resource."""
    if documents.allows_everything(documents.parsed(policy.get("policy"))):
        yield "allows every action on every resource"


@rule("iam-2-role-not-everything", tokens.IAM_ROLE, remedy=_REMEDY)
def role_does_not_allow_everything(role: Resource, _: Stack) -> Iterator[str]:
    """No role carries a policy that allows every action on every resource."""
    for inline in role.items("inlinePolicies"):
        if documents.allows_everything(documents.parsed(read(inline, "policy"))):
            yield f"carries the policy {read(inline, 'name', 'inline')}, which allows every action on every resource"
    if any(_is_administrator(arn) for arn in role.items("managedPolicyArns")):
        yield f"carries {ADMINISTRATOR}"


@rule(
    "iam-2-attachment-not-everything",
    tokens.ROLE_ATTACHMENT,
    tokens.USER_ATTACHMENT,
    tokens.GROUP_ATTACHMENT,
    tokens.POLICY_ATTACHMENT,
    remedy=f"Attach a policy that names what is needed, and not {ADMINISTRATOR}.",
)
def attachment_is_not_administrator(attachment: Resource, stack: Stack) -> Iterator[str]:
    """AWS's policy for administrators is attached to nobody."""
    if _is_administrator(attachment.get("policyArn", default="")):
        yield f"attaches {ADMINISTRATOR}"


def _is_administrator(arn: str) -> bool:
    return arn.startswith("arn:aws") and arn.endswith(f":iam::aws:policy/{ADMINISTRATOR}")


def _details(account: Account) -> Mapping[str, Any]:
    return account.ask("iam", "get_account_authorization_details", Filter=list(DETAILS))


def _identities(account: Account) -> Iterator[Subject]:
    """Every user, group and role but those that AWS's services make for themselves."""
    kinds = {
        "UserDetailList": "aws:iam/user:User",
        "GroupDetailList": "aws:iam/group:Group",
        "RoleDetailList": tokens.IAM_ROLE,
    }
    for key, type_ in kinds.items():
        for identity in _details(account).get(key, []):
            if not identity.get("Path", "/").startswith("/aws-service-role/"):
                yield Subject(identity["Arn"], type_, identity)


def _own_policies(account: Account) -> Iterator[Subject]:
    for policy in _details(account).get("Policies", []):
        if not policy["Arn"].startswith("arn:aws:iam::aws:"):
            yield Subject(policy["Arn"], tokens.IAM_POLICY, policy)


@check("iam-2-policy-not-everything", _own_policies, proves="it does not allow everything")
def policy_is_bounded(policy: Subject, _: Account) -> Iterator[str]:
    """No policy of the account allows every action on every resource."""
    for version in policy.get("PolicyVersionList", []):
        if version.get("IsDefaultVersion") and documents.allows_everything(documents.parsed(version.get("Document"))):
            yield "allows every action on every resource"


@check("iam-2-identity-not-everything", _identities, proves="nothing that it carries allows everything")
def identity_is_bounded(identity: Subject, _: Account) -> Iterator[str]:
    """No user, group or role carries a policy that allows every action on every resource."""
    for attached in identity.get("AttachedManagedPolicies", []):
        if _is_administrator(attached["PolicyArn"]):
            yield f"carries {ADMINISTRATOR}"
    for key in ("UserPolicyList", "GroupPolicyList", "RolePolicyList"):
        for inline in identity.get(key, []):
            if documents.allows_everything(documents.parsed(inline.get("PolicyDocument"))):
                yield f"carries the policy {inline['PolicyName']}, which allows every action on every resource"


CONTROL = Control(
    id="IAM-2",
    title="Nobody may do everything",
    statement=(
        "No policy allows every action on every resource, or all but a few, and AWS's policy for administrators is "
        "attached to nobody."
    ),
    rationale=(
        "Separation of duties ends where one identity may do everything: it could switch off the trail before, and "
        "on again after."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "1.15"),
        Clause("PCI DSS", "4.0.1", "7.2"),
        Clause("ISO 27001", "2022", "5.15"),
        Clause("ISO 27001", "2022", "8.2"),
        Clause("UKGC RTS", "2026", "Section 4", note="The yearly audit follows ISO 27001, to which this control maps."),
    ),
    severity=Severity.CRITICAL,
    owner="Security officer",
    evidence="The account's authorization details: every policy in its version in force, and who carries it.",
    preventive=(policy_does_not_allow_everything, role_does_not_allow_everything, attachment_is_not_administrator),
    detective=(policy_is_bounded, identity_is_bounded),
)
