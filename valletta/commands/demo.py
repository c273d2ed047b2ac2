"""`valletta demo`: see the whole exchange at work."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

_NOT_CONSERVED = 5  # integrity


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print what happened as JSON, and nothing else.")] = False,
) -> None:
    """Play an evening of betting on the running exchange. Exit code 5: money is not conserved.

    Two people sign up and pay in, an operator opens a market, their bots bet against each other until matched, the
    market is settled, both take their money home, and the books are compared.
    """
    from sandbox.state import load_state  # noqa: PLC0415 (these: only now is their import worth its time)

    state = load_state()
    from rich.console import Console  # noqa: PLC0415

    from valletta.demonstration.story import perform  # noqa: PLC0415
    from valletta.screens.demo import show  # noqa: PLC0415

    console = Console(highlight=False)

    def tell(words: str) -> None:
        if not as_json:
            console.print(words)

    password = state.operator_secret.read_text().strip()
    report = perform(state.gateway_url, state.operator_name, password, tell)
    if as_json:
        sys.stdout.write(report.model_dump_json(indent=2) + "\n")
    else:
        show(report, console)
    if not report.conserved:
        raise typer.Exit(_NOT_CONSERVED)
