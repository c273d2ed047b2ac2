"""The clauses that controls refer to, as data: one TOML file a framework, with the source of each clause's wording.

A mapping here is ours. It says which clause a control answers to, never that anybody is certified or compliant; who has
to confirm the mapping stands in each file.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Source(StrEnum):
    """Where a clause's wording came from."""

    PRIMARY = "P"
    """The regulator's or the law's own wording was seen, or quoted word for word elsewhere."""
    SECONDARY = "S"
    """A third party's summary."""
    UNVERIFIED = "K"
    """General knowledge: to be confirmed against the text before anybody relies on it."""


class FrameworkClause(BaseModel):
    """One clause: its number as text, what it asks (in our words), and where that came from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clause: str = Field(min_length=1, strict=True)
    asks: str = Field(min_length=1)
    source: Source
    note: str = ""


class Framework(BaseModel):
    """One framework in one version, and the clauses of it that controls refer to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    version: str = Field(strict=True)
    publisher: str
    confirmed_by: str = Field(min_length=1)
    clauses: tuple[FrameworkClause, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_clause_twice(self) -> Framework:
        numbers = [clause.clause for clause in self.clauses]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"{self.id} {self.version} holds twice: {', '.join(twice)}")
        return self

    def find(self, clause: str) -> FrameworkClause | None:
        """The clause of this number, compared as text."""
        return next((known for known in self.clauses if known.clause == clause), None)


@cache
def frameworks() -> dict[tuple[str, str], Framework]:
    """Every framework by (id, version), read from the TOML files beside this one.

    Raises:
        pydantic.ValidationError: a file does not have the shape of a framework.
        ValueError: two files hold the same framework in the same version.
    """
    found: dict[tuple[str, str], Framework] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        framework = Framework.model_validate(content)
        key = (framework.id, framework.version)
        if key in found:
            raise ValueError(f"{file.name}: {framework.id} {framework.version} is already read from another file")
        found[key] = framework
    return found
