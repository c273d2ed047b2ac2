"""`valletta core`: the matching core beside the model of its rules."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from types import ModuleType

    from tests.core.differ.run import Report

DIFFERS = 3

app = typer.Typer(help="The matching core beside the model of its rules.", no_args_is_help=True)


@app.callback()
def core() -> None:
    """The matching core beside the model of its rules."""


@app.command("diff")
def diff_command(
    seed: Annotated[int, typer.Option(help="Of the random commands: the same seed, the same commands.")] = 1,
    commands: Annotated[int, typer.Option(min=1, help="How many commands to compare, over as many worlds.")] = 100_000,
    world: Annotated[int, typer.Option(min=1, help="How many commands each world lives.")] = 3_000,
    fixture: Annotated[Path | None, typer.Option(help="Where to write a difference, to be replayed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead.")] = False,
) -> None:
    """Plays random commands to the core and to the plain model: every outcome, event and image has to agree.

    A difference is made as short as it goes, shown, and the exit status is 3.
    """
    differ = _differ()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=as_json,
    ) as progress:
        task = progress.add_task("commands compared", total=commands)
        report = differ.long_run(seed, commands, world, lambda done: progress.update(task, completed=done))
    if report.difference and fixture:
        report.difference.to_fixture(fixture)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report, fixture)) + "\n")
    else:
        _show(report, fixture)
    if report.difference:
        raise typer.Exit(DIFFERS)


def _differ() -> ModuleType:
    """The comparison lives with the tests: it is there in a clone, and not in an image."""
    try:
        return importlib.import_module("tests.core.differ.run")
    except ModuleNotFoundError as error:
        raise SandboxError(
            f"the comparison cannot be loaded ({error.name} is missing)", hint="run it in a clone of the repository"
        ) from error


def _as_json(report: Report, fixture: Path | None) -> dict[str, object]:
    return {
        "compared": report.compared,
        "worlds": report.worlds,
        "a_second": round(report.rate),
        "outcomes": dict(report.codes.most_common()),
        "difference": str(report.difference) if report.difference else None,
        "fixture": str(fixture) if report.difference and fixture else None,
    }


def _show(report: Report, fixture: Path | None) -> None:
    console = Console(markup=False, highlight=False)
    if report.difference:
        console.print(f"they differ after {report.compared} commands:\n{report.difference}", soft_wrap=True)
        if fixture:
            console.print(f"written to {fixture}")
        return
    console.print(f"{report.compared} commands in {report.worlds} worlds agree, {report.rate:.0f} a second")
    console.print(", ".join(f"{code} {count}" for code, count in report.codes.most_common()), soft_wrap=True)
