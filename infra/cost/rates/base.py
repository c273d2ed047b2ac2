"""What a rate is: a function from a resource's inputs, the prices and the usage to positions of the bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.cost.prices import Prices
from infra.cost.usage import Usage

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One position of a bill: `quantity` of something, in US dollars a month."""

    what: str
    quantity: float
    usd: float


@dataclass(frozen=True)
class Context:
    """What a rate may know beside the resource's own inputs."""

    prices: Prices
    usage: Usage
    count: Mapping[str, int]
    """How many resources of each type the stack has: usage is shared among them."""
    disk_gib: float
    """The disk of a node, which its launch template gives."""
    database_vcpu: int
    """The processors of the database, by which its proxy is priced."""

    def units(self, what: str, key: str, quantity: float) -> Line:
        """`quantity` units of the table's `key`."""
        return Line(what, quantity, quantity * self.prices.unit(key))

    def share(self, type_: str) -> float:
        """One resource's part of what all of its type use."""
        return 1 / max(1, self.count.get(type_, 1))


Rate = Callable[[Inputs, Context], Iterator[Line]]
RATES: dict[str, Rate] = {}


def rate(type_: str) -> Callable[[Rate], Rate]:
    """Register the rate of a type."""

    def register(function: Rate) -> Rate:
        RATES[type_] = function
        return function

    return register


def monthly(type_: str, what: str, key: str) -> None:
    """A type that costs one unit a month, whatever it is used for."""
    RATES[type_] = lambda _, context: iter([context.units(what, key, 1)])
