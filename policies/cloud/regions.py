"""Where regulated data may lie: the regions of AWS in the EU, the EEA and Zurich."""

from __future__ import annotations

import re
from typing import Final

ALLOWED: Final = frozenset(
    {"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"}
)
"""London (eu-west-2) is left out: the United Kingdom is in neither union. A test holds this to what infra/ allows."""

_REGION: Final = re.compile(r"^[a-z]{2}(?:-[a-z]+)+-[0-9]+")


def region_of_zone(zone: str) -> str:
    """The region of an availability zone (`eu-west-1a`) or of a local one (`eu-west-1-dub-1a`)."""
    found = _REGION.match(zone)
    return found.group() if found else zone
