"""Where the account twin answers.

One documented place: the environment variable VALLETTA_ACCOUNT_ENDPOINT, or else the file `account/endpoint` in the
state folder (`.valletta/account/endpoint`), which provisioning writes.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import paths
from sandbox.errors import SandboxError
from sandbox.plugins.provenance import provenance

VARIABLE = "VALLETTA_ACCOUNT_ENDPOINT"
REACH_SECONDS = 2.0
_FILE = Path("account") / "endpoint"
_INCOMPLETE = 4


def endpoint_file() -> Path:
    """The file that holds the running account's address, one line: `http://127.0.0.1:PORT`."""
    return paths.home() / _FILE


def keep_endpoint(state: Path, address: str) -> None:
    """Note in the state folder `state` where the account answers, for a `pulumi` typed by hand."""
    file = state / _FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{address}\n", encoding="utf-8")


def account_endpoint() -> str:
    """The address of the running account twin, checked to be on loopback and to answer.

    Raises SandboxError when no account runs; when the address is not one of this machine's loopback, for the plugins
    never talk to anything else, least of all to a real AWS endpoint; and when the account in the state folder was
    provisioned in process, which the engine would try to make a second time.
    """
    named = os.environ.get(VARIABLE)
    file = endpoint_file()
    address = named or (file.read_text(encoding="utf-8").strip() if file.exists() else "")
    if not address:
        raise SandboxError("the account twin is not running: make up", exit_code=_INCOMPLETE)
    made = None if named else provenance(file.parent)
    if made and made.way == "in-process":
        raise SandboxError(
            "the account was provisioned in process, so the engine knows nothing of what is in it: run make up with "
            "the Pulumi CLI on the PATH, which begins a fresh one",
            exit_code=_INCOMPLETE,
        )
    source = VARIABLE if named else str(file)
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "localhost"} or parts.port is None:
        raise SandboxError(f"{source} names {address!r}; expected http://127.0.0.1:PORT", exit_code=_INCOMPLETE)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=REACH_SECONDS).close()
    except OSError as error:
        raise SandboxError(
            f"the account twin is not running: nothing answers at {address} ({source}): make up", exit_code=_INCOMPLETE
        ) from error
    return address
