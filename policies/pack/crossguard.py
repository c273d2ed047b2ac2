"""The preventive rules as policies of Pulumi's CrossGuard, for the real CLI.

Nothing is judged here: each rule is wrapped, its arguments are turned into `policies.resources`, and what it says is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PackSeverity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.catalogue import rules
from policies.model import Control
from policies.pack.judging import Finding, Unjudged, judge
from policies.pack.levels import SCHEMA
from policies.resources import Resource, Stack, environment_of
from policies.rules import Rule


def policies() -> list[Policy]:
    """Every preventive rule as a policy, all mandatory; what may be configured of them says `policies.pack.levels`."""
    return [_policy(control, rule) for control, rule in rules()]


def _policy(control: Control, rule: Rule) -> Policy:
    described: dict[str, Any] = {
        "name": rule.name,
        "display_name": f"{control.id} {control.title}",
        "description": f"{control.id}: {rule.summary} Maps to {'; '.join(str(clause) for clause in control.clauses)}.",
        "enforcement_level": EnforcementLevel.MANDATORY,
        "config_schema": PolicyConfigSchema(properties=dict(SCHEMA)),
        "severity": PackSeverity(control.severity.value),
        "framework": _framework(control),
        "remediation_steps": rule.remedy,
        "tags": [control.id],
    }
    if rule.joins:
        return StackValidationPolicy(validate=_on_stack(rule), **described)
    return ResourceValidationPolicy(validate=_on_resource(rule), **described)


def _framework(control: Control) -> PolicyComplianceFramework:
    first = control.clauses[0]
    return PolicyComplianceFramework(name=first.framework, version=first.version, reference=first.clause)


def _on_resource(rule: Rule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(args.urn, args.resource_type, args.name, args.props, args.opts.protect)
        _report(rule, (resource,), Stack(environment_of([args.urn])), report)

    return validate


def _on_stack(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = tuple(_resource(entry) for entry in args.resources)
        stack = Stack(environment_of(resource.urn for resource in resources), resources)
        _report(rule, resources, stack, report)

    return validate


def _resource(entry: PolicyResource) -> Resource:
    references: Mapping[str, tuple[str, ...]] = {
        name: tuple(target.urn for target in targets) for name, targets in entry.property_dependencies.items()
    }
    return Resource(entry.urn, entry.resource_type, entry.name, entry.props, entry.opts.protect, references)


def _report(rule: Rule, resources: Iterable[Resource], stack: Stack, report: ReportViolation) -> None:
    """Report every finding first; then, of what was not known, tell the engine in the way it understands.

    Raises:
        UnknownValueError: a resource could not be judged; the engine lists the policy as not run.
    """
    unjudged: list[Unjudged] = []
    for result in judge(rule, resources, stack):
        if isinstance(result, Finding):
            report(f"{result.message} ({rule.remedy})", result.resource.urn if result.resource else None)
        else:
            unjudged.append(result)
    if unjudged:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, _places(unjudged))


def _places(unjudged: Iterable[Unjudged]) -> list[Any]:
    return [", ".join(f"{each.path} of {each.resource.name}" for each in unjudged)]
