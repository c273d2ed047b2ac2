"""`valletta evidence key`: a key that signs evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sandbox.errors import SandboxError
from valletta.commands.evidence.exits import Exit


def key_command(file: Annotated[Path, typer.Argument(help="Where the private key goes, such as auditor.pem.")]) -> None:
    """Make an Ed25519 key that signs evidence: the private one, and the public one beside it (.pub).

    A production account signs with a key that nobody can copy: `collect --sign awskms:alias/evidence`.
    """
    from policies.evidence.signing import SigningError, new_key  # noqa: PLC0415 (its import takes its time)

    try:
        public = new_key(file)
    except (SigningError, OSError) as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
    screen = Console(markup=False)
    screen.print(f"{file} signs: keep it to yourself", soft_wrap=True)
    screen.print(f"{public} verifies: give it to your auditor, by another way than the evidence", soft_wrap=True)
