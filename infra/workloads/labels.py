"""How the objects of a service are found: the labels that selectors agree on."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

SHARD: Final = "valletta/shard"
"""The label with the number of a pod's shard; its metrics carry it on."""


class Role(StrEnum):
    """What a pod of a service does: serve, or prepare the ground once."""

    SERVER = "server"
    MIGRATION = "migration"


def of_pods(service: str, role: Role) -> dict[str, str]:
    """What the pods of one role carry; workloads, services, budgets and network policies select by it."""
    return {"app.kubernetes.io/name": service, "app.kubernetes.io/component": role.value}


def of_shard(service: str, shard: int) -> dict[str, str]:
    """What the pods of one shard carry."""
    return {**of_pods(service, Role.SERVER), SHARD: str(shard)}


def full(selected: Mapping[str, str]) -> dict[str, str]:
    """All the labels of an object, from those that it is selected by."""
    return {**selected, "app.kubernetes.io/part-of": "valletta", "app.kubernetes.io/managed-by": "pulumi"}
