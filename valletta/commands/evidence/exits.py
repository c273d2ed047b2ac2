"""How the evidence commands end."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit status. An incomplete collection outranks findings: what was not seen may be worse."""

    CLEAN = 0
    INTERNAL = 1
    USAGE = 2
    FINDINGS = 3
    INCOMPLETE = 4
    INTEGRITY = 5
