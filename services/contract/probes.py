"""What whoever runs a service asks of it over HTTP: /healthz, /readyz and Prometheus /metrics."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_TEXT: Final = "text/plain; charset=utf-8"


class Probes:
    """An HTTP server in a thread of its own.

    Args:
        address: `host:port` to listen on; port 0 takes a free one.
        alive: why the process should be restarted, or None.
        ready: why it should get no traffic now, or None.
    """

    def __init__(
        self, address: str, *, alive: Callable[[], str | None] = lambda: None, ready: Callable[[], str | None]
    ) -> None:
        host, _, port = address.rpartition(":")
        self._server = ThreadingHTTPServer((host, int(port)), _handler({"/healthz": alive, "/readyz": ready}))
        self._thread = Thread(target=self._server.serve_forever, name="probes", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def _handler(checks: dict[str, Callable[[], str | None]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(), CONTENT_TYPE_LATEST)
            elif check := checks.get(self.path):
                reason = check()
                self._answer(503 if reason else 200, (reason or "ok").encode(), _TEXT)
            else:
                self._answer(404, b"here are /healthz, /readyz and /metrics", _TEXT)

        def _answer(self, status: int, body: bytes, content: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every few seconds is no news."""

    return Handler
