"""`valletta down`: stop what `up` started."""

from __future__ import annotations

from typing import Annotated

import typer

from sandbox import paths


def down(
    wipe: Annotated[bool, typer.Option("--wipe", help="Delete the account, the log and the ledger as well.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
) -> None:
    """Stop the exchange of this clone. The account, the log and the ledger are kept."""
    from sandbox.down import stop, wipe_data  # noqa: PLC0415 (only now is its import worth its time)

    home = paths.home()
    if wipe and not yes:
        typer.confirm(f"Delete everything that this exchange keeps in {home}?", abort=True)
    stopped = stop(home)
    said = "stopped" if stopped else "nothing was running here"
    if wipe:
        wipe_data(home)
        typer.echo(f"{said}; deleted what it kept in {home}")
    else:
        typer.echo(f"{said}; the account, the log and the ledger are kept" if stopped else said)
