"""The address plan of a VPC: every zone and every tier has its own fixed place.

The VPC is cut into eight zone slots by the letter of the zone, and each slot into halves again and again:

    slot of a zone, 1/8    | private 1/2        | data 1/4 | public 1/8 | free 1/8 |

So a zone or a tier that is added takes addresses which nobody had, and none that is there moves. (With addresses dealt
out in order, the third zone takes what the second tier had, and AWS replaces every subnet behind it.)
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Final

ZONE_LETTERS: Final = "abcdefgh"
SHORTEST_VPC_PREFIX: Final = 16
"""AWS makes no VPC larger than /16."""
LONGEST_VPC_PREFIX: Final = 20
"""With /20 the private subnet of a zone is a /24: 251 addresses for nodes and pods, the least that is of use."""

KUBERNETES_SERVICES: Final = IPv4Network("172.20.0.0/16")
"""The addresses of Kubernetes services, one of the two ranges that EKS takes by itself; never changed on a cluster."""
API_SERVER: Final = KUBERNETES_SERVICES[1]
"""Where pods find the API server: the service `kubernetes` has the first address."""

_ZONE_BITS: Final = 3


class Tier(StrEnum):
    """What a subnet is for: public holds NAT and load balancers, private the nodes, data has no route out at all."""

    PRIVATE = "private"
    DATA = "data"
    PUBLIC = "public"


_PLACES: Final[dict[Tier, tuple[int, int]]] = {Tier.PRIVATE: (1, 0), Tier.DATA: (2, 2), Tier.PUBLIC: (3, 6)}
"""For each tier: how many bits it takes from the zone's slot, and its number among the blocks of that size."""


def subnet(vpc: IPv4Network, zone: str, tier: Tier) -> IPv4Network:
    """The network of one tier in one zone, such as (10.0.0.0/16, eu-west-1b, private) -> 10.0.32.0/20.

    It depends on nothing else: not on which other zones or tiers there are. `zone` must end in a letter of
    `ZONE_LETTERS`; the VPC must be between `/16` and `/20`.
    """
    if not SHORTEST_VPC_PREFIX <= vpc.prefixlen <= LONGEST_VPC_PREFIX:
        raise ValueError(f"{vpc} must be between /{SHORTEST_VPC_PREFIX} and /{LONGEST_VPC_PREFIX}")
    if not zone or zone[-1] not in ZONE_LETTERS:
        raise ValueError(f"the zone {zone!r} must end in one of {ZONE_LETTERS}")
    slot = _nth(vpc, _ZONE_BITS, ZONE_LETTERS.index(zone[-1]))
    bits, number = _PLACES[tier]
    return _nth(slot, bits, number)


def _nth(network: IPv4Network, bits: int, number: int) -> IPv4Network:
    """The block of that number among the equal blocks which `bits` more bits of prefix cut `network` into."""
    prefix = network.prefixlen + bits
    size = 1 << (network.max_prefixlen - prefix)
    return IPv4Network((int(network.network_address) + number * size, prefix))
