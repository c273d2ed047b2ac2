"""Free ports on this machine's loopback."""

from __future__ import annotations

import socket
from collections.abc import Container

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could bind `port` on the loopback now, and nobody answers there already.

    The second question is for systems that let a server bind beside another one that has the port on every address.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) != 0


def any_free_port() -> int:
    """A port that nobody has now, chosen by the operating system."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def next_free_port(wanted: int, *, taken: Container[int] = ()) -> int:
    """The first port from `wanted` upwards that is free and not in `taken`.

    Raises:
        OSError: None of the hundred ports from `wanted` on is free.
    """
    for port in range(wanted, min(wanted + 100, 65536)):
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port on {LOOPBACK} from {wanted} to {min(wanted + 99, 65535)}")
