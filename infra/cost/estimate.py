"""The month's estimate of a stack: every position by component, and what could not be priced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from infra.cost.prices import Prices, UnpricedError, processors
from infra.cost.rates import FREE, RATES, Context, Line
from infra.cost.usage import Usage

COMPONENT_TAG: Final = "valletta:component"
_DISK_GIB: Final = 20.0
_DATABASE: Final = "aws:rds/instance:Instance"
_LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


class Planned(Protocol):
    """A resource of a plan, as far as its price needs it."""

    @property
    def type(self) -> str:
        """Its type token, such as `aws:kms/key:Key`."""

    @property
    def name(self) -> str:
        """Its name in the program, which begins with its component's."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs, in camel case."""


@dataclass(frozen=True)
class Position:
    """A line of the bill, with the component that it is for."""

    component: str
    line: Line


@dataclass(frozen=True)
class Estimate:
    """What a stack costs in a month, in US dollars. `unpriced` are types that may cost and have no rate."""

    region: str
    read: str
    positions: tuple[Position, ...]
    unpriced: Mapping[str, str]
    """Type or name -> why it has no price."""

    @property
    def month(self) -> float:
        """The whole."""
        return sum(each.line.usd for each in self.positions)

    def by_component(self) -> dict[str, float]:
        """Component -> US dollars, the dearest first."""
        sums: Counter[str] = Counter()
        for each in self.positions:
            sums[each.component] += each.line.usd  # type: ignore[assignment]  # a Counter adds any number
        return dict(sums.most_common())


def estimate(resources: Iterable[Planned], region: str, usage: Usage) -> Estimate:
    """Price every AWS resource of a plan.

    A type that is neither priced nor declared free is named in `unpriced`, never counted as nothing.
    Raises UnpricedError for a region that the table does not have.
    """
    aws = [each for each in resources if each.type.startswith("aws:")]
    context = Context(
        prices=Prices.of(region),
        usage=usage,
        count=Counter(each.type for each in aws),
        disk_gib=_disk(aws),
        database_vcpu=_database_vcpu(aws),
    )
    positions, unpriced = [], {}
    for each in aws:
        if each.type in FREE:
            continue
        if each.type not in RATES:
            unpriced[each.type] = "no rate in infra/cost/rates.py, and not declared free"
            continue
        try:
            lines = list(RATES[each.type](each.inputs, context))
        except UnpricedError as error:
            unpriced[each.name] = str(error)
            continue
        positions += [Position(_component(each), line) for line in lines]
    return Estimate(region, context.prices.read, tuple(positions), unpriced)


def _component(resource: Planned) -> str:
    """By the tag that the bill shows too; what cannot be tagged is named like its component."""
    tags = resource.inputs.get("tags") or {}
    return str(tags.get(COMPONENT_TAG) or resource.name.partition("-")[0])


def _disk(resources: Iterable[Planned]) -> float:
    for each in resources:
        if each.type == _LAUNCH_TEMPLATE:
            for mapping in each.inputs.get("blockDeviceMappings") or ():
                return float(mapping["ebs"]["volumeSize"])
    return _DISK_GIB


def _database_vcpu(resources: Iterable[Planned]) -> int:
    classes = [each.inputs.get("instanceClass") for each in resources if each.type == _DATABASE]
    return max((processors(each) for each in classes if each), default=0)
