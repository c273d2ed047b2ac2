"""Which programs the control plane is made of, and where they lie once built.

tools/go.mod pins them and tools/go.sum verifies them; the folder in the cache is named by the hash of both files, so
what is found there is what is pinned.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.paths import CLONE, cache

TOOLS = CLONE / "tools"
MODULE = "sandbox.runtime.controlplane"
PROGRAMS: Mapping[str, str] = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
"""The Go packages of the programs, by the name that each program gets."""


class NotBuiltError(SandboxError):
    """The control plane is not built yet."""


class PinError(SandboxError):
    """tools/go.mod does not say which Kubernetes is asked for."""


@dataclass(frozen=True)
class Programs:
    """The folder of the programs of one pin, complete or not."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        """The path of a program."""
        return self.folder / name

    @property
    def complete(self) -> bool:
        """Whether every program is there."""
        return all(self[name].exists() for name in PROGRAMS)

    @property
    def log(self) -> Path:
        """What Go said when they were last built."""
        return self.folder / "build.log"

    @property
    def failure(self) -> Path:
        """Why the last build failed, in a line; absent unless it did."""
        return self.folder / "failed"

    @property
    def lock(self) -> Path:
        """Held by who builds, and names its process."""
        return self.folder / "lock"


def pinned() -> Programs:
    """Where the programs of the present pin lie, or will."""
    digest = hashlib.sha256((TOOLS / "go.mod").read_bytes() + (TOOLS / "go.sum").read_bytes())
    return Programs(cache() / "kubernetes" / digest.hexdigest()[:16])


def built() -> Programs:
    """The programs of the present pin.

    Raises:
        NotBuiltError: One of them is not built.
    """
    programs = pinned()
    if not programs.complete:
        raise NotBuiltError("the Kubernetes control plane is not built", hint=f"build it: python -m {MODULE}")
    return programs


def kubernetes_version() -> str:
    """The Kubernetes release that is pinned, for instance `1.35.4`.

    Raises:
        PinError: tools/go.mod requires none.
    """
    found = re.search(r"^\s*k8s\.io/kubernetes v(\d+\.\d+\.\d+)\b", (TOOLS / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise PinError(f"{TOOLS / 'go.mod'} requires no k8s.io/kubernetes")
    return found[1]
