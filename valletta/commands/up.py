"""`valletta up`: stand up the whole exchange of this clone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sandbox.errors import SandboxError
from sandbox.wishes import JournalKind, Wishes
from valletta.errors import INTERRUPTED
from valletta.screens.names import command


def up(
    journal: Annotated[
        JournalKind | None,
        typer.Option(help="Where commands are logged. Default: as before, else kafka where there is Java 17+."),
    ] = None,
    no_install: Annotated[
        bool, typer.Option("--no-install", help="Do not try to install the Pulumi CLI where there is none.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what stands as JSON; progress on standard error.")
    ] = False,
) -> None:
    """Stand up the whole exchange on this machine. Safe to repeat: what is there is kept."""
    from rich.console import Console  # noqa: PLC0415 (these: only now is their import worth its time)

    from sandbox.steps import Steps  # noqa: PLC0415
    from sandbox.up import bring_up  # noqa: PLC0415
    from valletta.screens.report import show  # noqa: PLC0415

    try:
        with Steps(Console(stderr=as_json)) as steps:
            report = bring_up(Wishes(journal, install=not no_install), steps)
    except KeyboardInterrupt:
        raise SandboxError(
            "interrupted; what was started keeps running",
            hint=f"go on: {command()} up; stop it: {command()} down",
            exit_code=INTERRUPTED,
        ) from None
    if as_json:
        sys.stdout.write(report.model_dump_json(indent=2) + "\n")
    else:
        show(report, Console())
