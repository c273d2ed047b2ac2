"""A Kubernetes API that lists what a test gives it, in pages, over HTTP, and fails as a test tells it to."""

from __future__ import annotations

import copy
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from policies.evidence.reaching import Cluster
from tests.policies.plans import Resources

Json = dict[str, Any]
Lists = dict[str, list[Json]]

CORE, APPS, BATCH = "/api/v1", "/apis/apps/v1", "/apis/batch/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
LEASES = "/apis/coordination.k8s.io/v1/leases"
PODS, NAMESPACES = f"{CORE}/pods", f"{CORE}/namespaces"
BOOTSTRAPPED = {"kubernetes.io/bootstrapping": "rbac-defaults"}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class FakeApi:
    """The API: its lists by path, and what befalls a request. A path that it has no list for is empty."""

    lists: Lists = field(default_factory=dict)
    page: int = 1000
    """How many items it gives at most, whatever is asked for."""
    fail: Callable[[Asked], tuple[int, Json] | None] = lambda _: None
    """Status and body of a refusal, or None."""
    delay_s: float = 0.0
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep the lists as they are, to be mended to."""
        self._whole = copy.deepcopy(self.lists)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def cluster(self) -> Cluster:
        """How to reach it."""
        return Cluster(self.url, ssl.create_default_context())

    def stop(self) -> None:
        """No longer answer."""
        self._server.shutdown()
        self._server.server_close()

    def change(self, path: str, name: str, edit: Callable[[Json], object]) -> None:
        """Edit the objects of a list whose name begins like this; there must be one."""
        found = [each for each in self.lists[path] if each["metadata"]["name"].startswith(name)]
        assert found, f"{path} holds nothing called {name}, so this would break nothing"
        for each in found:
            edit(each)

    def add(self, path: str, document: Json) -> None:
        """One more object."""
        self.lists.setdefault(path, []).append(document)

    def remove(self, path: str, name: str) -> None:
        """Take objects away."""
        self.change(path, name, self.lists[path].remove)

    def mend(self) -> None:
        """Everything as it was at first."""
        self.lists = copy.deepcopy(self._whole)

    def answer(self, asked: Asked) -> tuple[int, Json]:
        """What is answered to a request."""
        self.asked.append(asked)
        time.sleep(self.delay_s)
        if refused := self.fail(asked):
            return refused
        items = self.lists.get(asked.path, [])
        begin = int(asked.parameters.get("continue", "0"))
        end = begin + min(int(asked.parameters.get("limit", self.page)), self.page)
        metadata = {"resourceVersion": "7", **({"continue": str(end)} if end < len(items) else {})}
        return 200, {"kind": "AnyList", "apiVersion": "v1", "metadata": metadata, "items": items[begin:end]}


def _handler(api: FakeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body = api.answer(Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers)))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def good_lists(workloads: Resources) -> Lists:
    """A cluster in which runs what the program declares, beside what Kubernetes and EKS bring."""
    lists: Lists = {}
    for resource in workloads:
        if resource["type"].startswith("kubernetes:"):
            document = copy.deepcopy(resource["inputs"])
            lists.setdefault(_path(document), []).append(document)
    for kind in ("deployments", "statefulsets"):
        lists.setdefault(PODS, []).extend(_pod(each) for each in lists[f"{APPS}/{kind}"])
    lists[PODS].append(_foreign_pod())
    for quota in lists[f"{CORE}/resourcequotas"]:
        quota["status"] = {"used": {"secrets": "0"}}
    lists[NAMESPACES] += [{"metadata": {"name": name}} for name in ("default", "kube-system")]
    lists[f"{CORE}/serviceaccounts"].append({"metadata": {"name": "default", "namespace": "exchange"}})
    lists[LEASES].append(node_lease("node-1", "2026-11-23T08:00:00.300000Z", "2026-11-23T08:00:00Z"))
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    lists[f"{RBAC}/clusterroles"] = [
        {"metadata": {"name": "cluster-admin", "labels": BOOTSTRAPPED}, "rules": everything},
        {"metadata": {"name": "eks:addon-manager"}, "rules": everything},
    ]
    lists[f"{RBAC}/clusterrolebindings"] = [
        {"metadata": {"name": "cluster-admin", "labels": BOOTSTRAPPED}, **binding("cluster-admin", "system:masters")}
    ]
    return lists


def binding(role: str, subject: str) -> Json:
    """What a binding of a cluster role says."""
    return {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": [{"kind": "Group", "name": subject}]}


def node_lease(node: str, renewed: str, dated: str) -> Json:
    """A node's lease: renewed by its own clock, and dated by the API server's."""
    managed = [{"manager": "kubelet", "operation": "Update", "time": dated}]
    return {
        "metadata": {"name": node, "namespace": "kube-node-lease", "managedFields": managed},
        "spec": {"holderIdentity": node, "renewTime": renewed},
    }


def _path(document: Json) -> str:
    version, kind = document["apiVersion"], document["kind"].lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith("s") else f"{kind}s"
    return f"/api/v1/{plural}" if version == "v1" else f"/apis/{version}/{plural}"


def _pod(maker: Json) -> Json:
    spec = maker["spec"]["template"]["spec"]
    owner = {"kind": maker["kind"], "name": maker["metadata"]["name"], "controller": True}
    return {
        "metadata": {
            "name": f"{maker['metadata']['name']}-1",
            "namespace": maker["metadata"]["namespace"],
            "ownerReferences": [owner],
        },
        "spec": spec,
        "status": {"containerStatuses": list(_statuses(spec))},
    }


def _statuses(spec: Json) -> Iterator[Json]:
    for container in spec["containers"]:
        yield {"name": container["name"], "imageID": container["image"]}


def _foreign_pod() -> Json:
    """One of AWS's own, which keeps none of our rules and need not."""
    agent = {"name": "agent", "image": "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1"}
    return {
        "metadata": {"name": "aws-node-1", "namespace": "kube-system"},
        "spec": {"hostNetwork": True, "containers": [agent]},
        "status": {"containerStatuses": [{"name": "agent", "imageID": "sha256:1"}]},
    }
