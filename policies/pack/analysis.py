"""The pack without the CLI: every preventive rule on a recorded plan, before anything is made.

A recorded plan is plain data: one mapping a resource with `urn`, `type`, `name`, `inputs` (camel case), `protect` and
`property_dependencies` (property -> URNs). In `inputs` an object `{"$valletta": "unknown"}` stands for a value that
is not known before the deployment, and `{"$valletta": "secret"}` for one that is not written down; neither can be
judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.catalogue import rules
from policies.environment import Environment
from policies.model import Control, Severity
from policies.pack.judging import Finding, judge
from policies.pack.levels import Level, advisory_rules
from policies.resources import Resource, Stack
from policies.values import Value

MARKER: Final = "$valletta"
"""The key by which a recorded plan marks an object that stands for a value which is not written down."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A resource that a mandatory rule refuses; `urn` is empty where the stack lacks a resource that it must have."""

    control: str
    rule: str
    severity: Severity
    urn: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.control} {self.urn.rpartition('::')[2] or 'the stack'}: {self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that could not judge a resource, because the value at `path` is not known before the deployment."""

    control: str
    rule: str
    urn: str
    path: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the pack says of one stack. A rule that met an unknown is named; it never counts as kept."""

    stack: str
    environment: Environment
    violations: tuple[Violation, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    evaluated: Mapping[str, int] = field(default_factory=dict)
    """Rule -> the number of resources that it judged."""
    shared: tuple[str, ...] = ()
    """Rules on what an account has only one of, which a copy for a while leaves to the account's own stack."""
    advisory: frozenset[str] = frozenset()
    """Rules that only tell on this stack; never in production."""

    @property
    def mandatory(self) -> bool:
        """Must the stack be refused? Every rule is mandatory but those that a stack without money lets only tell."""
        return any(violation.rule not in self.advisory for violation in self.violations)

    def to_json(self) -> dict[str, Any]:
        """The analysis as plain data."""
        return {
            "stack": self.stack,
            "environment": self.environment.value,
            "refused": self.mandatory,
            "violations": [_plain(violation) for violation in self.violations],
            "advisory": sorted(self.advisory),
            "notEvaluated": [_plain(entry) for entry in self.not_evaluated],
            "evaluated": dict(sorted(self.evaluated.items())),
            "notApplicable": dict.fromkeys(self.shared, "the account's own stack keeps it"),
        }


def analyse(
    resources: Sequence[Mapping[str, Any]], *, stack: str, levels: Mapping[str, Level] | None = None
) -> Analysis:
    """Judge a recorded plan by every preventive rule.

    Args:
        resources: the plan's resources as plain data, as this module describes.
        stack: the stack's name; one that is not known is judged as production.
        levels: what is configured of single rules, where the stack holds no player's money.

    Raises:
        LevelsError: the stack may not have these levels.
        ValueError: a resource lacks its urn, type or inputs; nothing is judged.
    """
    advisory = advisory_rules(levels or {}, stack)
    environment = Environment.of(stack)
    whole = Stack(environment, tuple(resource_of(entry) for entry in resources))
    violations: list[Violation] = []
    unjudged: list[NotEvaluated] = []
    evaluated: Counter[str] = Counter()
    for control, rule in rules():
        evaluated[rule.name] = sum(rule.applies(resource) for resource in whole.resources)
        for result in judge(rule, whole.resources, whole):
            if isinstance(result, Finding):
                violations.append(_violation(control, result))
            else:
                unjudged.append(NotEvaluated(control.id, rule.name, result.resource.urn, result.path))
                evaluated[rule.name] -= 1
    shared = tuple(rule.name for _, rule in rules() if rule.shared_by(whole))
    return Analysis(stack, environment, tuple(violations), tuple(unjudged), dict(evaluated), shared, advisory)


def _violation(control: Control, finding: Finding) -> Violation:
    urn = finding.resource.urn if finding.resource else ""
    return Violation(control.id, finding.rule.name, control.severity, urn, finding.message, finding.rule.remedy)


def resource_of(entry: Mapping[str, Any]) -> Resource:
    """The resource that an entry of a recorded plan describes, as a rule sees it.

    Raises:
        ValueError: it lacks its urn, type or inputs.
    """
    missing = [key for key in ("urn", "type", "inputs") if key not in entry]
    if missing:
        raise ValueError(f"a resource of the plan lacks {', '.join(missing)}: {entry.get('urn') or sorted(entry)}")
    references = entry.get("property_dependencies") or {}
    return Resource(
        urn=entry["urn"],
        type=entry["type"],
        name=entry.get("name") or entry["urn"].rpartition("::")[2],
        properties=unknown_checking_proxy(_with_sentinels(entry["inputs"])),
        protect=bool(entry.get("protect")),
        references={name: tuple(urns) for name, urns in references.items()},
    )


def _with_sentinels(value: Value) -> Value:
    """The inputs with each marker as the value by which `pulumi_policy` knows an unknown."""
    if isinstance(value, Mapping):
        return UNKNOWN_STRING_VALUE if MARKER in value else {key: _with_sentinels(item) for key, item in value.items()}
    return [_with_sentinels(item) for item in value] if isinstance(value, list | tuple) else value


def _plain(record: Violation | NotEvaluated) -> dict[str, str]:
    return dict(_fields(record))


def _fields(record: Violation | NotEvaluated) -> Iterator[tuple[str, str]]:
    for name in record.__slots__:
        yield name, str(getattr(record, name))
