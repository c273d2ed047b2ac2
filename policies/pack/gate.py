"""The gate before and after a deployment: fail closed. What could not be judged keeps it shut as a violation does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policies.catalogue import catalogue
from policies.model import Control, Planned
from policies.pack.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Gate:
    """What an analysis comes to, and for a release the controls whose enforcement is still to be built."""

    analysis: Analysis
    not_implemented: tuple[tuple[Control, Planned], ...] = ()

    @property
    def complete(self) -> bool:
        """Was every rule judged on every resource that it is about?"""
        return not self.analysis.not_evaluated

    @property
    def open(self) -> bool:
        """May it pass?"""
        return self.complete and not self.analysis.mandatory and not self.not_implemented

    def to_json(self) -> dict[str, Any]:
        """The gate as plain data."""
        missing = [
            {"control": control.id, "where": part.where, "what": part.what} for control, part in self.not_implemented
        ]
        return {"open": self.open, **self.analysis.to_json(), "notImplemented": missing}


def gate(analysis: Analysis, *, release: bool = False, controls: Sequence[Control] | None = None) -> Gate:
    """The gate for an analysis; `release` asks the catalogue as well."""
    asked = (controls if controls is not None else catalogue()) if release else ()
    return Gate(analysis, tuple((control, part) for control in asked for part in control.planned))
