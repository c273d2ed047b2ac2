"""IAM-3: people and pipelines come by federation; nobody has a password or a key of the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.account import Account, Subject
from policies.checks import account_wide, check
from policies.cloud import tokens
from policies.cloud.documents import Document, listed, names_action, parsed, statements
from policies.cloud.inventory import DETAILS
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

WIDE = frozenset("*?")
PIPELINE = "token.actions.githubusercontent.com"
"""Whose subjects are jobs of a pipeline: which of them a role may let in is CHG-2's to say."""
FEDERATED = "sts:AssumeRoleWithWebIdentity"
_LASTING = {
    tokens.IAM_USER: "is a user of the account, who outlives whoever it was made for",
    tokens.ACCESS_KEY: "is a key that lasts until somebody deletes it",
    tokens.LOGIN_PROFILE: "is a password of the account",
}


@rule(
    "iam-3-federation",
    tokens.IAM_ROLE,
    *_LASTING,
    remedy=(
        "Make no aws.iam.User, AccessKey or UserLoginProfile; let people and pipelines assume roles by federation, "
        "and name in the trust policy, without wildcards, whom the role lets in."
    ),
)
def comes_by_federation(resource: Resource, _: Stack) -> Iterator[str]:
    """No user, key or password is declared, and a role that lets in federated identities names each of them."""
    if resource.type in _LASTING:
        yield _LASTING[resource.type]
    else:
        yield from _federation_faults(parsed(resource.get("assumeRolePolicy")))


def _federation_faults(trust: Document | None) -> Iterator[str]:
    for statement in statements(trust):
        if statement.get("Effect") == "Allow" and names_action(statement, FEDERATED):
            yield from _identity_faults(statement)


def _identity_faults(statement: Document) -> Iterator[str]:
    """A trust in a provider of OpenID Connect is a trust in all its users, unless the subject is named."""
    federated = read(statement, "Principal.Federated", None)
    if federated is None and statement.get("Principal") != "*":
        return  # a pattern of actions that lets in roles or services: those are named as principals
    provider = str(federated or "").partition("oidc-provider/")[2]
    condition = statement.get("Condition") or {}
    claims = (("aud", "audience"), ("sub", "subject"))
    for claim, word in claims[:1] if provider == PIPELINE else claims:
        named = _named(condition, f"{provider}:{claim}")
        if not named:
            yield f"lets in identities of {provider or 'a provider'} of any {word}"
        for each in named:
            if WIDE & set(each):
                yield f"lets in identities of {provider} by a pattern of their {word}: {each}"


def _named(condition: Mapping[str, Any], claim: str) -> list[str]:
    """What a claim must be equal to or like; a negated test names nobody."""
    tests = [condition.get(operator) or {} for operator in ("StringEquals", "StringLike")]
    return [str(value) for test in tests for value in listed(test.get(claim))]


def _users(account: Account) -> Iterator[str]:
    return (user["UserName"] for user in account.all("iam", "list_users", "Users"))


@check("iam-3-no-passwords", account_wide, proves="no user has a password of the account")
def users_have_no_passwords(_: Subject, account: Account) -> Iterator[str]:
    """No user of the account has a password."""
    account.observe(tokens.LOGIN_PROFILE)
    for name in _users(account):
        if account.find("iam", "get_login_profile", ("NoSuchEntity",), UserName=name) is not None:
            yield f"the user {name} has a password"


@check("iam-3-no-keys", account_wide, proves="no user has an access key")
def users_have_no_keys(_: Subject, account: Account) -> Iterator[str]:
    """No user of the account has an access key; one that is switched off can be switched on again."""
    account.observe(tokens.ACCESS_KEY)
    for name in _users(account):
        for key in account.all("iam", "list_access_keys", "AccessKeyMetadata", UserName=name):
            yield f"the user {name} has the key {key['AccessKeyId']} of {key['CreateDate']}, {key['Status'].lower()}"


def _roles(account: Account) -> Iterator[Subject]:
    """Every role but those that AWS's services make for themselves."""
    details = account.ask("iam", "get_account_authorization_details", Filter=list(DETAILS))
    for role in details.get("RoleDetailList", []):
        if not role.get("Path", "/").startswith("/aws-service-role/"):
            yield Subject(role["Arn"], tokens.IAM_ROLE, role)


@check("iam-3-federation", _roles, proves="the federated identities that it lets in are named one by one, or none are")
def role_names_whom_it_lets_in(role: Subject, _: Account) -> Iterator[str]:
    """A role that lets in federated identities names each of them."""
    yield from _federation_faults(parsed(role.get("AssumeRolePolicyDocument")))


CONTROL = Control(
    id="IAM-3",
    title="Federation, no lasting credentials",
    statement=(
        "People come from the licensee's directory, pipelines by OpenID Connect. No user of the account has a "
        "password or a key, and a role for federated identities names them one by one."
    ),
    rationale=(
        "Whoever leaves the company is struck off the directory, once. A key in a file goes on working, and nobody "
        "knows how many copies there are."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "1.20"),
        Clause("ISO 27001", "2022", "5.16"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The account's credential report, the directory's list of who may assume what, and the roles' trust.",
    preventive=(comes_by_federation,),
    detective=(users_have_no_passwords, users_have_no_keys, role_names_whom_it_lets_in),
)
