"""Serving the account: one process, one folder, loopback only."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

from sandbox.errors import SandboxError


def serve(host: str, port: int, folder: Path, account: str, kubeconfig: Path | None = None) -> None:
    """Serve the account kept in `folder` on `host:port` until SIGTERM or SIGINT; port 0 takes a free one.

    Prints the address, alone on one line, when requests are answered. `kubeconfig` is handed to whoever asks for the
    Kubernetes API of the account's cluster.

    :raises SandboxError: the host is not loopback, the port is taken, the folder is in use, or the journal is damaged.
    """
    _require_loopback(host)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _only_writer(folder)
    listener = _listener(host, port)
    # Moto reads these when it is imported, which takes a second: hence here.
    os.environ |= {
        "MOTO_ACCOUNT_ID": account,
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }
    from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    from sandbox.twin.account.application import Account  # noqa: PLC0415
    from sandbox.twin.account.journal import JournalCorruptError  # noqa: PLC0415

    try:
        application = Account(folder, account, kubeconfig)
    except JournalCorruptError as error:
        raise SandboxError(str(error), exit_code=5) from error
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(
        host, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
    )
    signal.signal(signal.SIGTERM, _stop)
    address = listener.getsockname()
    sys.stdout.write(f"http://{address[0]}:{address[1]}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        os.close(lock)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _require_loopback(host: str) -> None:
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SandboxError(
            f"--host {host}: the account has no authentication and binds to loopback only", hint="127.0.0.1"
        )


def _only_writer(folder: Path) -> int:
    """Hold the folder for this process; the kernel lets go of it however the process ends."""
    fd = os.open(folder / "account.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise SandboxError(f"{folder}: another account server already serves this folder") from None
    return fd


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise SandboxError(
            f"port {port} on {host} cannot be taken: {error.strerror}", hint="name another with --port"
        ) from error
    listener.listen(128)
    return listener
