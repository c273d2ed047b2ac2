"""How the objects of a service are found: the labels that selectors agree on."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a pod of a service does: serve, or prepare the ground once."""

    SERVER = "server"
    MIGRATION = "migration"


def of_service(service: str) -> dict[str, str]:
    """What all pods of a service carry; network policies select by it."""
    return {"app.kubernetes.io/name": service}


def of_pods(service: str, role: Role) -> dict[str, str]:
    """What the pods of one role carry; workloads, services and budgets select by it."""
    return {**of_service(service), "app.kubernetes.io/component": role.value}


def full(service: str, role: Role) -> dict[str, str]:
    """All the labels of an object."""
    return {
        **of_pods(service, role),
        "app.kubernetes.io/part-of": "valletta",
        "app.kubernetes.io/managed-by": "pulumi",
    }
