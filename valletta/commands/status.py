"""`valletta status` and `valletta logs`: what runs, and whether it is well."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sandbox import paths
from sandbox.errors import SandboxError

_NOT_WELL = 4  # incomplete: something that should run does not
_NOT_CONSERVED = 5  # integrity


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what runs and whether it is well. Exit code 0: all is; 4: something is down; 5: money is not conserved."""
    from rich.console import Console  # noqa: PLC0415 (these: only now is their import worth its time)

    from sandbox.state import load_state  # noqa: PLC0415

    state = load_state()
    from sandbox.health import examine  # noqa: PLC0415
    from valletta.screens.health import show  # noqa: PLC0415

    health = examine(state, paths.home())
    if as_json:
        sys.stdout.write(health.model_dump_json(indent=2) + "\n")
    else:
        show(health, Console())
    if health.shard is not None and not health.shard.conserved:
        raise typer.Exit(_NOT_CONSERVED)
    if not health.well:
        raise typer.Exit(_NOT_WELL)


def logs(
    service: Annotated[str, typer.Argument(help="One of those that `valletta status` names.")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is written; ctrl-C ends it.")] = False,
) -> None:
    """Show the end of a service's log."""

    folder = paths.home() / "logs"
    log = folder / f"{service}.log"
    known = sorted(path.stem for path in folder.glob("*.log"))
    if service not in known:
        raise SandboxError(
            f"there is no log of {service!r}", hint=f"there are: {', '.join(known) or 'none yet'}", exit_code=2
        )
    sys.stdout.flush()
    # -F goes on with the next file when the log is rotated
    os.execvp("tail", ["tail", "-n", str(lines), *(["-F"] if follow else []), str(log)])  # noqa: S606, S607
