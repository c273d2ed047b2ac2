"""The register of components, as far as a change is classified by it: what each runs as, and whether it is essential.

An entry of `runs` is a type of resource (`aws:msk/cluster:Cluster`), or one of that type by its name in the program
(`aws:s3/bucket:Bucket/archive-*`), or a Kubernetes object by kind and name (`kubernetes:StatefulSet/matching`), where
the name may be the object's own or that of the application that it belongs to. A name may hold wildcards.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Self

from policies.values import read

APPLICATION_LABEL: Final = "app.kubernetes.io/name"
_TYPE = re.compile(r"^(?P<type>kubernetes:\w+|[\w.-]+:[\w./-]+:\w+)(?:/(?P<name>[^/]+))?$")


@dataclass(frozen=True, slots=True)
class Component:
    """One component of the register."""

    name: str
    purpose: str
    essential: bool
    owner: str
    runs: tuple[str, ...]

    def holds(self, resource: Mapping[str, Any]) -> bool:
        """Does it run as this resource of a recorded plan?"""
        return any(_matches(entry, resource) for entry in self.runs)


@dataclass(frozen=True, slots=True)
class Register:
    """Every component that the licensee has registered."""

    components: tuple[Component, ...]

    @classmethod
    def read(cls, file: Path) -> Self:
        """The register in a TOML file.

        Raises:
            ValueError: it is no register; the message says where.
        """
        try:
            entries = tomllib.loads(file.read_text(encoding="utf-8"))["components"]
            components = tuple(_component(entry) for entry in entries)
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{file} is no register of components: {error!r}") from error
        if not any(component.essential for component in components):
            raise ValueError(f"{file} registers no essential component, so by it no change would need an approval")
        return cls(components)

    @property
    def essential(self) -> tuple[Component, ...]:
        """The components whose change the regulator approves beforehand."""
        return tuple(component for component in self.components if component.essential)

    def of(self, resource: Mapping[str, Any]) -> Component | None:
        """The component that runs as this resource; an essential one before any other, None where it is in none."""
        found = sorted((each for each in self.components if each.holds(resource)), key=lambda each: not each.essential)
        return found[0] if found else None


def _component(entry: Mapping[str, Any]) -> Component:
    runs: Sequence[str] = entry["runs"]
    for each in runs:
        if not _TYPE.match(each):
            raise ValueError(f"the component {entry['name']} runs as {each!r}, which is no type of resource")
    if not isinstance(entry["essential"], bool):
        raise TypeError(f"essential of {entry['name']} is neither true nor false")
    return Component(entry["name"], entry["purpose"], entry["essential"], entry["owner"], tuple(runs))


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
