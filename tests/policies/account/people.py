"""Who may come into the account under test: its root user, a clerk, and a regulator for a month."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from moto.iam.models import AccountSummary, IAMBackend, iam_backends

from policies.values import Value
from tests.policies.account.clients import ACCOUNT, Clients

REGULATOR: Final = "regulator"
CLERK: Final = "clerk"


def build_people(account: Clients) -> None:
    """A root user with a second factor, a user without credentials, and a regulator who may come for a month."""
    _root()._account_mfa_enabled = 1  # AWS has no operation by which anybody else could say so
    iam = account.client("iam")
    iam.create_user(UserName=CLERK)
    iam.create_role(
        RoleName=REGULATOR,
        AssumeRolePolicyDocument=regulator_trust(),
        MaxSessionDuration=3600,
        Tags=[{"Key": "valletta:request", "Value": "MGA/AUD/2027/031"}],
    )
    allow_regulator(account, "s3:GetObject")


def _root() -> AccountSummary:
    backend: IAMBackend = iam_backends[ACCOUNT]["aws"]
    return backend.account_summary


def set_root(name: str, value: int) -> None:
    """Say of the root user what no operation of AWS lets one do: `mfa_enabled`, `access_keys_present`."""
    setattr(_root(), f"_account_{name}", value)


def regulator_trust(days: int = 30, **changes: Value) -> str:
    """Who may assume the regulator's role, for so many days from today."""
    today = datetime.now(UTC)
    condition = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        "DateGreaterThan": {"aws:CurrentTime": f"{today:%Y-%m-%dT%H:%M:%SZ}"},
        "DateLessThan": {"aws:CurrentTime": f"{today + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"},
        **changes,
    }
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust_regulator(account: Clients, document: str) -> None:
    """Another trust for the regulator's role."""
    account.client("iam").update_assume_role_policy(RoleName=REGULATOR, PolicyDocument=document)


def allow_regulator(account: Clients, action: str) -> None:
    """Another right for the regulator's role."""
    account.client("iam").put_role_policy(RoleName=REGULATOR, PolicyName="reading", PolicyDocument=allowing(action))


def allowing(action: str) -> str:
    """A policy that allows an action on everything."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
