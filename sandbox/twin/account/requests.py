"""What a request to the account is: whether it may change anything, and how it is written down and made again."""

from __future__ import annotations

import base64
import io
import json
import sys
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes. A larger body would have to be held in memory and in the journal."""

_READING = ("Describe", "List", "Get", "Head", "BatchGet", "Search", "Lookup")
# Cryptography with a key reads the account and changes nothing in it.
_READING_ACTIONS = frozenset({
    "Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom",
    "Sign", "Verify", "GenerateMac", "VerifyMac", "SimulatePrincipalPolicy", "SimulateCustomPolicy",
})  # fmt: skip
_UNWRITTEN = ("SERVER_", "REMOTE_", "GATEWAY_")
_REPLAYABLE_KEY_SPECS = ("SYMMETRIC_DEFAULT", "HMAC_")


def take_body(environ: WSGIEnvironment) -> bytes:
    """Read the whole body once, and leave `environ` so that it can be read again.

    :raises RequestEntityTooLarge: more than LARGEST_BODY.
    """
    if environ.pop("HTTP_TRANSFER_ENCODING", "") == "chunked":
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
    else:
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            raise BadRequest(f"Content-Length {environ['CONTENT_LENGTH']!r} is not a number") from None
        if length > LARGEST_BODY:
            raise RequestEntityTooLarge(f"a body of {length} bytes; the account takes at most {LARGEST_BODY}")
        body = environ["wsgi.input"].read(length)
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge(f"the account takes bodies of at most {LARGEST_BODY} bytes")
    _give_body(environ, body)
    return bytes(body)


def action(environ: WSGIEnvironment, body: bytes) -> str | None:
    """The AWS action that the request names, or None in the REST protocols, where method and path name it."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    path = str(environ.get("PATH_INFO", ""))
    if path.startswith("/service/") and "/operation/" in path:
        return path.rpartition("/")[2]
    form = body.decode("latin-1") if is_form(environ) else ""
    for text in (str(environ.get("QUERY_STRING", "")), form):
        if named := parse_qs(text).get("Action"):
            return named[0]
    return None


def is_form(environ: WSGIEnvironment) -> bool:
    """Whether the request speaks AWS's query protocols."""
    return str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded")


def service(environ: WSGIEnvironment) -> str:
    """The service for which the request is signed, or nothing."""
    scope = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].partition(",")[0].split("/")
    return scope[3] if len(scope) == 5 else ""


def reads_only(environ: WSGIEnvironment, body: bytes) -> bool:
    """Whether the request provably changes nothing; anything doubtful counts as a change."""
    named = action(environ, body)
    if named is not None:
        return named.startswith(_READING) or named in _READING_ACTIONS
    return environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")


def refusal(environ: WSGIEnvironment, body: bytes) -> str | None:
    """Why the account does not take this request, or None.

    A change that a replay could not repeat is refused rather than lost at the next start.
    """
    if environ.get("PATH_INFO", "").startswith("/moto-api"):
        return "moto's own API would change the account behind its journal; see /valletta/health and /valletta/reset"
    named = action(environ, body)
    if named == "CreateKeyPair":
        return "CreateKeyPair draws its key where the journal cannot repeat it; use ImportKeyPair"
    if named == "CreateKey" and environ.get("HTTP_X_AMZ_TARGET", "").startswith("TrentService"):
        asked = json.loads(body or b"{}")
        spec = asked.get("KeySpec") or asked.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        if not str(spec).startswith(_REPLAYABLE_KEY_SPECS):
            return f"CreateKey of {spec!r} draws its key where the journal cannot repeat it; use SYMMETRIC_DEFAULT"
    return None


def written(environ: WSGIEnvironment, body: bytes) -> dict[str, Any]:
    """The request as a journal record's field."""
    kept = {k: v for k, v in environ.items() if isinstance(v, str | dict) and k.isascii() and not _is_server_matter(k)}
    return {"environ": kept, "body": base64.b64encode(body).decode()}


def remade(record: dict[str, Any]) -> WSGIEnvironment:
    """The request of a journal record, ready for the application."""
    environ: WSGIEnvironment = dict(record["environ"])
    environ |= {
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
    }
    environ |= {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _give_body(environ, base64.b64decode(record["body"]))
    return environ


def _give_body(environ: WSGIEnvironment, body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    environ["wsgi.input_terminated"] = True
    environ["CONTENT_LENGTH"] = str(len(body))


def _is_server_matter(key: str) -> bool:
    return key.startswith((*_UNWRITTEN, "wsgi.", "werkzeug."))
