"""`valletta policy gate`: may this stack be deployed, and is what was deployed what may stand?"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from policies.pack.gate import Gate

USAGE, FINDINGS, INCOMPLETE = 2, 3, 4


def gate(
    *,
    stack: Annotated[str, typer.Option(help="The stack, such as production-workloads.")],
    plan: Annotated[
        Path | None, typer.Option(help="A file of `valletta plan --json`; without it and a state, the present plan.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="A file of `pulumi stack export`, after the deployment.")] = None,
    levels: Annotated[
        Path | None, typer.Option(help="Levels of single rules, as for --policy-pack-config; never for production.")
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Also shut where a control's enforcement is still to be built.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Judge a stack by every preventive rule and fail closed: a rule that could not be judged was not kept.

    Exit status: 0 open, 2 wrong use, 3 violations or NOT_IMPLEMENTED controls, 4 something could not be judged (which
    outranks them).
    """
    from policies.pack.analysis import analyse  # noqa: PLC0415 (these: only now is their import worth its time)
    from policies.pack.gate import gate as judged  # noqa: PLC0415
    from policies.pack.levels import read_levels  # noqa: PLC0415

    if plan is not None and state is not None:
        raise SandboxError("--plan and --state: give one of the two", exit_code=USAGE)
    try:
        resources = _resources(stack, plan, state)
        configured = read_levels(levels) if levels is not None else {}
        result = judged(analyse(resources, stack=stack, levels=configured), release=release)
    except ValueError as error:
        raise SandboxError(str(error), exit_code=USAGE) from error
    if as_json:
        sys.stdout.write(json.dumps(result.to_json(), indent=2) + "\n")
    else:
        _show(result)
    raise typer.Exit(0 if result.open else FINDINGS if result.complete else INCOMPLETE)


def _resources(stack: str, plan: Path | None, state: Path | None) -> Sequence[Mapping[str, Any]]:
    from policies.pack.state import resources_of  # noqa: PLC0415 (as above)
    from sandbox.plan.record import Plan, record_plan  # noqa: PLC0415

    if state is not None:
        return resources_of(_read(state), stack)
    recorded = Plan.from_json(_read(plan)) if plan is not None else record_plan(stack)
    if recorded.stack != stack:
        raise ValueError(f"{plan} is a plan of {recorded.stack}, not of {stack}")
    return [each.to_json() for each in recorded.resources]


def _read(file: Path) -> Any:  # noqa: ANN401 (JSON)
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error}") from error


def _show(result: Gate) -> None:
    from policies.reports.wording import counted  # noqa: PLC0415 (as above)

    screen, analysis = Console(markup=False), result.analysis
    table = Table(show_edge=False)
    for heading in ("", "control", "where", "what"):
        table.add_column(heading, overflow="fold")
    for violation in analysis.violations:
        told = Text("tells", "yellow") if violation.rule in analysis.advisory else Text("violated", "bold red")
        place = violation.urn.rpartition("::")[2] or "the stack"
        table.add_row(told, violation.control, place, f"{violation.message} [{violation.rule}]")
    for entry in analysis.not_evaluated:
        what = f"{entry.path} is not known [{entry.rule}]"
        table.add_row(Text("not evaluated", "bold magenta"), entry.control, entry.urn.rpartition("::")[2], what)
    for control, part in result.not_implemented:
        table.add_row(Text("NOT_IMPLEMENTED", "yellow"), control.id, part.where, part.what)
    if table.row_count:
        screen.print(table)
    judged = sum(analysis.evaluated.values())
    state = "open" if result.open else "shut"
    screen.print(
        f"{analysis.stack}, judged as {analysis.environment.value}: the gate is {state}. "
        f"{counted(judged, 'judgement')}, {counted(len(analysis.violations), 'violation')}, "
        f"{len(analysis.not_evaluated)} not evaluated, {len(result.not_implemented)} NOT_IMPLEMENTED"
    )
