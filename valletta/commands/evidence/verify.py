"""`valletta evidence verify`: is it what was collected, and who signed it?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from sandbox.errors import SandboxError
from valletta.commands.evidence.exits import Exit


def verify_command(
    path: Annotated[Path, typer.Argument(help="A bundle's folder, or a file that `collect --json` wrote.")],
    *,
    key: Annotated[Path | None, typer.Option(help="The public key (PEM) that the bundle must be signed by.")] = None,
) -> None:
    """Check that evidence is as it was collected: its signature, every file, every raw answer, its times.

    Nothing is asked of any account. Exit status: 0 sound, 2 no evidence or no key, 5 changed or not signed by that key.
    """
    signed = _signature(path, key)
    document = sound_document(path)
    count = f"{len(document['findings'])} findings rest on {len(document['answers'])} raw answers"
    screen = Console()
    screen.print(f"{count}, all of them as they were collected")
    screen.print(signed)


def sound_document(path: Path) -> Mapping[str, Any]:
    """The evidence at a path, once nothing in it contradicts itself.

    Raises:
        SandboxError: it is no evidence, or it was changed.
    """
    from policies.evidence.store import integrity_faults, read_document  # noqa: PLC0415 (its import takes its time)

    try:
        document = read_document(path)
        faults = list(integrity_faults(document))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"{path} is no evidence: {error}", exit_code=Exit.USAGE) from error
    if faults:
        raise SandboxError(f"{path} is not as it was collected", details=faults, exit_code=Exit.INTEGRITY)
    return document


def _signature(path: Path, key: Path | None) -> str:
    from policies.evidence.signing import ENVELOPE, SignatureFaultsError, SigningError, verify  # noqa: PLC0415

    if not (path / ENVELOPE).is_file():
        if key is not None:
            raise SandboxError(f"{path} is not signed, so it is not signed by {key}", exit_code=Exit.INTEGRITY)
        return "[yellow]it is not signed: this shows that it agrees with itself, not who wrote it[/yellow]"
    try:
        key_id, _ = verify(path, key)
    except SigningError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
    except SignatureFaultsError as error:
        raise SandboxError(f"{path} is not what was signed", details=error.faults, exit_code=Exit.INTEGRITY) from error
    if key is None:
        brought = f"signed by the key {key_id[:16]}, which it brings itself"
        return f"[yellow]{brought}: give --key to say whose it must be[/yellow]"
    return f"signed by {escape(str(key))} ({key_id[:16]})"
