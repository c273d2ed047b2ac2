"""`valletta evidence waivers`: what is let pass today, and until when."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox.errors import SandboxError
from valletta.commands.evidence.exits import Exit

if TYPE_CHECKING:
    from policies.evidence.waivers import Waiver


def waivers_command(
    *,
    folder: Annotated[Path | None, typer.Option(help="Where the waivers are; policies/waivers by itself.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """Every waiver, and whether it is in force today.

    Exit status: 0 all are in force or still to begin, 2 a file is none, 3 one has expired.
    """
    today = datetime.now(UTC).date()
    waivers = read_waivers(folder)
    if as_json:
        sys.stdout.write(json.dumps([waiver.told(today, "") for waiver in waivers], indent=2) + "\n")
    elif waivers:
        _show(waivers, today)
    else:
        Console(markup=False).print("no waivers: every finding counts")
    raise typer.Exit(Exit.FINDINGS if any(today > waiver.expires for waiver in waivers) else Exit.CLEAN)


def read_waivers(folder: Path | None) -> tuple[Waiver, ...]:
    """The waivers of a folder, or of this repository.

    Raises:
        SandboxError: there is no such folder, or a file of it is no waiver.
    """
    from policies.evidence.waivers import FOLDER, WaiverError, load_waivers  # noqa: PLC0415 (its import takes its time)

    if folder is not None and not folder.is_dir():
        raise SandboxError(f"there is no folder {folder}", exit_code=Exit.USAGE)
    try:
        return load_waivers(folder or FOLDER)
    except WaiverError as error:
        raise SandboxError("the waivers cannot stand", details=error.faults, exit_code=Exit.USAGE) from error


def _show(waivers: tuple[Waiver, ...], today: date) -> None:
    table = Table()
    for heading in ("control", "resource", "state", "until", "approved by", "ticket", "reason"):
        table.add_column(heading, overflow="fold")
    for waiver in waivers:
        state = waiver.told(today, "")["state"]
        left = f"{waiver.expires} ({(waiver.expires - today).days} days)"
        table.add_row(waiver.control, waiver.resource, state, left, waiver.approver, waiver.ticket, waiver.reason)
    Console(markup=False).print(table)
