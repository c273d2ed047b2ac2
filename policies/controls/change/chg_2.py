"""CHG-2: a change of production is approved by a second person, and the record says for what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import documents, tokens
from policies.model import Clause, Control, Enforced, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import Value, read

ISSUER = "token.actions.githubusercontent.com"
"""Who says to AWS which job of which repository is running."""

_WHOLE_SUBJECT = re.compile(r"repo:[\w.-]+/[\w.-]+:environment:[\w.-]+")
"""One repository and one of its environments, by whose reviewers a job was let in. A part of it would be a pattern."""


@rule(
    "chg-2-pipeline-trusts-environments",
    tokens.IAM_ROLE,
    remedy=f'Trust `"StringEquals": {{"{ISSUER}:sub": "repo:OWNER/NAME:environment:ENVIRONMENT"}}`, whole.',
)
def pipeline_is_trusted_by_environment(role: Resource, _: Stack) -> Iterator[str]:
    """A role that a pipeline takes trusts named environments of one repository, whose reviewers let its jobs in."""
    yield from _trust_faults(role.get("assumeRolePolicy"))


def _trust_faults(document: Value) -> Iterator[str]:
    subjects: list[str] = []
    for statement in _of_the_pipeline(document):
        named = _subjects(statement)
        subjects += named
        if not named:
            yield f"may be taken by jobs of any repository: it names no whole subject ({ISSUER}:sub)"
        for subject in named:
            if not _WHOLE_SUBJECT.fullmatch(subject):
                yield f"trusts {subject}, which is no environment: nobody has to let its jobs in"
    if len(repositories := {subject.partition(":environment:")[0] for subject in subjects}) > 1:
        yield f"trusts several repositories: {', '.join(sorted(repositories))}"


def _of_the_pipeline(document: Value) -> Iterator[documents.Document]:
    """The statements that let a job of GitHub in."""
    for statement in documents.statements(documents.parsed(document)):
        principal = statement.get("Principal")
        federated = documents.listed(read(principal, "Federated"))
        if statement.get("Effect") == "Allow" and any(f"{each}".endswith(f"/{ISSUER}") for each in federated):
            yield statement


def _subjects(statement: documents.Document) -> list[str]:
    """What the subject must equal; a likeness, or a condition that passes where there is no subject, names nothing."""
    equals = read(statement, "Condition.StringEquals", {})
    return [str(each) for each in documents.listed(equals.get(f"{ISSUER}:sub"))]


def _pipeline_roles(account: Account) -> Iterator[Subject]:
    filters = ["User", "Role", "Group", "LocalManagedPolicy"]
    for role in account.ask("iam", "get_account_authorization_details", Filter=filters).get("RoleDetailList", []):
        if any(_of_the_pipeline(role.get("AssumeRolePolicyDocument"))):
            yield Subject(role["Arn"], tokens.IAM_ROLE, role)


@check(
    "chg-2-pipeline-trusts-environments",
    _pipeline_roles,
    proves="it is taken only by jobs in named environments of one repository",
)
def pipeline_role_names_environments(role: Subject, account: Account) -> Iterator[str]:
    """A role that a pipeline takes trusts named environments of one repository."""
    account.observe(tokens.IAM_ROLE, "assumeRolePolicy")
    yield from _trust_faults(role.get("AssumeRolePolicyDocument"))


CONTROL = Control(
    id="CHG-2",
    title="Two people and a ticket",
    statement=(
        "A change reaches production only by a request that says what it is for and that somebody else than its author"
        " has approved; and it is applied only by a pipeline, after a reviewer who is not the author has read what it"
        " will do. The roles by which the pipeline changes the account trust those guarded environments and nothing"
        " else."
    ),
    rationale=(
        "Whoever can change production alone can pay out, stop the log or open a door, and mend the trace afterwards."
        " Two who must agree are harder to bribe than one, and to err."
    ),
    clauses=(
        Clause("ISO 27001", "2022", "8.32"),
        Clause("GLI-19", "3.0", "B.8"),
    ),
    severity=Severity.CRITICAL,
    owner="Infrastructure lead",
    evidence=(
        "The request, its approval, the environment's approval and the message of the Pulumi update, for changes that"
        " the auditor picks from the trail; and an export of the repository's branch and environment settings."
    ),
    preventive=(pipeline_is_trusted_by_environment,),
    detective=(pipeline_role_names_environments,),
    application=(
        Enforced(
            ".github/workflows/apply.yml",
            "A stack is applied by one job, in the environment that its reviewers guard, after its changes were shown"
            " and its images verified; the update's message names the commit and the run.",
            "tests/delivery/test_workflows.py"
            "::test_a_stack_is_applied_only_when_shown_verified_and_approved_and_one_at_a_time",
        ),
        Enforced(
            ".github/workflows",
            "Only a job in an environment gets an identity of AWS.",
            "tests/delivery/test_workflows.py::test_only_a_job_in_an_environment_gets_an_identity",
        ),
        Enforced(
            "images/accepted-findings.toml",
            "A finding of the image scan is let be only by two names, and for a time.",
            "tests/delivery/test_scan_gate.py::test_an_acceptance_needs_a_second_person_a_reason_and_an_end",
        ),
    ),
    attestation=(
        "The infrastructure lead attests that the settings of docs/delivery.md are in force at GitHub: an approval"
        " that is not the author's on main, reviewers without self-review on production. No file of the repository can"
        " hold them."
    ),
)
