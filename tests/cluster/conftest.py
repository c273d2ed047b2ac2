"""A real Kubernetes API for tests: what it accepts is accepted, what it refuses is refused.

One control plane serves the session; each test gets a namespace of its own. Where the control plane is not built, a
test that needs it skips with one line on a laptop, and fails where CI=true.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.runtime.controlplane.background import standing
from sandbox.runtime.controlplane.pins import NotBuiltError, built
from sandbox.runtime.controlplane.plane import ControlPlane
from sandbox.twin.kubernetes_api import KubernetesApi, Reference
from tests.cluster.plane import RunningPlane
from tests.conftest import unavailable


class Cluster:
    """The running cluster, as its administrator and as anybody whom it knows."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.api = KubernetesApi(plane.kubeconfig)

    def apply(self, manifest: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Server-side apply with strict validation; raises ApiError with the API's own words when it is refused."""
        return self.api.apply(manifest, dry_run=dry_run)

    def client_for(self, service_account: str, namespace: str) -> KubernetesApi:
        """The API as a service account speaks to it, with a token of its own, for ten minutes."""
        path = self.api.path(Reference("v1", "ServiceAccount", namespace, service_account))
        wanted = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
        granted = self.api.ask("POST", f"{path}/token", content=json.dumps(wanted))
        return self.api.as_bearer(granted["status"]["token"])

    def may(self, client: KubernetesApi, verb: str, resource: str, *, group: str = "", namespace: str = "") -> bool:
        """Whether RBAC lets `client` do something, by a SelfSubjectAccessReview. `resource` may be `pods/log`."""
        resource, _, subresource = resource.partition("/")
        attributes = {"verb": verb, "resource": resource, "subresource": subresource, "group": group}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | {"namespace": namespace}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return bool(client.ask("POST", path, content=json.dumps(review))["status"]["allowed"])


def running_plane(folder: Path) -> Iterator[RunningPlane]:
    """A control plane in `folder`, ready and furnished; a failure in CI, a skip elsewhere, where it is not built."""
    try:
        built()
    except NotBuiltError as missing:
        unavailable(NotBuiltError(standing() or str(missing)))
    running = RunningPlane(folder)
    running.start()
    try:
        running.plane.wait_ready()
        running.plane.furnish()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One real control plane for all tests that leave alone what they did not make."""
    for running in running_plane(tmp_path_factory.mktemp("cluster")):
        yield Cluster(running.plane)


@pytest.fixture(scope="session")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlane]:
    """Another control plane, which tests may fill, empty and kill; each leaves it running."""
    yield from running_plane(tmp_path_factory.mktemp("breakable-cluster"))


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace that only this test has; asked to go when it ends."""
    name = f"t{uuid.uuid4().hex[:8]}"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.api.ask_to_go(Reference("v1", "Namespace", None, name))
