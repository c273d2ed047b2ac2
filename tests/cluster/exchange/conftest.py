"""A cluster that holds all that production runs, guardrails included: declared by the program, judged by the API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
import yaml

from infra.workloads.admission import FOLDER, load_admission
from sandbox.plan.record import Plan, record_plan
from sandbox.runtime.controlplane.background import standing
from sandbox.runtime.controlplane.pins import NotBuiltError, built
from sandbox.twin.kubernetes_api import ApiError
from tests.cluster.conftest import Cluster
from tests.cluster.plane import RunningPlane
from tests.conftest import unavailable

OWN_REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
"""The registry that the fixtures' images come from."""
_LEARNT_WITHIN_S = 30


@pytest.fixture(scope="session")
def workloads() -> Plan:
    """What production runs, as planned."""
    return record_plan("production-workloads", {"valletta:image_registry": OWN_REGISTRY})


@pytest.fixture(scope="session")
def exchange(workloads: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A control plane of its own, for the guardrails bind all namespaces. Its tests only try, and change nothing."""
    try:
        built()
    except NotBuiltError as missing:
        unavailable(NotBuiltError(standing() or str(missing)))
    running = RunningPlane(tmp_path_factory.mktemp("exchange"))
    running.start()
    try:
        running.plane.wait_ready()
        running.plane.furnish()
        cluster = Cluster(running.plane)
        for manifest in in_order(workloads):
            cluster.apply(manifest)
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "open"}})
        _wait_for_guardrails(cluster)
        yield cluster
    finally:
        running.stop()


def in_order(plan: Plan) -> list[dict[str, Any]]:
    """The manifests of a plan, each after what it depends on."""
    objects = {each.urn: each for each in plan.resources if each.type.startswith("kubernetes:")}
    graph = {urn: [other for other in each.dependencies if other in objects] for urn, each in objects.items()}
    return [dict(objects[urn].inputs) for urn in TopologicalSorter(graph).static_order()]


def fixtures(policy: str, file: str) -> list[dict[str, Any]]:
    """The objects of a policy's `good.yaml` or `bad.yaml`."""
    return list(yaml.safe_load_all((FOLDER / policy / file).read_text()))


def refusal(cluster: Cluster, manifest: dict[str, Any]) -> str:
    """The API's words against an object, or nothing where it would take it."""
    try:
        cluster.apply(manifest, dry_run=True)
    except ApiError as error:
        return str(error)
    return ""


def _wait_for_guardrails(cluster: Cluster) -> None:
    """The API server learns of a policy a moment after it has been kept."""
    for policy in load_admission():
        for bad in fixtures(policy, "bad.yaml"):
            deadline = time.monotonic() + _LEARNT_WITHIN_S
            while f"'{policy}'" not in (told := refusal(cluster, bad)):
                assert time.monotonic() < deadline, f"{policy} does not refuse {bad['metadata']['name']}: {told}"
                time.sleep(0.05)
