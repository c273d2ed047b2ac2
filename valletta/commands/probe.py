"""`valletta policy test`: what each rule notices on a stack's own plan."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from policies.pack.probing import Probed

USAGE, FINDINGS = 2, 3

_COLOURS = {"refused": "green", "not evaluated": "green", "by reference": "green", "kept": "dim", "broke": "bold red"}


def test(
    *,
    stack: Annotated[str, typer.Option(help="The stack on whose plan the rules are tried.")] = "production",
    rule: Annotated[
        list[str] | None,
        typer.Option(help="Only rules whose name begins so, such as log-2; may be given several times."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Leave out, make wrong and make unknown whatever a rule reads of a stack's plan, and show what it says.

    Checks of the account are not tried here: no account is broken by a command. Exit status: 0, 2 wrong use, 3 a rule
    takes an unknown value for a good one, or breaks.
    """
    from policies.catalogue import rules  # noqa: PLC0415 (these: only now is their import worth its time)
    from policies.pack.probing import probe  # noqa: PLC0415
    from sandbox.plan.record import record_plan  # noqa: PLC0415

    chosen = [each for _, each in rules() if not rule or each.name.startswith(tuple(one.lower() for one in rule))]
    if not chosen:
        raise SandboxError(f"no rule begins with {' or '.join(rule or ())}", exit_code=USAGE)
    plan = record_plan(stack).to_json()["resources"]
    found = [probe(each, plan, stack) for each in chosen]
    if as_json:
        sys.stdout.write(json.dumps([_plain(each) for each in found], indent=2) + "\n")
    else:
        _show(found, stack)
    raise typer.Exit(FINDINGS if any(each.faults for each in found) else 0)


def _plain(probed: Probed) -> dict[str, object]:
    return {
        "rule": probed.rule.name,
        "judged": probed.judged,
        "notices": probed.notices,
        "probes": [
            {"resource": each.resource, "path": each.path, **{key: value.value for key, value in each.answers.items()}}
            for each in probed.probes
        ],
    }


def _show(found: list[Probed], stack: str) -> None:
    from policies.pack.probing import VARIANTS  # noqa: PLC0415 (as above)

    screen = Console(markup=False)
    table = Table(title=f"What the rules notice on {stack}", title_justify="left")
    for heading in ("rule", "resource", "reads", *VARIANTS):
        table.add_column(heading, overflow="fold")
    for probed in found:
        for each in probed.probes:
            cells = [each.answers.get(variant) for variant in VARIANTS]
            shown = [Text(cell.value, _COLOURS[cell.value]) if cell else Text("") for cell in cells]
            table.add_row(each.rule, each.resource, each.path or "(the whole resource)", *shown)
    screen.print(table)
    for probed in found:
        if not probed.judged:
            screen.print(Text(f"{probed.rule.name} judges nothing of {stack}", "yellow"))
        elif not probed.notices:
            screen.print(Text(f"{probed.rule.name} refuses none of these: think of a variant that it must", "yellow"))
        for each in probed.faults:
            screen.print(Text(f"{each.rule} on {each.path} of {each.resource}: unknown is kept, or it breaks", "red"))
    noticing = sum(each.notices for each in found)
    screen.print(
        f"{stack}: {noticing} of {len(found)} rules refuse at least one of {sum(len(p.probes) for p in found)}"
    )
