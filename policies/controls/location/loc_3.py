"""LOC-3: what the regulator was told that the exchange consists of is what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from policies.account import Account, Subject, Unanswered
from policies.baseline.register import Component, RegisterError, register
from policies.checks import account_wide, check
from policies.cloud import inventory, tokens
from policies.cluster import live
from policies.cluster.objects import containers, pod_of
from policies.model import Clause, Control, Severity

_COMPARED: Final[Mapping[str, tuple[Callable[[Account], Iterator[Subject]], str]]] = {
    tokens.CLUSTER: (inventory.clusters, "name"),
    tokens.DATABASE: (inventory.databases, "DBInstanceIdentifier"),
    tokens.BROKERS: (inventory.broker_clusters, "ClusterName"),
}
"""The types of which everything in the account must be registered: how to list them, and where their name stands."""


@check("loc-3-images", account_wide, proves="the images in the cluster are those of the register")
def images_are_registered(_: Subject, account: Account) -> Iterator[str]:
    """Every registered image is in the cluster, and every image in the cluster is registered."""
    running = {
        _repository(str(container.get("image", "")))
        for workload in live.workloads(account)
        for container in containers(pod_of(workload.data))
    }
    registered = {component.image: component.name for component in _register() if component.image}
    for image in sorted(registered.keys() - running):
        yield f"the register names {registered[image]} ({image}), which is not in the cluster"
    for image in sorted(running - registered.keys()):
        yield f"{image} is in the cluster, and not in the register"


@check("loc-3-resources", account_wide, proves="the clusters, databases and brokers are those of the register")
def resources_are_registered(_: Subject, account: Account) -> Iterator[str]:
    """Every registered cluster, database and broker is in the account, and none is there that is not registered."""
    for type_, (subjects, named) in _COMPARED.items():
        there = {str(subject.get(named)) for subject in subjects(account)}
        components = [component for component in _register() if component.resource == type_]
        for component in components:
            if not any(component.is_resource(type_, name) for name in there):
                yield f"the register names {component.name} ({type_} {component.called}), which is not in the account"
        for name in sorted(there):
            if not any(component.is_resource(type_, name) for component in components):
                yield f"{type_} {name} is in the account, and not in the register"


def _register() -> tuple[Component, ...]:
    """The register.

    Raises:
        Unanswered: it is not there, or is not sound: nothing can be compared with it.
    """
    try:
        return register().components
    except RegisterError as error:
        raise Unanswered("the register", "RegisterError", str(error)) from error


def _repository(image: str) -> str:
    """The repository of an image, without its registry, tag and digest."""
    path = image.partition("@")[0]
    host, _, rest = path.partition("/")
    named = rest if rest and ("." in host or ":" in host) else path
    return named.partition(":")[0]


CONTROL = Control(
    id="LOC-3",
    title="Register matches what runs",
    statement=(
        "A register names every component of the exchange, its purpose, its owner, where its version is read, and"
        " whether it is essential. It matches the images in the cluster, and the clusters, databases and brokers in"
        " the account."
    ),
    rationale=(
        "A licence is given for a system that was described. What runs and is not in the description was never"
        " approved; what is in it and does not run is a description of something else."
    ),
    clauses=(
        Clause("MGA", "2018", "Directive 3/2018: key technical set-up"),
        Clause("GLI-19", "3.0", "B.2.8"),
        Clause("GLI-19", "3.0", "B.2.9"),
        Clause("ISO 27001", "2022", "5.9"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="The register, its history, and the difference between it and what runs, which names each deviation.",
    detective=(images_are_registered, resources_are_registered),
    attestation=(
        "The compliance officer attests that the register's classification, essential or not, is the one that was"
        " filed with the regulator."
    ),
)
