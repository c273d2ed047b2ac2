"""`valletta evidence verify`: is it what was collected, and who signed it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text


def verify_command(
    path: Annotated[Path, typer.Argument(help="A bundle's folder, or a file that `collect --json` wrote.")],
    *,
    key: Annotated[Path | None, typer.Option(help="The public key (PEM) that the bundle must be signed by.")] = None,
) -> None:
    """Check that evidence is as it was collected: its signature, every file, every raw answer, its times.

    Nothing is asked of any account. Exit status: 0 sound, 2 no evidence or no key, 5 changed or not signed by that key.
    """
    from valletta.soundness import sound  # noqa: PLC0415 (its import takes its time)

    found = sound(path, key)
    count = f"{len(found.content['findings'])} findings rest on {len(found.content['answers'])} raw answers"
    screen = Console(markup=False)
    screen.print(f"{count}, all of them as they were collected")
    screen.print(_signature(found.key_id, key))


def _signature(key_id: str | None, key: Path | None) -> Text:
    if key_id is None:
        return Text("it is not signed: this shows that it agrees with itself, not who wrote it", "yellow")
    if key is None:
        brought = f"signed by the key {key_id[:16]}, which it brings itself"
        return Text(f"{brought}: give --key to say whose it must be", "yellow")
    return Text(f"signed by {key} ({key_id[:16]})")
