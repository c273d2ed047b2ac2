"""The Kubernetes versions that a stack may ask for, and the versions of the EKS add-ons that go with each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_suffix(".toml")


@cache
def add_on_versions() -> Mapping[str, Mapping[str, str]]:
    """Kubernetes version -> EKS add-on -> its version, as the table beside this file has them."""
    table = tomllib.loads(_TABLE.read_text())
    return {
        version: {name: entry["version"] for name, entry in row.items() if isinstance(entry, dict)}
        for version, row in table.items()
        if isinstance(row, dict)
    }


def add_on_version(cluster_version: str, add_on: str) -> str:
    """The version of an add-on on a cluster of `cluster_version`. Raises `KeyError` where the table has none."""
    return add_on_versions()[cluster_version][add_on]
