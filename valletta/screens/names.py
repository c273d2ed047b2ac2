"""Names of files and commands as they can be typed from here."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def short(path: Path) -> str:
    """A path, relative to where we are when that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)


def command() -> str:
    """`valletta`, as it can be typed here: by its name when it is on the PATH."""
    called = Path(sys.argv[0])
    on_path = any((Path(folder) / "valletta") == called for folder in os.get_exec_path())
    return "valletta" if on_path else short(called)
