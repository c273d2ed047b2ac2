"""What a rule notices on a plan: everything that it reads is changed in turn, and the rule is asked again.

For whoever has added a rule and wants to see it work on their own stack before they trust it. Each property that the
rule reads is left out (so the cloud's default counts), made wrong, and made unknown; each resource that it reads beside
the one that it judges is taken away. Values are made wrong by their kind (a flag is turned, a number is 0, a policy
document loses its conditions or allows everything): a rule that refuses none of that may still be right, and needs a
variant that a person has thought of (`tests/policies/variants`).
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from policies.environment import Environment
from policies.pack.analysis import MARKER, resource_of
from policies.pack.judging import Unjudged, judge
from policies.pack.recording import Read, recording
from policies.pack.worse import GONE, put_at, value_at, wrong_values
from policies.resources import Resource, Stack, UnknownValueError
from policies.rules import Rule
from policies.values import Value

Variant = Literal["absent", "wrong", "unknown"]
VARIANTS: Final[Sequence[Variant]] = ("absent", "wrong", "unknown")
SAMPLES: Final = 2
"""How many resources of a type are probed for each rule: a program makes its others alike."""
MOST: Final = 40
"""How many more are probed while a rule has refused nothing yet: it may be about a few of them."""


class Answer(StrEnum):
    """What the rule says of a plan with one change."""

    REFUSED = "refused"
    NOT_EVALUATED = "not evaluated"
    BY_REFERENCE = "by reference"
    """It looks at the resource of the stack that the value comes from, which is known before the value is."""
    KEPT = "kept"
    BROKE = "broke"
    """It raised something else: on such a value the whole analysis would end."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One property that a rule reads, and what it says when that is changed."""

    rule: str
    resource: str
    """Name of the resource in the program."""
    path: str
    """The property; empty where the whole resource was taken away."""
    answers: Mapping[Variant, Answer] = field(default_factory=dict)

    @property
    def fault(self) -> bool:
        """Does it keep an unknown in place of a value that it refuses when it is wrong or absent, or break?"""
        said = set(self.answers.values())
        return Answer.BROKE in said or (self.answers.get("unknown") is Answer.KEPT and Answer.REFUSED in said)


@dataclass(frozen=True, slots=True)
class Probed:
    """What one rule notices."""

    rule: Rule
    judged: int
    """How many resources of the plan it is about."""
    probes: tuple[Probe, ...]

    @property
    def notices(self) -> bool:
        """Is there a change that it refuses?"""
        return any(Answer.REFUSED in probe.answers.values() for probe in self.probes)

    @property
    def faults(self) -> tuple[Probe, ...]:
        """The probes that show something wrong with the rule itself."""
        return tuple(each for each in self.probes if each.fault)


def probe(rule: Rule, plan: Sequence[Mapping[str, Any]], stack: str) -> Probed:
    """Change whatever this rule reads of a recorded plan, and ask it each time."""
    return _Prober(rule, plan, Environment.of(stack)).run()


