"""The `valletta` command.

A command's module is light: what its work needs is imported when it runs, so that `valletta --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from sandbox.errors import SandboxError
from valletta import errors
from valletta.commands import core, evidence, policy, stack
from valletta.commands.account import account
from valletta.commands.cost import cost
from valletta.commands.demo import demo
from valletta.commands.down import down
from valletta.commands.plan import plan
from valletta.commands.status import logs, status
from valletta.commands.up import up

app = typer.Typer(
    name="valletta",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a local may be a secret
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 clean, 1 internal, 2 usage, 3 findings, 4 incomplete, 5 integrity.",
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"valletta {version('valletta')}")
        raise typer.Exit


@app.callback()
def valletta(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A regulator-approved betting exchange in the cloud, and the whole of it on a laptop."""


app.command()(up)
app.command()(demo)
app.command()(status)
app.command()(logs)
app.command()(account)
app.command()(down)
app.command()(plan)
app.command()(cost)
app.add_typer(stack.app, name="stack")
app.add_typer(policy.app, name="policy")
app.add_typer(evidence.app, name="evidence")
app.add_typer(core.app, name="core")


def main() -> None:
    """Runs the command; an error is one clear line and the way out; with VALLETTA_TRACEBACK a traceback."""
    try:
        app()
    except SandboxError as error:
        sys.exit(errors.show(error))
    except Exception as error:
        if os.environ.get("VALLETTA_TRACEBACK"):
            raise
        sys.exit(errors.show(errors.unexpected(error)))
