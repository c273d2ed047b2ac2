"""The register of components: `docs/compliance/register.toml`, read and refused whole where it is not sound.

What runs is compared with it by the image that a component runs, or by the type and name of what AWS runs for it; one
that neither shows says why. A change is classified by it through `runs`, which names what of the program a component
consists of: a type of resource (`aws:msk/cluster:Cluster`), or one of that type by its name in the program
(`aws:s3/bucket:Bucket/archive-*`), or a Kubernetes object by kind and name (`kubernetes:StatefulSet/matching`), where
the name may be the object's own or that of the application that it belongs to. A name may hold wildcards.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from policies.values import read

FILE: Final = Path(__file__).parent.parent.parent / "docs" / "compliance" / "register.toml"
APPLICATION_LABEL: Final = "app.kubernetes.io/name"
_WORDS: Final = ("name", "purpose", "classification", "owner", "version", "runs")
_ESSENTIAL: Final = "essential"
_CLASSES: Final = frozenset({_ESSENTIAL, "supporting"})
_TYPE: Final = re.compile(r"^(?P<type>kubernetes:\w+|[\w.-]+:[\w./-]+:\w+)(?:/(?P<name>[^/]+))?$")


class RegisterError(ValueError):
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
    runs: tuple[str, ...]
    """What of the program it consists of."""
    image: str = ""
    """The repository of its image."""
    resource: str = ""
    """Pulumi's type of what AWS runs for it."""
    called: str = ""
    """A pattern of that resource's name, `*` for any text."""
    unseen: str = ""
    """Why no run over this account can see it."""

    @property
    def essential(self) -> bool:
        """Does a change of it need the regulator's approval first?"""
        return self.classification == _ESSENTIAL

    def holds(self, resource: Mapping[str, Any]) -> bool:
        """Does it consist of this resource of a recorded plan, among others?"""
        return any(_matches(entry, resource) for entry in self.runs)

    def is_resource(self, type_: str, name: str) -> bool:
        """Is this resource of an account the component?"""
        return self.resource == type_ and fnmatchcase(name, self.called)


@dataclass(frozen=True, slots=True)
class Register:
    """Every component that the licensee has registered."""

    components: tuple[Component, ...]

    @classmethod
    def read(cls, file: Path) -> Self:
        """The register in a TOML file.

        Raises:
            RegisterError: the file is not there or no TOML; a component lacks a word, or is not found in one way; or
                none is essential.
        """
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RegisterError(f"{file} cannot be read: {error}") from error
        entries = document.get("components")
        if not isinstance(entries, list) or not entries:
            raise RegisterError(f"{file} registers nothing")
        components = tuple(_component(entry) for entry in entries)
        names = [component.name for component in components]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise RegisterError(f"the register holds twice: {', '.join(twice)}")
        if not any(component.essential for component in components):
            raise RegisterError(f"{file} registers no essential component, so by it no change would need an approval")
        return cls(components)

    @property
    def essential(self) -> tuple[Component, ...]:
        """The components whose change the regulator approves beforehand."""
        return tuple(component for component in self.components if component.essential)

    def of(self, resource: Mapping[str, Any]) -> Component | None:
        """The component that runs as this resource; an essential one before any other, None where it is in none."""
        found = sorted((each for each in self.components if each.holds(resource)), key=lambda each: not each.essential)
        return found[0] if found else None


@cache
def register() -> Register:
    """The register of this clone."""
    return Register.read(FILE)


def _component(entry: Any) -> Component:  # noqa: ANN401 (whatever stands in the file)
    if not isinstance(entry, dict):
        raise RegisterError(f"a component is {entry!r}, which is no table")
    name = entry.get("name") or "a component without a name"
    if missing := [word for word in _WORDS if not entry.get(word)]:
        raise RegisterError(f"{name} lacks {', '.join(missing)}")
    try:
        component = Component(**{**entry, "runs": tuple(entry["runs"])})
    except TypeError as error:
        raise RegisterError(f"{name}: {error}") from error
    if component.classification not in _CLASSES:
        raise RegisterError(f"{name} is {component.classification}, where {' or '.join(sorted(_CLASSES))} is known")
    if sum(map(bool, (component.image, component.resource, component.unseen))) != 1:
        raise RegisterError(f"{name} is found by its image, or by its resource, or says why it is unseen: one of them")
    if bool(component.resource) != bool(component.called):
        raise RegisterError(f"{name}: a resource is found by its type and by what it is called")
    for each in component.runs:
        if not _TYPE.match(str(each)):
            raise RegisterError(f"{name} runs as {each!r}, which is no type of resource")
    return component


def _matches(entry: str, resource: Mapping[str, Any]) -> bool:
    parsed = _TYPE.match(entry)
    if parsed is None or not _is_of_type(parsed["type"], resource["type"]):
        return False
    return parsed["name"] is None or any(fnmatchcase(name, parsed["name"]) for name in _names(resource))


def _is_of_type(wanted: str, type_: str) -> bool:
    """`kubernetes:Deployment` stands for that kind in any version of its API."""
    package, _, rest = wanted.partition(":")
    if package == "kubernetes" and ":" not in rest:
        return type_.startswith("kubernetes:") and type_.rpartition(":")[2] == rest
    return type_ == wanted


def _names(resource: Mapping[str, Any]) -> set[str]:
    metadata = read(resource["inputs"], "metadata", {})
    labels = read(metadata, "labels", {})
    return {resource["name"], *(str(each) for each in (metadata.get("name"), labels.get(APPLICATION_LABEL)) if each)}