class _Prober:
    def __init__(self, rule: Rule, plan: Sequence[Mapping[str, Any]], environment: Environment) -> None:
        self._rule, self._environment = rule, environment
        self._entries = {entry["urn"]: entry for entry in plan}
        self._whole = tuple(map(resource_of, plan))

    def run(self) -> Probed:
        judged = [resource for resource in self._whole if self._rule.applies(resource)]
        seen: Counter[str] = Counter()
        probes: list[Probe] = []
        noticed = False
        for resource in judged:
            seen[resource.type] += 1
            if seen[resource.type] <= SAMPLES or (not noticed and seen[resource.type] <= MOST):
                found = list(self._of(resource))
                refuses = any(Answer.REFUSED in each.answers.values() for each in found)
                probes += found if seen[resource.type] <= SAMPLES or refuses else []
                noticed = noticed or refuses
        return Probed(self._rule, len(judged), tuple(_folded(probes)))

    def _of(self, judged: Resource) -> Iterator[Probe]:
        read = self._read(judged)
        beside = dict.fromkeys(each.urn for each in read if each.urn != judged.urn)
        for urn in (*beside, *self._neighbours(judged, beside)):
            answer = self._ask(judged, [each for each in self._whole if each.urn != urn])
            if urn in beside or answer is not Answer.KEPT:
                yield Probe(self._rule.name, self._entries[urn]["name"], "", {"absent": answer})
        for each in read:
            answers = {variant: self._answer(judged, each, variant) for variant in VARIANTS}
            yield Probe(self._rule.name, self._entries[each.urn]["name"], ".".join(each.path), answers)

    def _neighbours(self, judged: Resource, known: Collection[str]) -> Iterator[str]:
        """The resources one reference away, which a rule that joins may ask for without reading anything of them."""
        if self._rule.joins:
            targets = {urn for urns in judged.references.values() for urn in urns}
            for each in self._whole:
                refers = any(judged.urn in urns for urns in each.references.values())
                if (refers or each.urn in targets) and each.urn not in {judged.urn, *known}:
                    yield each.urn

    def _read(self, judged: Resource) -> Sequence[Read]:
        """What the rule reads to judge this resource as it is."""
        found: dict[Read, None] = {}
        whole = [recording(resource, found) for resource in self._whole]
        subject = next(resource for resource in whole if resource.urn == judged.urn)
        with suppress(UnknownValueError):  # what was read until then can be changed all the same
            list(self._rule.judge(subject, Stack(self._environment, tuple(whole))))
        return [each for each in found if not any(each.leads_to(other) for other in found)]

    def _answer(self, judged: Resource, read: Read, variant: Variant) -> Answer:
        """The gravest answer to the values of a variant; a wrong value is refused if one of its kind is."""
        present = value_at(self._entries[read.urn]["inputs"], read.path)
        values = wrong_values(present) if variant == "wrong" else (_MARKED[variant],)
        asked = {self._ask(judged, self._changed(read, value, variant)) for value in values}
        if present is None and Answer.REFUSED not in asked:
            asked.discard(Answer.BROKE)  # of what kind an absent value would be, nobody knows
        answer = next((answer for answer in Answer if answer in asked), Answer.KEPT)
        referred = variant == "unknown" and read.path[0] in self._references(read.urn)
        return Answer.BY_REFERENCE if referred and answer is Answer.KEPT else answer

    def _references(self, urn: str) -> Mapping[str, Any]:
        return self._entries[urn].get("property_dependencies") or {}

    def _changed(self, read: Read, value: Value, variant: Variant) -> list[Resource]:
        """The plan with another value, which then comes from nowhere, unless it is only not known yet."""
        entry = {**self._entries[read.urn], "inputs": copy.deepcopy(self._entries[read.urn]["inputs"])}
        put_at(entry["inputs"], read.path, value)
        if variant != "unknown":
            references = self._references(read.urn).items()
            entry["property_dependencies"] = {name: urns for name, urns in references if name != read.path[0]}
        return [resource_of(entry) if each.urn == read.urn else each for each in self._whole]

    def _ask(self, judged: Resource, resources: Sequence[Resource]) -> Answer:
        subject = [each for each in resources if each.urn == judged.urn]
        try:
            results = list(judge(self._rule, subject, Stack(self._environment, tuple(resources))))
        except Exception:  # whatever it is: that a rule breaks is what is asked
            return Answer.BROKE
        if any(not isinstance(result, Unjudged) for result in results):
            return Answer.REFUSED
        return Answer.NOT_EVALUATED if results else Answer.KEPT


_MARKED: Final[Mapping[Variant, Value]] = {"absent": GONE, "unknown": {MARKER: "unknown"}}


def _folded(probes: Sequence[Probe]) -> Iterator[Probe]:
    """One probe for all elements of a list: refused where one is, and kept as an unknown where one is."""
    together: dict[tuple[str, str], list[Probe]] = {}
    for each in probes:
        path = ".".join("*" if step.isdigit() else step for step in each.path.split("."))
        together.setdefault((each.resource, path), []).append(each)
    for (resource, path), alike in together.items():
        answers = {
            variant: (max if variant == "unknown" else min)(found, key=_ORDER.index)
            for variant in VARIANTS
            if (found := [each.answers[variant] for each in alike if variant in each.answers])
        }
        yield Probe(alike[0].rule, resource, path, answers)


_ORDER: Final = tuple(Answer)
