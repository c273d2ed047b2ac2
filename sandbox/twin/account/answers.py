"""An answer to a request, before it is sent: it may only be sent once its request is in the journal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.sax.saxutils import escape

from sandbox.twin.account import requests
from sandbox.twin.values import Value


@dataclass(frozen=True)
class Answer:
    """A whole HTTP response."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def code(self) -> int:
        """The numeric status."""
        return int(self.status.split(" ", 1)[0])

    @property
    def digest(self) -> str:
        """What a replay must give again: status and body."""
        return hashlib.sha256(self.status.encode() + b"\n" + self.body).hexdigest()

    def send(self, start_response: StartResponse) -> list[bytes]:
        """Hand the answer to the server."""
        start_response(self.status, self.headers)
        return [self.body]


def answer_of(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Run a WSGI application to the end and keep what it says."""
    said: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Value = None, /) -> Value:
        said.append((status, list(headers)))
        return chunks.append

    result = application(environ, start_response)
    try:
        chunks.extend(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers = said[-1]
    return Answer(status, headers, b"".join(chunks))


def as_json(status: HTTPStatus, body: Value) -> Answer:
    """A JSON answer."""
    data = json.dumps(body, sort_keys=True).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    return Answer(f"{status.value} {status.phrase}", headers, data)


def problem(status: HTTPStatus, message: str) -> Answer:
    """An error of the account itself (moto's own errors keep AWS's form)."""
    return as_json(status, {"__type": status.phrase.replace(" ", ""), "message": message})


def aws_error(environ: WSGIEnvironment, status: HTTPStatus, code: str, message: str) -> Answer:
    """An error in the form that the request's protocol has for one, so that an AWS client can read it."""
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    match requests.service(environ):
        case "s3":
            return _as_xml(status, error)
        case "ec2":
            return _as_xml(status, f"<Response><Errors>{error}</Errors><RequestID>-</RequestID></Response>")
        case _ if requests.is_form(environ):
            return _as_xml(status, f"<ErrorResponse>{error}<RequestId>-</RequestId></ErrorResponse>")
    answer = as_json(status, {"__type": code, "message": message})
    return Answer(answer.status, [*answer.headers, ("x-amzn-errortype", code)], answer.body)


def _as_xml(status: HTTPStatus, text: str) -> Answer:
    data = text.encode()
    headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(data)))]
    return Answer(f"{status.value} {status.phrase}", headers, data)
