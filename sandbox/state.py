"""The one description of the running stack: what runs where, for whoever comes after `make up`.

It lies in `.valletta/state.json` (`VALLETTA_HOME` names another folder). There is no secret in it: a secret lies in a
file of its own, which only its owner can read, and the state names that file.
"""

from __future__ import annotations

import socket
import tempfile
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox import paths
from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.wishes import JournalKind

_SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 108 on Linux, 104 on macOS


class NothingRunningError(SandboxError):
    """There is no running stack in this clone."""

    exit_code = 2


class StateError(SandboxError):
    """The state file is not one."""


class State(BaseModel):
    """What runs where. Addresses are on the loopback."""

    model_config = ConfigDict(extra="forbid")

    journal: JournalKind = Field(description="where commands are logged: a Kafka broker, or a local file")
    shards: int = Field(default=1, ge=1, description="how many shards the exchange has, for good")
    gateway_url: str = Field(description="of the REST API and the wire format, for instance http://127.0.0.1:8080")
    matching_address: str = Field(description="host:port of the shard's gRPC")
    kafka_bootstrap: str = Field(description="host:port of the broker; empty with the journal `file`")
    database_url: str = Field(description="libpq URL of the ledger's database, without its password")
    database_secret: Path = Field(description="file with the password of the database")
    account_endpoint: str = Field(description="URL of the AWS account twin")
    kubeconfig: Path | None = Field(
        default=None, description="file with the administrator's access to the Kubernetes API; none: declared state"
    )
    operator_name: str = Field(default="operator", description="the first operator's user name")
    operator_secret: Path = Field(description="file with the first operator's password")
    ports: dict[str, int] = Field(description="every port taken, by program.port, for instance gateway.http")
    probes: dict[str, str] = Field(default={}, description="the readiness URL of each service")

    def address_of(self, program: str) -> str:
        """Where others reach a program: its first port, as a URL where it is HTTP that others speak to it."""
        port = next(port for key, port in self.ports.items() if key.startswith(f"{program}."))
        scheme = {"account": "http://", "gateway": "http://", "kube-apiserver": "https://"}.get(program, "")
        return f"{scheme}127.0.0.1:{port}"


def state_file(home: Path | None = None) -> Path:
    """Where the state is kept."""
    return (home or paths.home()) / "state.json"


def supervisor_socket(home: Path | None = None) -> Path:
    """The socket of the stack's supervisor: in the state folder, or aside where that path is too long for a socket."""
    folder = home or paths.home()
    path = folder / "supervisor.sock"
    if len(bytes(path)) <= _SOCKET_PATH_LIMIT:
        return path
    return Path(tempfile.gettempdir()) / f"valletta-{sha256(bytes(path)).hexdigest()[:16]}.sock"


def save_state(state: State, home: Path | None = None) -> None:
    """Saves the state: a reader finds the old one or the new one, whole."""
    write_atomically(state_file(home), state.model_dump_json(indent=2) + "\n")


def saved_state(home: Path | None = None) -> State | None:
    """The state as last saved, whether it runs or not; None in a clone where nothing was ever started.

    Raises:
        StateError: The file is not a state.
    """
    path = state_file(home)
    try:
        return State.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise StateError(
            f"{path} is not a state that this version understands: {where}: {first['msg']}",
            hint=f"remove {path} and run make up: the data beside it is kept",
        ) from error


def load_state(home: Path | None = None) -> State:
    """The state of the running stack.

    Raises:
        NothingRunningError: Nothing was started here, or it was stopped since.
        StateError: The file is not a state.
    """
    state = saved_state(home)
    if state is None or not _answers(supervisor_socket(home)):
        raise NothingRunningError("nothing is running here", hint="start it: make up")
    return state


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
