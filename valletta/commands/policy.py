"""`valletta policy`: the catalogue of controls, and the pack on a recorded plan."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from policies.model import Control, Enforced, Planned
from sandbox.errors import SandboxError
from valletta.commands.classify import classify
from valletta.commands.gate import gate
from valletta.commands.probe import test as probe_rules

if TYPE_CHECKING:
    from policies.pack.analysis import Analysis

USAGE, FINDINGS = 2, 3

app = typer.Typer(help="The catalogue of controls, and the policy pack without the CLI.", no_args_is_help=True)
app.command("classify")(classify)
app.command("gate")(gate)
app.command("test")(probe_rules)


@app.command("list")
def list_command() -> None:
    """Every control: what it is called, how severe a breach is, and what enforces it."""
    from policies.catalogue import catalogue  # noqa: PLC0415 (these: only now is their import worth its time)

    table = Table()
    for heading in ("control", "title", "severity", "prevents", "proves", "in the exchange", "owner"):
        table.add_column(heading, overflow="fold")
    for control in catalogue():
        table.add_row(
            control.id,
            control.title,
            control.severity.value,
            _count(control.preventive, "rule"),
            _count(control.detective, "check"),
            _count(control.application, "test"),
            control.owner,
        )
    Console(markup=False).print(table)


@app.command("explain")
def explain_command(control: Annotated[str, typer.Argument(help="Id of a control, such as LOG-2.")]) -> None:
    """One control: what is demanded and by whom, what prevents a breach, what proves it."""
    from policies.catalogue import control as control_named  # noqa: PLC0415 (as above)

    try:
        found = control_named(control)
    except KeyError as error:
        raise SandboxError(str(error.args[0]), exit_code=USAGE) from error
    screen = Console(markup=False)
    screen.print(
        Panel(Text(found.statement), title=f"{found.id} {found.title}", subtitle=f"{found.severity}, {found.owner}")
    )
    screen.print(Text(found.rationale + "\n"))
    screen.print(_clauses(found))
    screen.print(_enforcement(found))
    screen.print(Text(f"An auditor asks for: {found.evidence}"))


@app.command("check")
def check_command(
    stack: Annotated[str, typer.Option(help="staging, production or local.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON.")] = False,
) -> None:
    """Judge a stack's recorded plan by every preventive rule; nothing is made.

    Exit status: 0 no violation, 2 the program refuses the settings, 3 violations.
    """
    from policies.pack.analysis import analyse  # noqa: PLC0415 (as above)
    from sandbox.plan.record import record_plan  # noqa: PLC0415

    plan = record_plan(stack)
    analysis = analyse(plan.to_json()["resources"], stack=plan.stack)
    if as_json:
        sys.stdout.write(json.dumps(analysis.to_json(), indent=2) + "\n")
    else:
        _show(analysis)
    raise typer.Exit(FINDINGS if analysis.mandatory else 0)


def _count(parts: tuple[object, ...], word: str) -> str:
    built = sum(not isinstance(part, Planned) for part in parts)
    planned = len(parts) - built
    shown = f"{built} {word}{'s' if built != 1 else ''}" if built else ""
    return ", ".join(filter(None, [shown, f"{planned} planned" if planned else ""])) or "-"


def _clauses(control: Control) -> Table:
    from policies.frameworks import frameworks  # noqa: PLC0415 (as above)

    table = Table(title="Maps to (to be confirmed by whom it names)", title_justify="left")
    for heading in ("framework", "clause", "asks", "source", "confirmed by"):
        table.add_column(heading, overflow="fold")
    for clause in control.clauses:
        framework = frameworks()[clause.framework, clause.version]
        text = framework.find(clause.clause)
        if text is not None:
            asks = " ".join(filter(None, [text.asks, text.note, clause.note]))
            table.add_row(
                f"{framework.id} {framework.version}", clause.clause, asks, text.source, framework.confirmed_by
            )
    return table


def _enforcement(control: Control) -> Table:
    from policies.checks import Check  # noqa: PLC0415 (as above)
    from policies.rules import Rule  # noqa: PLC0415

    table = Table(title="Enforced by", title_justify="left")
    for heading in ("how", "name", "asks"):
        table.add_column(heading, overflow="fold")
    for how, parts in (
        ("prevents, on the plan", control.preventive),
        ("prevents, at admission", control.admission),
        ("proves, on the account", control.detective),
        ("enforces, in the exchange", control.application),
    ):
        for part in parts:
            match part:
                case Rule() | Check():
                    table.add_row(how, part.name, part.summary)
                case Enforced():
                    table.add_row(how, part.where, f"{part.how} Proven by {part.test}.")
                case Planned():
                    table.add_row(how, "not built yet", " ".join(filter(None, [f"{part.where}.", part.what])))
                case _:
                    table.add_row(how, str(part), "")
    return table


def _show(analysis: Analysis) -> None:
    screen = Console(markup=False)
    if analysis.violations:
        table = Table(title=f"The stack {analysis.stack} is refused", title_justify="left", title_style="bold red")
        for heading in ("control", "resource", "what is wrong", "how to put it right"):
            table.add_column(heading, overflow="fold")
        for violation in analysis.violations:
            resource = violation.urn.rpartition("::")[2] or "the stack"
            table.add_row(violation.control, resource, violation.message, violation.remedy)
        screen.print(table)
    for entry in analysis.not_evaluated:
        screen.print(Text(f"not evaluated: {entry.rule} on {entry.urn}: {entry.path} is not known yet", "yellow"))
    judged = sum(analysis.evaluated.values())
    counted = f"{len(analysis.evaluated)} rules, {judged} judgements, {len(analysis.violations)} violations"
    unknown = f"{len(analysis.not_evaluated)} not evaluated"
    screen.print(f"{analysis.stack}, judged as {analysis.environment.value}: {counted}, {unknown}")
