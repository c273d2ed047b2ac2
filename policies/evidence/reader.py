"""Asks AWS through boto3, read only, each question once however many ask, and keeps every answer with its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Final, TypeAlias

from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from policies.account import KUBERNETES, Content, NotObservable, Unanswered
from policies.evidence.cluster import ClusterReader
from policies.evidence.run import Answer, answer_digest
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


HANDS: Final = 16
"""How many questions are put at once where nobody says another number."""

EVERYWHERE: Final = frozenset({"iam", "organizations", "s3"})
"""Services that answer for the whole account: they are asked in one region, however many are looked at."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks an account, and how the two clocks stand."""

    account: str
    caller: str
    """ARN."""
    here: datetime
    """This machine's time when the answer was there."""
    there: datetime | None
    """The account's time when it answered, to the second; None where it does not say."""


class BotoSource:
    """Answers from one account. Safe for several threads; refusals are kept too: asked twice, they are sent once.

    Args:
        target: the account.
        hands: how many questions may be put at once.
        kept: answers of a collection that broke off; what this account answered then is not asked again.
        keep: told each new answer as it comes.
    """

    def __init__(
        self,
        target: AccountTarget,
        hands: int = HANDS,
        kept: Iterable[Answer] = (),
        keep: Callable[[Answer], None] | None = None,
    ) -> None:
        self.account = ""
        """Its id, once `identify` has asked for it."""
        self._target = target
        self._hands = hands
        self._keep = keep
        self._cluster = ClusterReader(target)
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = Lock()
        self._kept = tuple(kept)
        self._turns: dict[_Question, Future[Answer]] = {}

    def identify(self) -> Identity:
        """Who asks, and what time the account has.

        Raises:
            Unanswered: the account does not even say who is asking.
        """
        client: Any = self._client("sts", self._target.region)  # boto3 makes its clients of data
        try:
            answer = client.get_caller_identity()
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            code = _refusal(error)["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            raise Unanswered("sts:GetCallerIdentity", code, str(error)) from error
        read_at = datetime.now(UTC)
        served = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        body = _plain({key: value for key, value in answer.items() if key != "ResponseMetadata"})
        self.account = str(body["Account"])
        self._take_over()
        self._store(self._made("sts", "GetCallerIdentity", self._target.region, {}, body))
        return Identity(self.account, str(body["Arn"]), read_at, parsedate_to_datetime(served) if served else None)

    def _take_over(self) -> None:
        """Let kept answers stand for questions: this account's own, and no refusals, which may be answered now."""
        for answer in self._kept:
            if answer.refusal is None and answer.account == self.account:
                self._turns[_question_of(answer)] = _done(answer)

    def _store(self, answer: Answer) -> None:
        self._turns[_question_of(answer)] = _done(answer)
        if self._keep is not None:
            self._keep(answer)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every raw answer so far, by what was asked."""
        turns = sorted(self._turns.items())
        return tuple(turn.result() for _, turn in turns if turn.done() and turn.exception() is None)

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        """The whole answer, all pages, with times as ISO 8601 text. See `policies.account.Reader.ask`."""
        place = self._target.region if service in EVERYWHERE else region or self._target.region
        question = _question(place, service, operation, parameters)
        with self._lock:
            first = question not in self._turns
            turn = self._turns.setdefault(question, Future())
        if first:
            try:
                answer = self._answer(service, operation, parameters, place)
            except BaseException as error:
                turn.set_exception(error)
            else:
                turn.set_result(answer)
                if self._keep is not None:
                    self._keep(answer)
        return _accepted(turn.result())

    def content(self, bucket: str, key: str) -> tuple[Answer, Content]:
        """An object of S3, asked for anew each time; kept of it are its SHA-256 and what is noted beside it."""
        client: Any = self._client("s3", self._target.region)
        try:
            given = client.get_object(Bucket=bucket, Key=key)
            data = given["Body"].read()
            noted: dict[str, str] = dict(given.get("Metadata", {}))
            body: dict[str, Any] = {
                "ContentSha256": hashlib.sha256(data).hexdigest(),
                "ContentLength": len(data),
                "Metadata": noted,
            }
        except ClientError as error:
            data, noted, body = b"", {}, _refusal(error)
        except BotoCoreError as error:
            raise Unanswered("s3:GetObject", type(error).__name__, str(error)) from error
        answer = self._made("s3", "GetObject", self._target.region, {"Bucket": bucket, "Key": key}, body)
        with self._lock:
            self._store(answer)
        return _accepted(answer), Content(data, noted)

    def _made(
        self, service: str, name: str, region: str, parameters: Mapping[str, Any], body: Mapping[str, Any]
    ) -> Answer:
        at = _stamp(datetime.now(UTC))
        return Answer(service, name, region, dict(parameters), at, body, answer_digest(body), self.account)

    def _answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str) -> Answer:
        if service == KUBERNETES:
            return self._made(service, "List", region, parameters, self._cluster.list(operation, parameters))
        if not operation.startswith(READING):
            raise ValueError(f"{service}.{operation} may change the account; evidence only reads")
        client = self._client(service, region)
        name = client.meta.method_to_api_mapping[operation]
        if f"{service}:{name}" in self._target.unobservable.operations:
            raise NotObservable(f"the twin does not implement {service}:{name}")
        try:
            body: dict[str, Any] = _plain(whole_answer(client, operation, parameters))
        except ClientError as error:
            body = _refusal(error)
            if self._target.endpoint_url and body["Error"]["Code"] in _NOT_IMPLEMENTED:
                raise NotObservable(f"the twin does not implement {service}:{name}") from error
        except (BotoCoreError, ResponseParserError) as error:
            raise Unanswered(f"{service}:{name}", type(error).__name__, str(error)) from error
        return self._made(service, name, region, parameters, body)

    def _client(self, service: str, region: str) -> BaseClient:
        key = (service, region)
        with self._lock:  # a session makes one client at a time
            if key not in self._clients:
                self._clients[key] = bare_client(self._target, service, region, self._hands)
            return self._clients[key]


def bare_client(target: AccountTarget, service: str, region: str, hands: int) -> BaseClient:
    """A client that asks as the collector does."""
    make: Any = target.session.client  # its overloads name every service
    config = (_CONFIG.merge(_LOCAL) if target.endpoint_url else _CONFIG).merge(Config(max_pool_connections=hands))
    client: BaseClient = make(service, region_name=region, endpoint_url=target.endpoint_url, config=config)
    return client


def _refusal(error: ClientError) -> dict[str, Any]:
    details = error.response.get("Error", {})
    return {"Error": {"Code": str(details.get("Code", "Unknown")), "Message": str(details.get("Message", ""))}}


def _accepted(answer: Answer) -> Answer:
    """The answer, unless it is a refusal, which is raised."""
    if answer.refusal is not None:
        raise Unanswered(f"{answer.service}:{answer.operation}", *answer.refusal, answer.sha256)
    return answer


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


_Question: TypeAlias = tuple[str, str, str, str]
"""Region, service, operation as Python names it, parameters as JSON."""


def _question(region: str, service: str, operation: str, parameters: Mapping[str, Any]) -> _Question:
    return region, service, xform_name(operation), json.dumps(parameters, sort_keys=True)


def _question_of(answer: Answer) -> _Question:
    return _question(answer.region, answer.service, answer.operation, answer.parameters)


def _done(answer: Answer) -> Future[Answer]:
    turn: Future[Answer] = Future()
    turn.set_result(answer)
    return turn


def whole_answer(client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """An operation's answer, all its pages put together."""
    if client.can_paginate(operation):
        whole: Mapping[str, Any] = client.get_paginator(operation).paginate(**parameters).build_full_result()
    else:
        whole = getattr(client, operation)(**parameters)
    return {key: value for key, value in whole.items() if key != "ResponseMetadata"}


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
