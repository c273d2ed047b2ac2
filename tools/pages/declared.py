"""A recorded plan as the pages read it: resources, who refers to whom, and the account and region of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from policies.environment import Environment
from policies.resources import Resource, Stack
from sandbox.plan.record import Plan

PROVIDER: Final = "pulumi:providers:aws"
_T = TypeVar("_T")


class UnexpectedPlanError(ValueError):
    """The plan does not have the shape that a page shows; the page would say something untrue."""


@dataclass(frozen=True)
class Place:
    """Where a resource lies."""

    account: str
    region: str


@dataclass(frozen=True)
class Declared:
    """A plan's resources by type and by reference; every property is known, for plans give their own ids."""

    plan: Plan

    @cached_property
    def stack(self) -> Stack:
        """What refers to what."""
        resources = [
            Resource(each.urn, each.type, each.name, each.inputs, each.protect, each.property_dependencies)
            for each in self.plan.resources
        ]
        return Stack(Environment.of(self.plan.stack), tuple(resources))

    def the(self, type_: str) -> Resource:
        """The only resource of a type. Raises `UnexpectedPlanError` where there is none or another."""
        return the_only(self.stack.of_type(type_), type_)

    def place(self, resource: Resource) -> Place:
        """The account and region of a resource, from its provider; some resources name a region of their own."""
        account, region = self._providers[self._provider_of[resource.urn]]
        return Place(account, str(resource.get("region") or region))

    @cached_property
    def _provider_of(self) -> dict[str, str]:
        return {each.urn: each.provider.rpartition("::")[0] for each in self.plan.resources}

    @cached_property
    def _providers(self) -> dict[str, tuple[str, str]]:
        found = {}
        for each in self.plan.of_type(PROVIDER):
            account = the_only(tuple(json.loads(each.inputs["allowedAccountIds"])), f"account of {each.name}")
            found[each.urn] = (account, str(each.inputs["region"]))
        return found


def the_only(found: tuple[_T, ...], what: str) -> _T:
    """The one element. Raises `UnexpectedPlanError` where there is none, or more."""
    if len(found) != 1:
        raise UnexpectedPlanError(f"the page shows one {what}; the plan has {len(found)}")
    return found[0]
