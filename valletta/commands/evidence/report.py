"""`valletta evidence report`: a run as a page for people, or as a file for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report_command(
    path: Annotated[Path, typer.Argument(help="A bundle's folder, or a file that `collect --json` wrote.")],
    *,
    format_: Annotated[
        list[str] | None,
        typer.Option("--format", help="html, csv, sarif, ocsf or oscal; may be given several times. [default: html]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to: a file, or a folder for oscal or several formats; without it beside the evidence."
        ),
    ] = None,
) -> None:
    """Tell a run as a page for people or as a file for other tools. Evidence that was changed is refused.

    Exit status: 0 written, 2 usage, 5 the evidence was changed.
    """
    from valletta.reporting import write_reports  # noqa: PLC0415 (its import takes its time)

    for written in write_reports(path, format_ or ["html"], out):
        typer.echo(written)
