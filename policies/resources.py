"""What a preventive rule sees: one resource of a plan, and the stack around it.

The same two classes are filled from the arguments of a CrossGuard policy (`policies.pack.crossguard`) and from a
recorded plan (`policies.pack.analysis`), so that a rule is written once. Properties are wrapped as `pulumi_policy`
wraps them: reading a value that is not known yet raises `UnknownValueError` with its path, and never looks like an
absent one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from policies.environment import EXPIRY_TAG, Environment
from policies.values import Value, is_sequence, read

__all__ = ["Resource", "Stack", "UnknownValueError"]


@dataclass(frozen=True)
class Resource:
    """One resource: its properties in camel case as the provider receives them, and whom each of them refers to."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    protect: bool = False
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each property on the first level, the URNs of the resources that its value comes from."""

    def get(self, path: str, default: Value = None) -> Value:
        """The value at a dotted path, or the cloud's default where the program leaves it out. See `read`."""
        return read(self.properties, path, default)

    def items(self, path: str) -> Iterator[Any]:
        """The elements of the list at a dotted path; none where it is absent. Unknown elements raise."""
        value = self.get(path, ())
        if not is_sequence(value):
            raise TypeError(f"{self.urn}: {path} is no list")
        yield from value


@dataclass(frozen=True)
class Stack:
    """Everything that one stack declares. For a rule on single resources `resources` may be empty."""

    environment: Environment
    resources: tuple[Resource, ...] = ()

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _referrers(self) -> Mapping[tuple[str, str, str], tuple[Resource, ...]]:
        """(type, property, URN referred to) -> the resources that refer."""
        found: dict[tuple[str, str, str], list[Resource]] = {}
        for resource in self.resources:
            for name, urns in resource.references.items():
                for urn in urns:
                    found.setdefault((resource.type, name, urn), []).append(resource)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def ephemeral(self) -> bool:
        """Is the stack a copy for a while? Then all that can be tagged says when it ends; production never is one."""
        tags = [resource.properties["tags"] for resource in self.resources if "tags" in resource.properties]
        dated = bool(tags) and all(EXPIRY_TAG in each for each in tags)
        return dated and self.environment is not Environment.PRODUCTION

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources of these types."""
        return tuple(resource for resource in self.resources if resource.type in types)

    def referred(self, resource: Resource, name: str, *types: str) -> tuple[Resource, ...]:
        """The resources (of these types) from which a property of `resource` takes its value."""
        targets = (self._by_urn.get(urn) for urn in resource.references.get(name, ()))
        return tuple(target for target in targets if target is not None and (not types or target.type in types))

    def referring(self, target: Resource, type_: str, name: str) -> tuple[Resource, ...]:
        """The resources of a type whose property `name` takes its value from `target`: its sidecars."""
        return self._referrers.get((type_, name, target.urn), ())

    def refers_to(self, resource: Resource, name: str, *types: str) -> bool:
        """Does this property take its value from a resource of one of these types in this stack?"""
        return bool(self.referred(resource, name, *types))


def environment_of(urns: Iterable[str]) -> Environment:
    """A stack's environment, from the stack's name in its URNs; whatever is not known counts as production."""
    names = {urn.removeprefix("urn:pulumi:").partition("::")[0] for urn in urns}
    return Environment.of(names.pop()) if len(names) == 1 else Environment.PRODUCTION
