"""Finds the Go that builds the control plane."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from sandbox.errors import SandboxError

MINIMUM_GO = (1, 25)
"""The language version of tools/go.mod."""


class GoMissingError(SandboxError):
    """There is no Go here that can build the control plane."""


def find_go() -> Path:
    """The `go` on the PATH.

    Raises:
        GoMissingError: There is none, it does not answer, or it is too old.
    """
    found = shutil.which("go")
    wanted = ".".join(map(str, MINIMUM_GO))
    hint = f"install Go {wanted} or newer"
    if found is None:
        raise GoMissingError("Go is not installed", hint=hint)
    answer = subprocess.run([found, "version"], capture_output=True, text=True, timeout=60, check=False)
    version = parse_go_version(answer.stdout)
    if version is None:
        raise GoMissingError(f"{found} did not say its version (exit {answer.returncode})", hint=hint)
    if version < MINIMUM_GO:
        raise GoMissingError(f"{found} is Go {version[0]}.{version[1]}; Go {wanted} or newer is needed", hint=hint)
    return Path(found)


def parse_go_version(text: str) -> tuple[int, int] | None:
    """Reads major and minor out of what `go version` prints: (1, 24) of "go version go1.24.3 linux/amd64"."""
    found = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None
