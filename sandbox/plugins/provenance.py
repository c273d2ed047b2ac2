"""What made the account that is there: kept beside it, so that two ways of provisioning never mix in one account.

The engine knows what it made from its own state, and provisioning in process knows it from the plan's hash. An account
made in one way is a stranger's to the other, which must begin a fresh one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

FILE = "provisioned.json"


@dataclass(frozen=True)
class Provenance:
    """The last run that provisioned the account.

    `born` names the account's life (a reset begins another). `complete` is false from before the first change until
    after the last, so that a run that was cut short leaves its trace. `digest` is the plan's hash, of a run in process.
    `cluster` names the control plane that held its Kubernetes objects, and is empty where they were declared state.
    """

    way: Literal["engine", "in-process"]
    born: str
    complete: bool
    digest: str = ""
    resources: int = 0
    outputs: Mapping[str, Any] = field(default_factory=dict)
    cluster: str = ""

    def keep(self, folder: Path) -> None:
        """Write it into the account's folder; a crash leaves the old one or the new one, never half of one."""
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{FILE}.draft"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / FILE)


def provenance(folder: Path) -> Provenance | None:
    """What provisioned the account kept in `folder`, or None where nobody did or the note cannot be read."""
    try:
        return Provenance(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
