"""Which addresses a copy takes: a block of its own out of a pool, beside every other stack's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from ipaddress import IPv4Network
from typing import Final

POOL: Final = IPv4Network("10.128.0.0/9")
"""Copies lie in the upper half of 10.0.0.0/8; stacks that stay should lie in the lower."""
BLOCK_PREFIX: Final = 20
"""The smallest network that a stack can have (`infra.cidr`): the pool holds 2 048 of them."""


def blocks(name: str, taken: Collection[IPv4Network]) -> Iterator[IPv4Network]:
    """The blocks that a copy may claim, beginning at a place that follows from its name, none of them `taken`.

    Two copies that are spawned at once begin at different places, so that they seldom claim the same block; when they
    do, both see the other's claim and go on to their next.
    """
    count = 1 << (BLOCK_PREFIX - POOL.prefixlen)
    size = 1 << (POOL.max_prefixlen - BLOCK_PREFIX)
    digest = hashlib.sha256(name.encode()).digest()
    start = int.from_bytes(digest[:4], "big") % count
    # An odd step visits every block of a power of two once, each name in an order of its own.
    step = int.from_bytes(digest[4:8], "big") % count | 1
    for number in range(count):
        at = int(POOL.network_address) + (start + number * step) % count * size
        block = IPv4Network((at, BLOCK_PREFIX))
        if not any(block.overlaps(other) for other in taken):
            yield block
