"""The register of essential components: `docs/compliance/register.toml`, read and refused whole where it is not sound.

A component is found by the image that it runs, or by the type and name of what AWS runs for it; one that neither
shows says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent.parent / "docs" / "compliance" / "register.toml"
_WORDS: Final = ("name", "purpose", "classification", "owner", "version")
_CLASSES: Final = frozenset({"essential", "supporting"})


class RegisterError(Exception):
    """The register cannot be used; the message names the component and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of the exchange, as the regulator is told of it."""

    name: str
    purpose: str
    classification: str
    """`essential`, of which a change needs the regulator's approval first, or `supporting`."""
    owner: str
    version: str
    """Where its version is to be read."""
    image: str = ""
    """The repository of its image."""
    resource: str = ""
    """Pulumi's type of what AWS runs for it."""
    called: str = ""
    """A pattern of that resource's name, `*` for any text."""
    unseen: str = ""
    """Why no run over this account can see it."""

    def is_resource(self, type_: str, name: str) -> bool:
        """Is this resource the component?"""
        return self.resource == type_ and fnmatchcase(name, self.called)


def read_register(file: Path = FILE) -> tuple[Component, ...]:
    """Every component of a register.

    Raises:
        RegisterError: the file is not there or no TOML; or a component lacks a word, or is not found in one way.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegisterError(f"{file} cannot be read: {error}") from error
    components = tuple(_component(entry) for entry in document.get("components", ()))
    names = [component.name for component in components]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RegisterError(f"the register holds twice: {', '.join(twice)}")
    if not components:
        raise RegisterError(f"{file} registers nothing")
    return components


@cache
def register() -> tuple[Component, ...]:
    """The register of this clone."""
    return read_register()


def _component(entry: Mapping[str, Any]) -> Component:
    name = entry.get("name") or "a component without a name"
    if missing := [word for word in _WORDS if not entry.get(word)]:
        raise RegisterError(f"{name} lacks {', '.join(missing)}")
    try:
        component = Component(**entry)
    except TypeError as error:
        raise RegisterError(f"{name}: {error}") from error
    if component.classification not in _CLASSES:
        raise RegisterError(f"{name} is {component.classification}, where {' or '.join(sorted(_CLASSES))} is known")
    if sum(map(bool, (component.image, component.resource, component.unseen))) != 1:
        raise RegisterError(f"{name} is found by its image, or by its resource, or says why it is unseen: one of them")
    if bool(component.resource) != bool(component.called):
        raise RegisterError(f"{name}: a resource is found by its type and by what it is called")
    return component
