"""Free ports on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable

from sandbox.runtime.ports import is_free, next_free_port


def test_a_busy_port_moves_on_to_the_next_free_one(free_port: Callable[[], int]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        busy = holder.getsockname()[1]
        assert not is_free(busy)
        found = next_free_port(busy)
        assert busy < found <= busy + 99
    assert is_free(busy)


def test_a_port_promised_to_another_is_passed_over(free_port: Callable[[], int]) -> None:
    wanted = free_port()
    assert next_free_port(wanted, taken={wanted}) > wanted
