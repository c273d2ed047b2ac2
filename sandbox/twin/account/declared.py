"""Declared state: what the program declares and moto has no API for, kept beside moto's account in the same journal.

`PUT /valletta/declared/<region>/<kind>/<id>` keeps a JSON object, `GET` gives it back, `DELETE` forgets it, and
`GET /valletta/declared/<region>/<kind>` lists the ids. Kind and id are percent-encoded.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import unquote
from wsgiref.types import WSGIEnvironment

from sandbox.twin.account.answers import Answer, as_json, problem

PREFIX = "/valletta/declared/"


class DeclaredState:
    """The declared objects of one account, by (region, kind, id)."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str, str], bytes] = {}

    def clear(self) -> None:
        """Forget everything: the account begins anew."""
        self._objects.clear()

    def __len__(self) -> int:
        return len(self._objects)

    def answer(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        """Serve one request under PREFIX."""
        # The raw path, because an id may itself contain an encoded slash.
        raw = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
        region, kind, identity = (*(unquote(part) for part in raw.removeprefix(PREFIX).split("/")), "", "", "")[:3]
        if not (region and kind):
            return problem(HTTPStatus.NOT_FOUND, f"{raw}: give {PREFIX}<region>/<kind>/<id>")
        method = environ["REQUEST_METHOD"]
        if not identity:
            return self._listing(method, region, kind)
        return self._one(method, (region, kind, identity), body)

    def _listing(self, method: str, region: str, kind: str) -> Answer:
        if method != "GET":
            return problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} needs an id")
        found = {key[2]: json.loads(value) for key, value in sorted(self._objects.items()) if key[:2] == (region, kind)}
        return as_json(HTTPStatus.OK, found)

    def _one(self, method: str, key: tuple[str, str, str], body: bytes) -> Answer:
        if method == "PUT":
            try:
                json.loads(body)
            except ValueError as error:
                return problem(HTTPStatus.BAD_REQUEST, f"the declared state of {key[1]} {key[2]} is not JSON: {error}")
            self._objects[key] = body
            return as_json(HTTPStatus.OK, {})
        if key not in self._objects:
            return problem(HTTPStatus.NOT_FOUND, f"no {key[1]} {key[2]!r} is declared in {key[0]}")
        if method == "DELETE":
            del self._objects[key]
            return as_json(HTTPStatus.OK, {})
        return as_json(HTTPStatus.OK, json.loads(self._objects[key]))
