"""The network's settings: zones, addresses, and the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator

from infra.cidr import KUBERNETES_SERVICES, LONGEST_VPC_PREFIX, SHORTEST_VPC_PREFIX, ZONE_LETTERS
from infra.settings.base import Defaults, Environment, StackIdentity

RECORD_ZONES: Final = 3
_MOST_ZONES: Final = 6
_PRIVATE: Final = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


class Nat(StrEnum):
    """How private subnets reach out: a gateway a zone survives the loss of a zone, a single one is cheaper."""

    PER_ZONE = "per-zone"
    SINGLE = "single"


def _vpc_cidr(value: object) -> object:
    """A private IPv4 network large enough for the plan of `infra.cidr`."""
    try:
        network = value if isinstance(value, IPv4Network) else IPv4Network(str(value))
    except ValueError as error:
        raise ValueError(f"a CIDR such as 10.0.0.0/16 is wanted ({error})") from None
    if network.prefixlen > LONGEST_VPC_PREFIX:
        raise ValueError(
            f"/{network.prefixlen} is too small: eight zones with their pods need at least /{LONGEST_VPC_PREFIX}"
        )
    if network.prefixlen < SHORTEST_VPC_PREFIX:
        raise ValueError(f"/{network.prefixlen} is larger than AWS allows, which is /{SHORTEST_VPC_PREFIX}")
    if not any(network.subnet_of(each) for each in _PRIVATE):
        raise ValueError("the addresses are not private; take them from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if network.overlaps(KUBERNETES_SERVICES):
        raise ValueError(f"the addresses overlap {KUBERNETES_SERVICES}, in which Kubernetes has its services")
    return network


class NetworkSettings(StackIdentity):
    """Where the stack lies. The zones are the region's first three where none are given."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {"nat": Nat.SINGLE}
    by_environment: ClassVar[Defaults] = {Environment.LOCAL: {"nat": Nat.SINGLE}}

    availability_zones: tuple[str, ...] = ()
    vpc_cidr: Annotated[IPv4Network, BeforeValidator(_vpc_cidr)] = IPv4Network("10.0.0.0/16")
    nat: Nat = Nat.PER_ZONE

    def findings(self) -> Iterator[str]:
        """Zones lie in the region, are distinct, have a slot in the CIDR plan, and are three for records."""
        zones = self.availability_zones
        for zone in zones:
            if zone[:-1] != self.region or zone[-1:] not in ZONE_LETTERS:
                yield (
                    f"valletta:availability_zones has {zone!r}, which is not a zone of {self.region}; "
                    f"zones are named {self.region}a to {self.region}{ZONE_LETTERS[-1]}"
                )
        for zone in sorted({each for each in zones if zones.count(each) > 1}):
            yield f"valletta:availability_zones names {zone!r} more than once"
        if not 2 <= len(zones) <= _MOST_ZONES:
            yield f"valletta:availability_zones has {len(zones)} zones; between 2 and {_MOST_ZONES} are wanted"
        if self.keeps_records and len(zones) < RECORD_ZONES:
            yield f"valletta:availability_zones has {len(zones)}; {self.environment} needs {RECORD_ZONES} (BCP-1)"
