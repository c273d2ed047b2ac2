"""The services as local processes, from the same deploy.toml that the cloud runs them from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.workloads.deploy import Binding, Bound, Deployment, Listen
from sandbox.errors import SandboxError
from sandbox.paths import CLONE
from sandbox.runtime.ports import LOOPBACK
from sandbox.runtime.supervise import Program


class MigrationError(SandboxError):
    """A service's migration did not run to its end."""


def port_key(deployment: Deployment, port: str) -> str:
    """The name of a service's port among all ports of the stack, for instance `gateway.http`."""
    return f"{deployment.service.name}.{port}"


def default_ports(deployment: Deployment) -> dict[str, int]:
    """The ports that a service would have, by `port_key`."""
    return {port_key(deployment, port.name): port.port for port in deployment.ports}


def environment(deployment: Deployment, bindings: Mapping[Binding, str], ports: Mapping[str, int]) -> dict[str, str]:
    """A service's VALLETTA_* variables, with the stack's `bindings` and `ports` (by `port_key`) filled in."""
    values = {}
    for variable, wanted in deployment.env.items():
        match wanted:
            case Bound():
                values[variable] = bindings[wanted.binding]
            case Listen():
                values[variable] = f"{LOOPBACK}:{ports[port_key(deployment, wanted.listen)]}"
            case str():
                values[variable] = wanted
    return values


def program(deployment: Deployment, values: Mapping[str, str]) -> Program:
    """The process that serves, with `values` for its environment; it stops before what it stands on."""
    return Program(deployment.service.name, _locally(deployment.service.command), values, rank=2)


def readiness_url(deployment: Deployment, ports: Mapping[str, int]) -> str:
    """The URL that answers 2xx when the service is ready."""
    probe = deployment.probes.readiness
    return f"http://{LOOPBACK}:{ports[port_key(deployment, probe.port)]}{probe.path}"


def migrate(deployment: Deployment, values: Mapping[str, str], log: Path) -> bool:
    """Runs a service's migration to its end, its output in `log`; returns whether it has one.

    Raises:
        MigrationError: The migration failed.
    """
    if deployment.migration is None:
        return False
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("VALLETTA_")}
    with log.open("ab") as output:
        done = subprocess.run(
            _locally(deployment.migration.command),
            env=inherited | dict(values),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=CLONE,
            check=False,
        )
    if done.returncode != 0:
        name = deployment.service.name
        raise MigrationError(f"the migration of {name} failed with exit code {done.returncode}", hint=f"see {log}")
    return True


def _locally(command: Sequence[str]) -> list[str]:
    """`python` is this clone's."""
    return [sys.executable, *command[1:]] if command[0] == "python" else list(command)
