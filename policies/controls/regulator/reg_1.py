"""REG-1: the regulator reads, with a second factor, for the time of a request, and every use is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from policies.account import Account, Subject, tags_of
from policies.checks import check
from policies.cloud import tokens
from policies.cloud.documents import Document, listed, parsed, statements
from policies.cloud.moments import moment
from policies.model import Clause, Control, Enforced, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

REQUEST_TAG = "valletta:request"
"""By this tag a role says that it is a regulator's, and which request it answers."""

LONGEST_ACCESS = timedelta(days=90)
LONGEST_SESSION = 3600
OLDEST_FACTOR = 3600
"""Seconds; AWS's default for a session is as long, and there is none for the factor."""

READING = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search", "View")
"""How the names of actions begin that change nothing. `kms:Decrypt` reads too."""


@rule(
    "reg-1-regulator-trust",
    tokens.IAM_ROLE,
    remedy=(
        "In the trust policy of the regulator's role demand aws:MultiFactorAuthPresent, an aws:MultiFactorAuthAge of "
        f"at most {OLDEST_FACTOR}, and aws:CurrentTime between two moments at most {LONGEST_ACCESS.days} days apart."
    ),
)
def regulator_comes_for_a_while(role: Resource, _: Stack) -> Iterator[str]:
    """The regulator's role opens to a second factor of the last hour, between two moments, for an hour at a time."""
    if _is_regulators(role.get("tags", {})):
        yield from _trust_faults(parsed(role.get("assumeRolePolicy")))
        yield from _session_faults(role.get("maxSessionDuration", default=LONGEST_SESSION))


@rule(
    "reg-1-reads-only",
    tokens.ROLE_POLICY,
    tokens.ROLE_ATTACHMENT,
    joins=True,
    remedy="Allow the regulator's role single actions that read, in policies of its own.",
)
def regulator_reads_only(policy: Resource, stack: Stack) -> Iterator[str]:
    """What the regulator's role is allowed changes nothing, and stands in the plan for everybody to read."""
    if not any(_is_regulators(role.get("tags", {})) for role in stack.referred(policy, "role", tokens.IAM_ROLE)):
        return
    if policy.type == tokens.ROLE_ATTACHMENT:
        yield "gives the regulator's role a policy that this plan does not show"
    else:
        yield from _writing_faults(parsed(policy.get("policy")))


def _is_regulators(tags: Mapping[str, Any]) -> bool:
    return REQUEST_TAG in tags


def _trust_faults(trust: Document | None) -> Iterator[str]:
    """What is wrong with who may come, and when."""
    opened = [statement for statement in statements(trust) if statement.get("Effect") == "Allow"]
    if not opened:
        yield "lets nobody in, so nobody sees anything"
    for statement in opened:
        if "*" in (statement.get("Principal"), *listed(read(statement, "Principal.AWS"))):
            yield "lets anybody in"
        yield from _condition_faults(statement.get("Condition") or {})


def _condition_faults(condition: Mapping[str, Any]) -> Iterator[str]:
    factor = condition.get("Bool", {}).get("aws:MultiFactorAuthPresent")
    if [str(value).lower() for value in listed(factor)] != ["true"]:
        yield "asks for no second factor"
    ages = listed(condition.get("NumericLessThan", {}).get("aws:MultiFactorAuthAge"))
    if len(ages) != 1 or int(ages[0]) > OLDEST_FACTOR:
        yield f"takes a second factor that is older than {OLDEST_FACTOR} seconds"
    begins = listed(condition.get("DateGreaterThan", {}).get("aws:CurrentTime"))
    ends = listed(condition.get("DateLessThan", {}).get("aws:CurrentTime"))
    if len(begins) != 1 or len(ends) != 1:
        yield "is open without a beginning and an end"
    elif moment(ends[0]) - moment(begins[0]) > LONGEST_ACCESS:
        yield f"is open from {begins[0]} to {ends[0]}, where {LONGEST_ACCESS.days} days are the most"


def _session_faults(seconds: float) -> Iterator[str]:
    if seconds > LONGEST_SESSION:
        yield f"gives sessions of {seconds:g} seconds, where {LONGEST_SESSION} are the most"


def _writing_faults(document: Document | None) -> Iterator[str]:
    for statement in statements(document):
        if statement.get("Effect") == "Allow" and "NotAction" in statement:
            yield "allows the regulator's role everything but what it names"
        if statement.get("Effect") == "Allow":
            writing = [each for each in listed(statement.get("Action")) if not _reads(str(each))]
            if writing:
                yield f"allows the regulator's role more than to read: {', '.join(writing)}"


def _reads(action: str) -> bool:
    return action == "kms:Decrypt" or action.partition(":")[2].startswith(READING)


def _regulators_roles(account: Account) -> Iterator[Subject]:
    for role in account.all("iam", "get_account_authorization_details", "RoleDetailList"):
        tags = tags_of(role.get("Tags", []))
        if _is_regulators(tags):
            yield Subject(role["Arn"], tokens.IAM_ROLE, role, tags)


@check("reg-1-regulator-trust", _regulators_roles, proves="it opens to a second factor, between two moments")
def regulator_is_let_in_for_a_while(role: Subject, account: Account) -> Iterator[str]:
    """The regulator's role opens to a second factor of the last hour, between two moments, for an hour at a time."""
    account.observe(tokens.IAM_ROLE, "assumeRolePolicy", "maxSessionDuration")
    described = account.ask("iam", "get_role", RoleName=role.data["RoleName"])["Role"]
    yield from _trust_faults(parsed(described.get("AssumeRolePolicyDocument")))
    yield from _session_faults(described.get("MaxSessionDuration", LONGEST_SESSION))


@check("reg-1-reads-only", _regulators_roles, proves="it can change nothing")
def regulator_changes_nothing(role: Subject, _: Account) -> Iterator[str]:
    """What the regulator's role is allowed changes nothing, and stands in policies of its own."""
    for attached in role.get("AttachedManagedPolicies", []):
        yield f"carries {attached['PolicyName']}, which is none of its own policies"
    for inline in role.get("RolePolicyList", []):
        yield from _writing_faults(parsed(inline.get("PolicyDocument")))


CONTROL = Control(
    id="REG-1",
    title="Regulator's access, bounded and told",
    statement=(
        "A regulator reads what was recorded through a role of its own: with a second factor of the last hour, "
        f"between two moments at most {LONGEST_ACCESS.days} days apart, for an hour at a time. The role changes "
        "nothing, and each use of it is told. Without a request there is no role."
    ),
    rationale=(
        "The authority must see the records whenever it asks. A door that stands open between two requests is used "
        "by somebody else one day."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: access"),
        Clause("ISO 27001", "2022", "5.15"),
        Clause("GLI-19", "3.0", "B.7"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="The role's trust and policies, the request that it answers, and the trail's record of each use.",
    preventive=(regulator_comes_for_a_while, regulator_reads_only),
    detective=(regulator_is_let_in_for_a_while, regulator_changes_nothing),
    application=(
        Enforced(
            "infra/settings/regulator.py",
            "Without a request, its accounts and its two moments the program declares no role.",
            "tests/infra/test_records.py::test_nobody_has_standing_access",
        ),
        Enforced(
            "infra/foundation/watching/watches.py",
            "An alarm tells of each use of the role.",
            "tests/infra/test_records.py::test_each_use_of_the_regulators_role_is_told",
        ),
    ),
)
