"""Where things lie in a clone: the sources, the running state, and what was fetched."""

from __future__ import annotations

import os
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """The state folder of this clone's running exchange: `.valletta`, or what VALLETTA_HOME names."""
    named = os.environ.get("VALLETTA_HOME")
    return Path(named).expanduser().resolve() if named else CLONE / ".valletta"


def cache() -> Path:
    """The folder of what was fetched and can be fetched again: `.cache`, or what VALLETTA_CACHE names."""
    named = os.environ.get("VALLETTA_CACHE")
    return Path(named).expanduser().resolve() if named else CLONE / ".cache"
