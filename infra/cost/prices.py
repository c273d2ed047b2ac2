"""The price table, read once: US dollars by region, with machines priced by family and size."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("prices.toml")
HOURS: Final = 730
"""Hours in a month, as AWS counts them."""

_SIZES: Final = {"nano": 1 / 16, "micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1.0, "xlarge": 2.0}


class UnpricedError(Exception):
    """The table has no such price; the message names what is missing and where it belongs."""


@dataclass(frozen=True)
class Prices:
    """The prices of one region."""

    region: str
    read: str
    """The month in which the table was written, as `2026-11`."""
    _table: Mapping[str, Any]

    @classmethod
    def of(cls, region: str) -> Prices:
        """Raises UnpricedError for a region that the table does not have."""
        table = _read()
        if region not in table["regions"]:
            raise UnpricedError(f"the price table has no region {region!r}: add its factor to {FILE.name}")
        return cls(region, table["read"], table)

    def unit(self, key: str) -> float:
        """The price of one unit, such as `nat_hour`, in US dollars."""
        if key not in self._table["unit"]:
            raise UnpricedError(f"the price table has no unit {key!r}: add it to {FILE.name}")
        return float(self._table["unit"][key]["usd"]) * self._factor

    def hour(self, machine: str) -> float:
        """An hour of a machine, such as `db.r7g.xlarge` or `ec2.m7i.large`, in US dollars."""
        family, _, size = machine.rpartition(".")
        entry = self._table["large_hour"].get(family)
        if entry is None:
            raise UnpricedError(f"the price table has no machine {machine!r}: add its family {family!r} to {FILE.name}")
        return float(entry["usd"]) * larges(size) * self._factor

    @property
    def _factor(self) -> float:
        return float(self._table["regions"][self.region])


def larges(size: str) -> float:
    """A size as a multiple of `large`: `small` is a quarter, `xlarge` two, `4xlarge` eight."""
    if size in _SIZES:
        return _SIZES[size]
    count = size.removesuffix("xlarge")
    if not count.isdigit():
        raise UnpricedError(f"{size!r} is no size of a machine, such as large or 4xlarge")
    return 2.0 * int(count)


def processors(machine: str) -> int:
    """The vCPUs of a machine of these families: two in a `large` and below, and twice as many in each size above."""
    return max(2, int(2 * larges(machine.rpartition(".")[2])))


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text())
