"""What the stack is made of on this machine: its ports, its state, and the programs to keep running."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.workloads.deploy import Binding, Deployment, load_deployments
from sandbox import paths
from sandbox.runtime import services
from sandbox.runtime.broker import Broker
from sandbox.runtime.controlplane.plane import API_SERVER, CONTROLLERS, ETCD, ControlPlane
from sandbox.runtime.database import Database
from sandbox.runtime.ports import LOOPBACK, is_free, next_free_port
from sandbox.runtime.supervise import Program
from sandbox.state import State
from sandbox.wishes import JournalKind

ACCOUNT, POSTGRES, KAFKA, KUBERNETES = "account", "postgres", "kafka", "kubernetes"
DATABASE_NAME = "exchange"
CURRENCY = "EUR"
_PLATFORM_PORTS = {
    f"{ACCOUNT}.http": 4566,
    f"{POSTGRES}.sql": 5432,
    f"{KAFKA}.client": 9092,
    f"{KAFKA}.controller": 9093,
}
_KUBERNETES_PORTS = {f"{API_SERVER}.https": 6443, f"{CONTROLLERS}.https": 10257, f"{ETCD}.client": 2379}


@dataclass(frozen=True)
class Layout:
    """The stack of one state folder."""

    home: Path
    region: str
    state: State
    deployments: Mapping[str, Deployment]

    @property
    def database(self) -> Database:
        """Its PostgreSQL."""
        return Database(self.home / POSTGRES, self.state.ports[f"{POSTGRES}.sql"])

    @property
    def broker(self) -> Broker | None:
        """Its Kafka broker; None with the journal `file`."""
        if self.state.journal == "file":
            return None
        ports = self.state.ports
        return Broker(self.home / KAFKA, ports[f"{KAFKA}.client"], ports[f"{KAFKA}.controller"])

    @property
    def control_plane(self) -> ControlPlane | None:
        """Its Kubernetes; None where objects are kept as declared state."""
        return control_plane(self.home, self.state) if self.state.kubeconfig else None

    def platform_programs(self) -> list[Program]:
        """What the services stand on. Their folders are prepared before they are started."""
        account = [sys.executable, "-m", "sandbox.twin", "--port", str(self.state.ports[f"{ACCOUNT}.http"])]
        cluster = ["--kubernetes", str(self.state.kubeconfig)] if self.state.kubeconfig else []
        programs = [
            Program(ACCOUNT, [*account, "--state", str(self.home / ACCOUNT), *cluster], _code("sandbox")),
            Program(POSTGRES, self.database.command(), stop_signal="INT"),
        ]
        if self.broker is not None:
            programs.append(Program(KAFKA, self.broker.command()))
        if self.control_plane is not None:
            commands = self.control_plane.commands()
            programs += [Program(name, command, rank=rank) for rank, (name, command) in enumerate(commands.items())]
        return programs

    def service_programs(self) -> list[Program]:
        """The services of the exchange."""
        code = _code("services")
        return [services.program(each, self.environment(each) | code) for each in self.deployments.values()]

    def environment(self, deployment: Deployment) -> dict[str, str]:
        """The environment of a service here."""
        return services.environment(deployment, self._bindings(), self.state.ports)

    def _bindings(self) -> dict[Binding, str]:
        return {
            Binding.CLOUD_REGION: self.region,
            Binding.DATABASE_SECRET: str(self.state.database_secret),
            Binding.DATABASE_URL: self.state.database_url,
            Binding.DRAIN_SECONDS: "0",
            Binding.EXCHANGE_CURRENCY: CURRENCY,
            Binding.JOURNAL_FOLDER: str(self.home / "journal"),
            Binding.JOURNAL_KIND: self.state.journal,
            Binding.LEASE_KIND: "none",
            Binding.LEASE_NAMESPACE: "",
            Binding.MATCHING_ADDRESS: self.state.matching_address,
            Binding.NODE_NAME: "local-0",
            Binding.OPERATOR_SECRET: str(self.state.operator_secret),
            Binding.SHARD_COUNT: str(self.state.shards),
            Binding.SHARD_INDEX: "0",
            Binding.STREAMING_BOOTSTRAP: self.state.kafka_bootstrap,
            Binding.STREAMING_SECURITY: "plaintext",
        }


def control_plane(home: Path, state: State) -> ControlPlane:
    """The Kubernetes of the stack in `home`, which has one."""
    ports = (state.ports[f"{ETCD}.client"], state.ports[f"{API_SERVER}.https"], state.ports[f"{CONTROLLERS}.https"])
    return ControlPlane(home / KUBERNETES, *ports)


def lay_out(
    home: Path,
    region: str,
    journal: JournalKind,
    previous: State | None,
    running: set[str],
    *,
    kubernetes: bool = False,
) -> Layout:
    """Decides where everything goes.

    Args:
        home: The state folder.
        region: The AWS region of the account twin.
        journal: Where commands are logged.
        previous: The state as last saved. Its ports are kept where they still can be.
        running: The names of the programs that run now: their ports are busy because they are ours.
        kubernetes: Whether there is a control plane, built, to keep Kubernetes objects in.

    Raises:
        OSError: No port is free in a whole range.
    """
    deployments = load_deployments()
    wanted = dict(_PLATFORM_PORTS)
    if journal == "file":
        wanted = {key: port for key, port in wanted.items() if not key.startswith(f"{KAFKA}.")}
    if kubernetes:
        wanted |= _KUBERNETES_PORTS
    for deployment in deployments.values():
        wanted |= services.default_ports(deployment)
    ports = choose_ports(wanted, previous.ports if previous else {}, running)
    database = Database(home / POSTGRES, ports[f"{POSTGRES}.sql"])
    state = State(
        journal=journal,
        gateway_url=f"http://{LOOPBACK}:{ports['gateway.http']}",
        matching_address=f"{LOOPBACK}:{ports['matching.grpc']}",
        kafka_bootstrap=f"{LOOPBACK}:{ports[f'{KAFKA}.client']}" if journal == "kafka" else "",
        database_url=database.url(DATABASE_NAME),
        database_secret=database.password_file,
        account_endpoint=f"http://{LOOPBACK}:{ports[f'{ACCOUNT}.http']}",
        kubeconfig=home / KUBERNETES / "kubeconfig" if kubernetes else None,
        operator_secret=home / "operator-password",
        ports=ports,
        probes={name: services.readiness_url(each, ports) for name, each in deployments.items()},
    )
    return Layout(home, region, state, deployments)


def _code(folder: str) -> dict[str, str]:
    """A variable that changes with the code under `folder`, so that a program of older code is replaced."""
    digest = hashlib.sha256()
    for file in sorted((paths.CLONE / folder).rglob("*.py")):
        digest.update(bytes(file) + file.read_bytes())
    return {"VALLETTA_CODE": digest.hexdigest()[:16]}


def choose_ports(wanted: Mapping[str, int], previous: Mapping[str, int], running: set[str]) -> dict[str, int]:
    """A port for each of `wanted` (name.port -> default): the previous one if it is free or ours, else the next free.

    Raises:
        OSError: No port is free in a whole range.
    """
    chosen: dict[str, int] = {}
    for key in wanted:
        before = previous.get(key)
        if before is not None and (key.partition(".")[0] in running or is_free(before)):
            chosen[key] = before
    for key, default in wanted.items():
        if key not in chosen:
            chosen[key] = next_free_port(default, taken=set(chosen.values()))
    return {key: chosen[key] for key in wanted}


def moved_ports(layout: Layout) -> list[str]:
    """One line for each port that is not the usual one, because somebody else has that."""
    usual = _PLATFORM_PORTS | _KUBERNETES_PORTS
    for deployment in layout.deployments.values():
        usual |= services.default_ports(deployment)
    return [
        f"port {usual[key]} is taken by somebody else: {key} is on {port}"
        for key, port in layout.state.ports.items()
        if port != usual[key]
    ]
