"""The mapping from Pulumi types to AWS calls: one file an AWS service, gathered here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from sandbox.twin.errors import UnknownTypeError
from sandbox.twin.resource import Resource

SERVICES = (
    "accessanalyzer",
    "account",
    "acm",
    "amp",
    "appautoscaling",
    "autoscaling",
    "backup",
    "budgets",
    "cfg",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "compute",
    "costexplorer",
    "ec2",
    "ecr",
    "eks",
    "events",
    "guardduty",
    "iam",
    "kms",
    "lb",
    "logs",
    "msk",
    "network_acls",
    "organizations",
    "rds",
    "rds_beside",
    "route53",
    "s3",
    "secretsmanager",
    "security_groups",
    "securityhub",
    "sns",
    "wafv2",
)


@cache
def registry() -> dict[str, Resource]:
    """Every type that the twin knows, by its token."""
    found: dict[str, Resource] = {}
    for service in SERVICES:
        for resource in import_module(f"{__name__}.{service}").RESOURCES:
            if found.setdefault(resource.type, resource) is not resource:
                raise ValueError(f"{resource.type} is mapped twice")
    return found


def find(token: str) -> Resource:
    """The mapping of one type.

    :raises UnknownTypeError: it has none; the message says where to add it.
    """
    known = registry().get(token)
    if known is None:
        raise UnknownTypeError(f"the twin does not know the type {token!r}; map it in {place_of(token)}")
    return known


def place_of(token: str) -> str:
    """The file in which a type is mapped, or would be."""
    for service in SERVICES:
        module = import_module(f"{__name__}.{service}")
        if any(resource.type == token for resource in module.RESOURCES):
            return f"sandbox/twin/mapping/{service}.py"
    package = token.partition(":")[2].partition("/")[0]
    return f"sandbox/twin/mapping/{package or '<service>'}.py"
