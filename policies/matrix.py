"""The control matrix for auditors, generated from the controls: `python -m policies.matrix --write`.

Without `--write` it says whether the page in docs/compliance is the one that the controls give now, and ends with 1
if not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from policies.catalogue import catalogue
from policies.checks import Check
from policies.frameworks import Framework, FrameworkClause, frameworks
from policies.model import Control, Enforced, Planned
from policies.rules import Rule

PAGE: Final = Path(__file__).parent.parent / "docs" / "compliance" / "matrix.md"

_HEAD: Final = """\
# Control matrix

Generated from `policies/controls/` by `python -m policies.matrix --write`; a test fails when it is stale. Do not edit.

A control *maps to* a clause: that is our reading, and who has to confirm it stands under each framework. *Source*
says where the wording of the clause came from: **P** the regulator's or the law's own wording was seen, or quoted
word for word elsewhere; **S** a third party's summary; **K** general knowledge, unverified.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_HEAD, *_overview(), *_by_framework(), *_by_control()])


def _overview() -> Iterator[str]:
    yield "## Overview\n"
    yield "| control | what it demands | severity | owner | prevented by | proven by | in the exchange |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for control in catalogue():
        anchor = f"{control.id} {control.title}".lower().replace(" ", "-").replace(",", "")
        prevents = _counted(control.preventive, "rule") + _named(control.admission)
        proves = _counted(control.detective, "check")
        exchange = _counted(control.application, "test")
        cells = (f"[{control.id}](#{anchor})", control.title, control.severity.value, control.owner)
        yield f"| {' | '.join([*cells, *(', '.join(each) or '-' for each in (prevents, proves, exchange))])} |"
    yield ""


def _by_framework() -> Iterator[str]:
    yield "## By framework\n"
    for framework in frameworks().values():
        yield f"### {framework.title}\n"
        yield f"{framework.publisher}; version {framework.version}. To be confirmed by {framework.confirmed_by}.\n"
        yield "| clause | asks | source | controls |"
        yield "| --- | --- | --- | --- |"
        for clause in framework.clauses:
            asks = f"{clause.asks} ({clause.note})" if clause.note else clause.asks
            answered = ", ".join(_answering(framework, clause)) or "none yet"
            yield f"| {clause.clause} | {asks} | {clause.source} | {answered} |"
        yield ""


def _answering(framework: Framework, clause: FrameworkClause) -> Iterator[str]:
    for control in catalogue():
        for reference in control.clauses:
            if (reference.framework, reference.version, reference.clause) == (
                framework.id,
                framework.version,
                clause.clause,
            ):
                yield f"{control.id} ({reference.note})" if reference.note else control.id


def _by_control() -> Iterator[str]:
    yield "## By control\n"
    for control in catalogue():
        yield f"### {control.id} {control.title}\n"
        yield f"{control.statement}\n"
        yield f"*Why:* {control.rationale}\n"
        yield f"*Maps to:* {'; '.join(str(clause) for clause in control.clauses)}.\n"
        yield f"*An auditor asks for:* {control.evidence}\n"
        yield "| | name | asks |"
        yield "| --- | --- | --- |"
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
            match part:
                case Rule() | Check():
                    yield f"| {how} | `{part.name}` | {part.summary} |"
                case Enforced():
                    yield f"| {how} | `{part.where}` | {part.how} Proven by `{part.test}`. |"
                case Planned():
                    what = " ".join(filter(None, [f"To be built in {part.where}.", part.what]))
                    yield f"| {how} | NOT_IMPLEMENTED | {what} |"
                case _:
                    yield f"| {how} | `{part}` | |"
    if control.attestation:
        yield f"| attested by {control.owner} | MANUAL | {control.attestation} |"


def _counted(parts: tuple[object, ...], word: str) -> list[str]:
    built = sum(not isinstance(part, Planned) for part in parts)
    planned = len(parts) - built
    shown = [f"{built} {word}{'s' if built != 1 else ''}"] if built else []
    return [*shown, *([f"{planned} NOT_IMPLEMENTED"] if planned else [])]


def _named(parts: tuple[object, ...]) -> list[str]:
    return [f"admission `{part}`" for part in parts if isinstance(part, str)]


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or say whether it is the present one."""
    parser = argparse.ArgumentParser(prog="python -m policies.matrix", description="The control matrix for auditors.")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    if parser.parse_args(arguments).write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
        sys.stderr.write(f"{PAGE.name} is stale: run python -m policies.matrix --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
