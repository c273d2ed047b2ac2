"""What a shard's pod has for its lease: an account with just the rights it needs, and a way to the API server."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from threading import Lock, Thread

from sandbox.runtime.ports import LOOPBACK
from sandbox.twin.kubernetes_api import Reference
from tests.cluster.conftest import Cluster

ACCOUNT = LEASE = "matching-0"
_RBAC = "rbac.authorization.k8s.io"


def mount(cluster: Cluster, namespace: str, folder: Path, *, make: bool = True) -> Path:
    """The folder that a pod of the namespace would have mounted, for an account that may use one lease, LEASE.

    The lease is made, as by whoever deploys the shard; or else, if not `make`, the account may do that itself.
    """
    metadata = {"name": ACCOUNT, "namespace": namespace}
    leases = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"]}
    rules = [leases | {"verbs": ["get", "patch", "watch"], "resourceNames": [LEASE]}]
    if make:
        metadata_of_lease = {"name": LEASE, "namespace": namespace}
        cluster.apply({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata_of_lease})
    else:
        rules.append(leases | {"verbs": ["create"]})
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}
    role = {"apiGroup": _RBAC, "kind": "Role", "name": ACCOUNT}
    cluster.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    cluster.apply({"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules})
    binding = {"apiVersion": f"{_RBAC}/v1", "kind": "RoleBinding", "metadata": metadata, "roleRef": role}
    cluster.apply(binding | {"subjects": [subject]})
    path = cluster.api.path(Reference("v1", "ServiceAccount", namespace, ACCOUNT))
    wanted = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    folder.mkdir()
    token = cluster.api.ask("POST", f"{path}/token", content=json.dumps(wanted))["status"]["token"]
    (folder / "token").write_text(token)
    shutil.copy(cluster.plane.folder / "keys" / "authority.crt", folder / "ca.crt")
    return folder


class Wire:
    """A way to a port of the loopback that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._whole = True
        self._ends: list[socket.socket] = []
        self._lock = Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Breaks off what is connected, and every connection from here on."""
        with self._lock:
            self._whole = False
            for end in self._ends:
                _break_off(end)
            self._ends.clear()

    def mend(self) -> None:
        """Lets connections through again."""
        self._whole = True

    def close(self) -> None:
        """Ends it all."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection((LOOPBACK, self._target))
                self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
    except OSError:
        pass
    _break_off(sink)
    _break_off(source)


def _break_off(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
