"""Writing files that others rely on: all at once, and secrets for their owner only."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Writes `text` to `path` so that a reader, or a crash at any moment, finds the old content or the new, whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_secret(path: Path) -> None:
    """Writes a new random password to `path`, readable by its owner only, unless there is one."""
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(24), mode=0o600)
