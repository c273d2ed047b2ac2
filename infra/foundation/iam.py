"""Policy documents of IAM, KMS and S3 as data, so that each statement reads as a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

Statement = Mapping[str, Any]
Resources = str | pulumi.Output[str] | Sequence[str | pulumi.Output[str]]
"""One ARN or several, each text or an output that becomes one."""

POLICY_VERSION: Final = "2012-10-17"
ANYONE: Final[Mapping[str, str]] = {"AWS": "*"}
"""Every principal, in the form that S3 logging and moto also accept; always with a condition beside it."""


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document of these statements; outputs within them are awaited."""
    return pulumi.Output.json_dumps({"Version": POLICY_VERSION, "Statement": list(statements)}, sort_keys=True)


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Resources,
    *,
    principal: Mapping[str, Any] | None = None,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """A statement that allows. Without a principal it belongs to an identity's policy."""
    return _statement("Allow", sid, actions, resources, principal=principal, condition=condition)


def deny(
    sid: str,
    actions: Sequence[str],
    resources: Resources,
    *,
    principal: Mapping[str, Any] | None = None,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """A statement that denies, whatever else allows."""
    return _statement("Deny", sid, actions, resources, principal=principal, condition=condition)


def service(name: str) -> Mapping[str, str]:
    """The principal of an AWS service, such as `cloudtrail.amazonaws.com`."""
    return {"Service": name}


def root_of(account_id: str) -> Mapping[str, str]:
    """The principal that hands the decision to the account's own IAM policies."""
    return {"AWS": f"arn:aws:iam::{account_id}:root"}


def assume(principal: Mapping[str, Any], condition: Mapping[str, Any]) -> Statement:
    """The statement of a trust policy by which somebody assumes the role."""
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition}


def trust(service_name: str, condition: Mapping[str, Any] | None = None) -> pulumi.Output[str]:
    """The trust policy of a role which one AWS service assumes."""
    return document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": service(service_name),
            **({"Condition": condition} if condition else {}),
        }
    )


def _statement(
    effect: str,
    sid: str,
    actions: Sequence[str],
    resources: Resources,
    *,
    principal: Mapping[str, Any] | None,
    condition: Mapping[str, Any] | None,
) -> Statement:
    statement: dict[str, Any] = {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": resources}
    if principal is not None:
        statement["Principal"] = principal
    if condition is not None:
        statement["Condition"] = condition
    return statement
