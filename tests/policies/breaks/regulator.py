"""Breaks of what the checks on the regulator's role prove."""

from __future__ import annotations

from tests.policies.account import clients, people
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Break

SHARED = f"arn:aws:iam::{clients.ACCOUNT}:policy/shared"


def _trust(check_reason: str, document: str) -> Break:
    return Break(
        "reg-1-regulator-trust",
        lambda a: people.trust_regulator(a, document),
        check_reason,
        lambda a: people.trust_regulator(a, people.regulator_trust()),
    )


def _attach(account: TestAccount) -> None:
    account.client("iam").create_policy(PolicyName="shared", PolicyDocument=people.allowing("s3:GetObject"))
    account.client("iam").attach_role_policy(RoleName=people.REGULATOR, PolicyArn=SHARED)


def _detach(account: TestAccount) -> None:
    account.client("iam").detach_role_policy(RoleName=people.REGULATOR, PolicyArn=SHARED)
    account.client("iam").delete_policy(PolicyArn=SHARED)


BREAKS = [
    _trust("where 90 days are the most", people.regulator_trust(days=91)),
    _trust("without a beginning and an end", people.regulator_trust(DateLessThan={})),
    _trust("asks for no second factor", people.regulator_trust(Bool={"aws:MultiFactorAuthPresent": "false"})),
    _trust("older than 3600 seconds", people.regulator_trust(NumericLessThan={"aws:MultiFactorAuthAge": "86400"})),
    Break(
        "reg-1-regulator-trust",
        lambda a: a.client("iam").update_role(RoleName=people.REGULATOR, MaxSessionDuration=43200),
        "sessions of 43200 seconds",
        lambda a: a.client("iam").update_role(RoleName=people.REGULATOR, MaxSessionDuration=3600),
    ),
    Break(
        "reg-1-reads-only",
        lambda a: people.allow_regulator(a, "s3:DeleteObject"),
        "more than to read: s3:DeleteObject",
        lambda a: people.allow_regulator(a, "s3:GetObject"),
    ),
    Break("reg-1-reads-only", _attach, "carries shared", _detach),
]

ELSEWHERE: set[str] = set()
