"""`python -m sandbox.plugins PACKAGE [ENGINE]`: serve one provider until the engine that started it has ended."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.plugins import recorder
from sandbox.plugins.endpoint import account_endpoint
from sandbox.plugins.server import TwinProvider
from sandbox.plugins.twins import PACKAGES, ProviderSettings, ResourceTwin, open_twin

WORKERS = 16
LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
"""As the engine's own limit: state with inline assets can be large."""
PARENT_CHECK_SECONDS = 2.0


def serve(package: str) -> tuple[grpc.Server, int]:
    """A started server of provider `package` on a free loopback port, and the port."""

    def opened(settings: ProviderSettings) -> ResourceTwin:
        return open_twin(package, account_endpoint(), settings)

    server = grpc.server(
        ThreadPoolExecutor(max_workers=WORKERS),
        interceptors=recorder.interceptors(package),
        options=[("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES)],
    )
    version = importlib.metadata.version(PACKAGES[package])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(TwinProvider(package, version, opened), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Print the port, and nothing else, on standard output; serve until interrupted, or until the engine is gone.

    The engine cancels, then interrupts its plugins one after the other, with five seconds for all of them together; a
    plugin whose turn comes too late counts as crashed. So an interrupt ends this one at once: it keeps nothing.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda _signal, _frame: os._exit(0))
    if len(sys.argv) < 2 or sys.argv[1] not in PACKAGES:
        sys.exit(f"usage: python -m sandbox.plugins {{{','.join(PACKAGES)}}} [ENGINE]")
    engine = os.getppid()
    server, port = serve(sys.argv[1])
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while os.getppid() == engine:
        time.sleep(PARENT_CHECK_SECONDS)
    server.stop(None)


if __name__ == "__main__":
    main()
