"""One judgement of a stack by a rule: what is wrong, and what could not be judged because a value is not known yet.

`pulumi_policy` ends a whole policy at the first value that it does not know. Here that ends the judgement of one
resource, so that an unknown on one bucket hides nothing on the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.resources import Resource, Stack, UnknownValueError
from policies.rules import Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one resource; `resource` is None where a demanded resource is missing from the stack."""

    rule: Rule
    resource: Resource | None
    message: str


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A resource that a rule could not judge, and the path of the value that is not known before the deployment."""

    rule: Rule
    resource: Resource
    path: str


def judge(rule: Rule, resources: Iterable[Resource], stack: Stack) -> Iterator[Finding | Unjudged]:
    """Judge these resources by a rule. A fault that was found before an unknown value was met is told all the same."""
    for resource in resources:
        if rule.applies(resource):
            yield from _judge_one(rule, resource, stack)
    if rule.joins and rule.missing_from(stack):
        kind = " or ".join(token.rpartition(":")[2] for token in rule.types)
        yield Finding(rule, None, f"the stack has no {kind}, and it must: {rule.summary}")


def _judge_one(rule: Rule, resource: Resource, stack: Stack) -> Iterator[Finding | Unjudged]:
    try:
        for message in rule.judge(resource, stack):
            yield Finding(rule, resource, message)
    except UnknownValueError as unknown:
        yield Unjudged(rule, resource, ".".join(unknown.props))
