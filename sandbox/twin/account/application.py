"""The account as one WSGI application: moto behind a journal and a single lock."""

from __future__ import annotations

import logging
import os
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import moto
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from sandbox.twin.account import declared, requests
from sandbox.twin.account.answers import Answer, answer_of, as_json, aws_error, problem
from sandbox.twin.account.baseline import apply_baseline
from sandbox.twin.account.corrections import correct
from sandbox.twin.account.determinism import derived_seed, install, reproducible
from sandbox.twin.account.journal import AccountJournal, JournalCorruptError, new_header
from sandbox.twin.account.observability import report
from sandbox.twin.values import Value

log = logging.getLogger(__name__)

_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def _prepare(service: str, backend: Value) -> None:
    apply_baseline(service, backend)
    correct(service, backend)


class Account:
    """One AWS account that survives its process: callable as a WSGI application."""

    def __init__(self, folder: Path, account: str, kubeconfig: Path | None = None) -> None:
        """Open the account kept in `folder`, replaying its journal, or make a fresh one numbered `account`.

        :param kubeconfig: the administrator's access to the Kubernetes API of its cluster, where one runs.
        :raises JournalCorruptError: the journal is damaged, or tells of another account, or no longer replays.
        """
        self._lock, self._kubeconfig = threading.Lock(), kubeconfig
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._declared = declared.DeclaredState()
        self._journal = AccountJournal(folder / "account.journal", new_header(account, moto.__version__))
        if self._journal.header.account != account:
            kept = self._journal.header.account
            raise JournalCorruptError(f"{self._journal.path}: is of account {kept}, not {account}; name another folder")
        install(self._seed_of_backend, _prepare)
        self._sequence = 0
        self._replayed: dict[str, Any] = {}
        self._replay()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer one request; a change is answered only when the journal holds it."""
        try:
            answer = self._answer(environ)
        except HTTPException as error:
            answer = problem(HTTPStatus(error.code or 400), error.description or "bad request")
        return answer.send(start_response)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        host = environ.get("HTTP_HOST", "").rpartition(":")[0] or environ.get("HTTP_HOST", "")
        if host not in _LOOPBACK_HOSTS:
            # A web page that resolves its own name to 127.0.0.1 still sends that name.
            return problem(HTTPStatus.FORBIDDEN, f"host {host!r}: the account answers on loopback only")
        body = requests.take_body(environ)
        if (reason := requests.refusal(environ, body)) is not None:
            return aws_error(environ, HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", reason)
        with self._lock:
            if (own := self._own_endpoint(environ)) is not None:
                return own
            if requests.reads_only(environ, body):
                return self._dispatch(environ, body)
            return self._change(environ, body)

    def _change(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        """Apply a change at its place in the journal, write it down, and only then answer."""
        record: dict[str, Any] = {"sequence": self._sequence + 1, "at": time.time(), **requests.written(environ, body)}
        answer = self._apply(record, environ, body)
        try:
            self._journal.append(record | {"status": answer.code, "digest": answer.digest})
        except OSError as error:
            # Memory is now ahead of the disk. Nothing was answered, so stopping here loses nothing that was promised.
            log.critical("the account journal cannot be written, stopping: %s", error)
            os._exit(1)
        self._sequence += 1
        return answer

    def _apply(self, record: dict[str, Any], environ: WSGIEnvironment, body: bytes) -> Answer:
        seed = derived_seed(self._journal.header.seed, record["sequence"])
        with reproducible(seed, record["at"]):
            return self._dispatch(environ, body)

    def _dispatch(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        if environ.get("PATH_INFO", "").startswith(declared.PREFIX):
            return self._declared.answer(environ, body)
        try:
            return answer_of(self._moto, environ)
        except NotImplementedError as error:
            return aws_error(environ, HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", f"moto {moto.__version__}: {error}")
        except Exception as error:  # moto's own failure: whatever it left behind, a replay leaves again
            log.exception("moto failed on %s", requests.action(environ, body) or environ.get("PATH_INFO"))
            message = f"moto {moto.__version__} failed: {type(error).__name__}"
            return aws_error(environ, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", message)

    def _own_endpoint(self, environ: WSGIEnvironment) -> Answer | None:
        match environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""):
            case "GET", "/valletta/health":
                return as_json(HTTPStatus.OK, self._health())
            case "GET", "/valletta/observability":
                return as_json(HTTPStatus.OK, report(kubernetes=self._kubeconfig is not None))
            case "POST", "/valletta/reset":
                self._reset()
                return as_json(HTTPStatus.OK, self._health())
            case _, path if path.startswith("/valletta/") and not path.startswith(declared.PREFIX):
                return problem(
                    HTTPStatus.NOT_FOUND, f"{path}: there is /valletta/health, observability, reset, declared"
                )
        return None

    def _health(self) -> dict[str, Any]:
        header = self._journal.header
        return {
            "status": "ok",
            "account": header.account,
            "born": header.born,
            "sequence": self._sequence,
            "declared": len(self._declared),
            "kubernetes": str(self._kubeconfig) if self._kubeconfig else None,
            "replay": self._replayed,
        }

    def _reset(self) -> None:
        """Begin a fresh account in this process and in the journal."""
        self._journal.restart(new_header(self._journal.header.account, moto.__version__))
        self._sequence = 0
        self._declared.clear()
        BackendDict.reset()

    def _replay(self) -> None:
        """Make every change of the journal again."""
        began, divergent = time.monotonic(), 0
        for record in self._journal.records():
            environ = requests.remade(record)
            body = environ["wsgi.input"].getvalue()
            answer = self._apply(record, environ, body)
            if answer.code != record["status"]:
                then, now = f"moto {self._journal.header.moto}", f"moto {moto.__version__}"
                raise JournalCorruptError(
                    f"{self._journal.path}: change {record['sequence']} was answered {record['status']} by {then}, and "
                    f"{answer.code} by {now}. The account cannot be rebuilt; move the journal away to begin afresh."
                )
            divergent += answer.digest != record["digest"]
            self._sequence = record["sequence"]
        took = round(time.monotonic() - began, 3)
        self._replayed = {"changes": self._sequence, "divergent": divergent, "seconds": took}
        if divergent:
            log.warning("%d of %d replayed changes were answered in other words than before", divergent, self._sequence)

    def _seed_of_backend(self, service: str, account: str, region: str) -> tuple[bytes, float]:
        header = self._journal.header
        return derived_seed(header.seed, "backend", service, account, region), header.born
