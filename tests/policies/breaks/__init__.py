"""One way at least to break what each detective check proves, from one file a family of controls."""

from __future__ import annotations

from tests.policies.breaks import (
    change,
    cluster,
    continuity,
    cryptography,
    identity,
    location,
    logging,
    network,
    regulator,
    vulnerability,
)
from tests.policies.breaks.breaking import Break

_FAMILIES = (change, cluster, continuity, cryptography, identity, location, logging, network, regulator, vulnerability)

BREAKS: list[Break] = [each for family in _FAMILIES for each in family.BREAKS]
"""Every check of the catalogue but those in `ELSEWHERE`."""

ELSEWHERE: set[str] = {name for family in _FAMILIES for name in family.ELSEWHERE}
"""Checks on what moto does not hold; they are broken on answers of AWS's shape in tests of their own."""

__all__ = ["BREAKS", "ELSEWHERE", "Break"]
