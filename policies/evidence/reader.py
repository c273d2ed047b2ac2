"""Asks AWS through boto3, read only, each question once, and keeps every answer with its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from policies.account import KUBERNETES, NotObservable, Unanswered
from policies.evidence.cluster import ClusterReader
from policies.evidence.run import Answer
from policies.evidence.target import AccountTarget
from policies.values import Value

READING: Final = ("describe_", "get_", "list_", "head_")
"""How the name of an operation begins that changes nothing. No other is ever sent."""

_CONFIG: Final = Config(
    retries={"mode": "adaptive", "max_attempts": 8},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra="valletta-evidence",
)
"""Adaptive retries slow down where AWS throttles, across all calls of a client."""

_LOCAL: Final = Config(
    retries={"mode": "standard", "max_attempts": 2},
    s3={"addressing_style": "path"},
    proxies={},
    inject_host_prefix=False,
)
"""For a twin, which does not throttle, has one host name, and lies behind no proxy."""

_NOT_IMPLEMENTED: Final = frozenset({"NotImplemented", "501"})
"""How a twin says that it lacks an operation. AWS's own use of the code is an error like any other."""


class BotoReader:
    """A `policies.account.Reader` on boto3. Refusals are kept too: asked twice, they are told twice, and sent once."""

    def __init__(self, target: AccountTarget) -> None:
        self._target = target
        self._cluster = ClusterReader(target)
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._answers: dict[tuple[str, str, str, str], Answer | Exception] = {}
        self._read: list[Answer] = []

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every raw answer so far, in the order in which it came."""
        return tuple(answer for answer in self._answers.values() if isinstance(answer, Answer))

    def drain(self) -> tuple[str, ...]:
        """The SHA-256 of every answer that was read since the last call, in order and each once."""
        read, self._read = self._read, []
        return tuple(dict.fromkeys(answer.sha256 for answer in read))

    def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None = None
    ) -> Mapping[str, Any]:
        """The whole answer, all pages, with times as ISO 8601 text. See `policies.account.Reader`."""
        place = region or self._target.region
        key = (place, service, operation, json.dumps(parameters, sort_keys=True))
        if key not in self._answers:
            self._answers[key] = self._answer(service, operation, parameters, place)
        answer = self._answers[key]
        if isinstance(answer, Exception):
            raise answer
        self._read.append(answer)
        return answer.body

    def _answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str) -> Answer | Exception:
        if service == KUBERNETES:
            return self._listed(operation, parameters, region)
        if not operation.startswith(READING):
            raise ValueError(f"{service}.{operation} may change the account; evidence only reads")
        client = self._client(service, region)
        name = client.meta.method_to_api_mapping[operation]
        if f"{service}:{name}" in self._target.unobservable.operations:
            return NotObservable(f"the twin does not implement {service}:{name}")
        try:
            body = _sent(client, operation, parameters)
        except ClientError as error:
            details = error.response.get("Error", {})
            if self._target.endpoint_url and details.get("Code") in _NOT_IMPLEMENTED:
                return NotObservable(f"the twin does not implement {service}:{name}")
            return Unanswered(f"{service}:{name}", str(details.get("Code", "Unknown")), str(details.get("Message", "")))
        except (BotoCoreError, ResponseParserError) as error:
            return Unanswered(f"{service}:{name}", type(error).__name__, str(error))
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Answer(service, name, region, dict(parameters), at, body, answer_digest(body))

    def _listed(self, operation: str, parameters: Mapping[str, Any], region: str) -> Answer | Exception:
        """A list of the cluster."""
        try:
            body = self._cluster.list(operation, parameters)
        except (NotObservable, Unanswered) as refusal:
            return refusal
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Answer(KUBERNETES, "List", region, dict(parameters), at, body, answer_digest(body))

    def _client(self, service: str, region: str) -> BaseClient:
        key = (service, region)
        if key not in self._clients:
            make: Any = self._target.session.client  # its overloads name every service
            config = _CONFIG.merge(_LOCAL) if self._target.endpoint_url else _CONFIG
            self._clients[key] = make(
                service, region_name=region, endpoint_url=self._target.endpoint_url, config=config
            )
        return self._clients[key]


def answer_digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of an answer: over its JSON with sorted keys, no spaces, in ASCII."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sent(client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if client.can_paginate(operation):
        answer = client.get_paginator(operation).paginate(**parameters).build_full_result()
    else:
        answer = getattr(client, operation)(**parameters)
    plain: dict[str, Any] = _plain(answer)
    plain.pop("ResponseMetadata", None)
    return plain


def _plain(value: Value) -> Value:
    """An answer as plain JSON: times as ISO 8601, bytes as hexadecimal digits, streams not read."""
    match value:
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return f"<{type(value).__name__}>"
