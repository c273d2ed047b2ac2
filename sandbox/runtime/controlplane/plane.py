"""The three programs of a control plane in one folder: prepared, run by whoever supervises them, asked how they are."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.errors import SandboxError
from sandbox.runtime.controlplane import configuration
from sandbox.runtime.controlplane.authority import Authority, Pair, make_signing_key
from sandbox.runtime.controlplane.configuration import Settings, flags
from sandbox.runtime.controlplane.pins import Programs, built
from sandbox.runtime.ports import LOOPBACK
from sandbox.twin.definitions import add_on_definitions
from sandbox.twin.kubernetes_api import ApiError, KubernetesApi, Reference

ETCD, API_SERVER, CONTROLLERS = "etcd", "kube-apiserver", "kube-controller-manager"
_DEFINITIONS, _ADD_ONS_MANAGER = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "eks"
_LOCAL = (LOOPBACK, "localhost")
_FIRST_ACCOUNT = Reference("v1", "ServiceAccount", "default", "default")


class ControlPlaneError(SandboxError):
    """The control plane does not get ready."""


@dataclass(frozen=True)
class ControlPlane:
    """A Kubernetes control plane's folder and ports, all on the loopback.

    Attributes:
        folder: Holds etcd's data, the keys, the configuration and the audit log.
        etcd_port: Where etcd answers the API server alone (mutual TLS, an authority of its own).
        api_port: Where the API answers (TLS; client certificates and service accounts' tokens).
        controllers_port: Where the controllers tell how they are.
        durable: Whether a write waits for the disk. Only throw-away planes of tests set it to False.
    """

    folder: Path
    etcd_port: int
    api_port: int
    controllers_port: int
    durable: bool = True

    @property
    def url(self) -> str:
        """The API's address."""
        return f"https://{LOOPBACK}:{self.api_port}"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's access, for kubectl and for the twin; the credentials lie beside it."""
        return self.folder / "kubeconfig"

    @property
    def kubectl(self) -> Path:
        """The kubectl of the same release."""
        return self.folder / "kubectl"

    @property
    def audit_log(self) -> Path:
        """One JSON object a request; rotated."""
        return self.folder / "audit.log"

    def prepare(self) -> None:
        """Makes keys, certificates and configuration where they are missing or about to expire. Safe to call again.

        Raises:
            NotBuiltError: The programs are not built.
        """
        kubectl = built()["kubectl"]
        self._keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        etcd, cluster = Authority(self._etcd_authority), Authority(self._authority)
        etcd.issue_server(self._pair("etcd"), _LOCAL)
        etcd.issue_client(self._pair("etcd-client"), API_SERVER)
        cluster.issue_server(self._pair("api"), [*_LOCAL, *configuration.NAMES_WITHIN])
        cluster.issue_server(self._pair("controllers-server"), _LOCAL)
        cluster.issue_client(self._pair("administrator"), "valletta-administrator", ["system:masters"])
        cluster.issue_client(self._pair("controllers"), "system:kube-controller-manager")
        make_signing_key(self._signing)
        configuration.write_audit_policy(self._file("audit-policy.json"))
        configuration.write_encryption(self._file("encryption.json"))
        for path, who in ((self.kubeconfig, "administrator"), (self._file("controllers.kubeconfig"), "controllers")):
            configuration.write_kubeconfig(path, self.url, self._authority, self._pair(who))
        self.kubectl.unlink(missing_ok=True)
        self.kubectl.symlink_to(kubectl)

    def commands(self) -> dict[str, list[str]]:
        """The command of each program, in the order in which they need each other; SIGTERM stops each in order.

        Raises:
            NotBuiltError: The programs are not built.
        """
        programs = built()
        return {
            ETCD: self._etcd(programs),
            API_SERVER: self._api(programs),
            CONTROLLERS: self._controllers(programs),
        }

    def answers(self, program: str) -> bool:
        """Whether a program does its work now."""
        match program:
            case "etcd":
                return _healthy(f"{self._etcd_url}/health", self._etcd_authority.certificate, self._pair("etcd-client"))
            case "kube-apiserver":
                return KubernetesApi(self.kubeconfig).ready()
        url = f"https://{LOOPBACK}:{self.controllers_port}/healthz"
        return _healthy(url, self._authority.certificate, None) and self._settled()

    def furnish(self) -> None:
        """Installs what the cluster's EKS add-ons bring: the definitions of their custom resources. Safe to repeat.

        Raises:
            ApiError: The API refused.
        """
        api = KubernetesApi(self.kubeconfig)
        for definition in add_on_definitions():
            api.apply_text(_DEFINITIONS, definition.stem, definition.read_bytes(), manager=_ADD_ONS_MANAGER)

    def wait_ready(self, *, within_s: float = 60.0) -> None:
        """Returns when the API and the controllers answer, and a namespace has what every namespace gets.

        Raises:
            ControlPlaneError: They did not within `within_s` seconds.
        """
        deadline = time.monotonic() + within_s
        while not (self.answers(API_SERVER) and self.answers(CONTROLLERS)):
            if time.monotonic() > deadline:
                raise ControlPlaneError(f"the Kubernetes API at {self.url} was not ready within {within_s:.0f} s")
            time.sleep(0.1)

    def _settled(self) -> bool:
        """Whether the controllers have done their first work: a pod needs the account that they give a namespace."""
        try:
            return KubernetesApi(self.kubeconfig).find(_FIRST_ACCOUNT) is not None
        except ApiError:
            return False

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"

    @property
    def _etcd_url(self) -> str:
        return f"https://{LOOPBACK}:{self.etcd_port}"

    @property
    def _authority(self) -> Pair:
        return self._pair("authority")

    @property
    def _etcd_authority(self) -> Pair:
        return self._pair("etcd-authority")

    @property
    def _signing(self) -> Pair:
        return Pair(self._keys / "service-accounts.pub", self._keys / "service-accounts.key")

    def _pair(self, name: str) -> Pair:
        return Pair(self._keys / f"{name}.crt", self._keys / f"{name}.key")

    def _file(self, name: str) -> Path:
        return self.folder / name

    def _etcd(self, programs: Programs) -> list[str]:
        served = self._pair("etcd")
        settings: Settings = {
            "name": "local",
            "data-dir": self._file("etcd"),
            "listen-client-urls": self._etcd_url,
            "advertise-client-urls": self._etcd_url,
            "listen-peer-urls": f"http://{LOOPBACK}:0",  # it has no peers
            "initial-advertise-peer-urls": f"http://{LOOPBACK}:2380",
            "initial-cluster": f"local=http://{LOOPBACK}:2380",
            "cert-file": served.certificate,
            "key-file": served.key,
            "client-cert-auth": "true",
            "trusted-ca-file": self._etcd_authority.certificate,
            "auto-compaction-retention": "0",  # the API server compacts
            "snapshot-count": 10000,
            "log-level": "warn",
            "unsafe-no-fsync": str(not self.durable).lower(),
        }
        return [str(programs[ETCD]), *flags(settings)]

    def _api(self, programs: Programs) -> list[str]:
        served, client = self._pair("api"), self._pair("etcd-client")
        settings: Settings = {
            "etcd-servers": self._etcd_url,
            "etcd-cafile": self._etcd_authority.certificate,
            "etcd-certfile": client.certificate,
            "etcd-keyfile": client.key,
            "bind-address": LOOPBACK,
            "advertise-address": LOOPBACK,
            "endpoint-reconciler-type": "none",  # no pod calls, and a loopback address is no endpoint
            "secure-port": self.api_port,
            "tls-cert-file": served.certificate,
            "tls-private-key-file": served.key,
            "client-ca-file": self._authority.certificate,
            "anonymous-auth": "false",
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": ",".join(configuration.ADMISSION),
            "service-cluster-ip-range": configuration.SERVICE_NETWORK,
            "service-account-issuer": configuration.ISSUER,
            "service-account-key-file": self._signing.certificate,
            "service-account-signing-key-file": self._signing.key,
            "encryption-provider-config": self._file("encryption.json"),
            "audit-policy-file": self._file("audit-policy.json"),
            "audit-log-path": self.audit_log,
            "audit-log-maxsize": 20,
            "audit-log-maxbackup": 3,
            "allow-privileged": "true",
            "profiling": "false",
        }
        return [str(programs[API_SERVER]), *flags(settings)]

    def _controllers(self, programs: Programs) -> list[str]:
        served = self._pair("controllers-server")
        settings: Settings = {
            "kubeconfig": self._file("controllers.kubeconfig"),
            "controllers": ",".join(configuration.CONTROLLERS),
            "bind-address": LOOPBACK,
            "secure-port": self.controllers_port,
            "tls-cert-file": served.certificate,
            "tls-private-key-file": served.key,
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self._signing.key,
            "root-ca-file": self._authority.certificate,
            "leader-elect": "false",
            "profiling": "false",
        }
        return [str(programs[CONTROLLERS]), *flags(settings)]


def _healthy(url: str, authority: Path, client: Pair | None) -> bool:
    context = ssl.create_default_context(cafile=str(authority))
    if client:
        context.load_cert_chain(client.certificate, client.key)
    try:
        return httpx.get(url, verify=context, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
