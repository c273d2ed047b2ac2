"""`valletta evidence diff`: what changed since the last audit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.errors import SandboxError
from valletta.commands.evidence.collect import short
from valletta.commands.evidence.exits import Exit

if TYPE_CHECKING:
    from policies.evidence.comparison import Comparison

_COLOURS = {"worse": "bold red", "appeared": "", "gone": "yellow", "better": "green", "otherwise": ""}


def diff_command(
    old: Annotated[Path, typer.Argument(help="Evidence of the last audit: a bundle's folder or a file.")],
    new: Annotated[Path, typer.Argument(help="Evidence of today.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """What changed between two evidence runs. Both are verified first.

    Exit status: 0 nothing got worse, 2 no evidence, 3 something got worse, 5 one of them was changed.
    """
    from policies.evidence.comparison import compare  # noqa: PLC0415 (their import takes its time)
    from valletta.soundness import sound  # noqa: PLC0415

    try:
        comparison = compare(sound(old).content, sound(new).content)
    except ValueError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
    if as_json:
        sys.stdout.write(json.dumps(comparison.to_json(), indent=2) + "\n")
    else:
        _show(comparison, Console(markup=False))
    raise typer.Exit(Exit.FINDINGS if comparison.worse else Exit.CLEAN)


def _show(comparison: Comparison, screen: Console) -> None:
    screen.print(f"from {comparison.before} to {comparison.after}")
    if comparison.catalogue_changed:
        screen.print(Text("the two were judged by different wordings of the catalogue", "yellow"))
    for told in comparison.scopes_changed:
        screen.print(Text(told, "bold red"))
    for word, controls in (("new", comparison.controls_added), ("no longer asked", comparison.controls_removed)):
        if controls:
            screen.print(f"controls {word}: {', '.join(controls)}")
    lasting = [change for change in comparison.changes if not change.fleeting]
    if fleeting := len(comparison.changes) - len(lasting):
        screen.print(f"findings that pass, of pods that came or went: {fleeting} (--json names them)")
    if not lasting:
        screen.print("no other finding changed" if fleeting else "no finding changed")
        return
    table = Table()
    for heading in ("", "control", "resource", "was", "is", "reason"):
        table.add_column(heading, overflow="fold")
    for change in lasting:
        colour = _COLOURS[change.kind.value]
        shown = (change.control, short(change.resource), change.before or "-", change.after or "-", change.reason)
        table.add_row(Text(change.kind.value, colour), *shown)
    screen.print(table)
