"""The control matrix for auditors as Markdown, generated from the controls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from policies.catalogue import catalogue
from policies.checks import Check
from policies.frameworks import Framework, FrameworkClause, frameworks
from policies.matrix.proofs import proofs
from policies.model import Control, Enforced, Planned
from policies.rules import Rule

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "compliance" / "matrix.md"

_HEAD: Final = """\
# Control matrix

Generated from `policies/controls/` by `python -m policies.matrix --write`; a test fails when it is stale. Do not edit.

A control *maps to* a clause: that is our reading, and who has to confirm it stands under each framework. *Source*
says where the wording of the clause came from: **P** the regulator's or the law's own wording was seen, or quoted
word for word elsewhere; **S** a third party's summary; **K** general knowledge, unverified.
"""


def page(controls: Sequence[Control] | None = None) -> str:
    """The whole page, as Markdown; of the whole catalogue, or of these controls."""
    shown = catalogue() if controls is None else controls
    return "\n".join([_HEAD, *_planned(shown), *_overview(shown), *_by_framework(shown), *_by_control(shown)])


def _planned(controls: Sequence[Control]) -> Iterator[str]:
    """What is demanded and not built, by who is to build it: it stands first, so that nobody overlooks it."""
    yield "## Still to be built\n"
    planned = [(part, control) for control in controls for part in control.planned]
    if not planned:
        yield "Nothing: every enforcement that the controls name is there.\n"
        return
    whole = len({control.id for _, control in planned})
    yield f"{len(planned)} parts of {whole} controls are NOT_IMPLEMENTED. Each blocks a release.\n"
    yield "| to be built in | control | what it will do |"
    yield "| --- | --- | --- |"
    for part, control in sorted(planned, key=lambda each: each[0].where):
        yield f"| `{part.where}` | {_linked(control)} {control.title} | {part.what or control.statement} |"
    yield ""


def _linked(control: Control) -> str:
    anchor = re.sub(r"[^\w -]", "", f"{control.id} {control.title}".lower()).replace(" ", "-")
    return f"[{control.id}](#{anchor})"


def _overview(controls: Sequence[Control]) -> Iterator[str]:
    yield "## Overview\n"
    yield "| control | what it demands | severity | owner | prevented by | enforced in | proven by |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for control in controls:
        prevents = _counted(control.preventive, "rule") + _named(control.admission)
        proves = _counted(control.detective, "check")
        cells = (_linked(control), control.title, control.severity.value, control.owner)
        enforces = _places(control.application)
        parts = (", ".join(each) or "-" for each in (prevents, enforces, proves))
        yield f"| {' | '.join([*cells, *parts])} |"
    yield ""


def _by_framework(controls: Sequence[Control]) -> Iterator[str]:
    yield "## By framework\n"
    for framework in frameworks().values():
        yield f"### {framework.title}\n"
        yield f"{framework.publisher}; version {framework.version}. To be confirmed by {framework.confirmed_by}.\n"
        yield "| clause | asks | source | controls |"
        yield "| --- | --- | --- | --- |"
        for clause in framework.clauses:
            asks = f"{clause.asks} ({clause.note})" if clause.note else clause.asks
            answered = ", ".join(_answering(controls, framework, clause)) or "none yet"
            yield f"| {clause.clause} | {asks} | {clause.source} | {answered} |"
        yield ""


def _answering(controls: Sequence[Control], framework: Framework, clause: FrameworkClause) -> Iterator[str]:
    for control in controls:
        for reference in control.clauses:
            if (reference.framework, reference.version, reference.clause) == (
                framework.id,
                framework.version,
                clause.clause,
            ):
                yield f"{control.id} ({reference.note})" if reference.note else control.id


def _by_control(controls: Sequence[Control]) -> Iterator[str]:
    yield "## By control\n"
    yield "The last column names the tests of each part: they fail when it no longer holds. In brackets is the case.\n"
    for control in controls:
        yield f"### {control.id} {control.title}\n"
        yield f"{control.statement}\n"
        yield f"*Why:* {control.rationale}\n"
        yield f"*Maps to:* {'; '.join(str(clause) for clause in control.clauses)}.\n"
        yield f"*An auditor asks for:* {control.evidence}\n"
        yield "| | name | asks | fails when it no longer holds |"
        yield "| --- | --- | --- | --- |"
        yield from _enforcement(control)
        yield ""


def _enforcement(control: Control) -> Iterator[str]:
    for how, parts in (
        ("prevents, on the plan", control.preventive),
        ("prevents, at admission", control.admission),
        ("proves, on the account", control.detective),
        ("enforces, in the exchange", control.application),
    ):
        for part in parts:
            name, asks = _told(part)
            tests = "<br>".join(f"`{test}`" for test in proofs(part)) or "-"
            yield f"| {how} | {name} | {asks} | {tests} |"
    if control.attestation:
        yield f"| attested by {control.owner} | MANUAL | {control.attestation} | - |"


def _told(part: Rule | Check | Enforced | Planned | str) -> tuple[str, str]:
    """What a part of an enforcement is called, and what it asks or does."""
    match part:
        case Rule() | Check():
            return f"`{part.name}`", part.summary
        case Enforced():
            return f"`{part.where}`", part.how
        case Planned():
            return "NOT_IMPLEMENTED", " ".join(filter(None, [f"To be built in `{part.where}`.", part.what]))
        case str():
            return f"`{part}`", f"`policies/admission/{part}`"


def _counted(parts: tuple[object, ...], word: str) -> list[str]:
    built = sum(not isinstance(part, Planned) for part in parts)
    planned = len(parts) - built
    shown = [f"{built} {word}{'s' if built != 1 else ''}"] if built else []
    return [*shown, *([f"{planned} NOT_IMPLEMENTED"] if planned else [])]


def _places(parts: tuple[Enforced | Planned, ...]) -> list[str]:
    return [f"`{part.where}`" + (" NOT_IMPLEMENTED" if isinstance(part, Planned) else "") for part in parts]


def _named(parts: tuple[object, ...]) -> list[str]:
    return [f"admission `{part}`" for part in parts if isinstance(part, str)]
