"""The account as a detective check sees it: questions and answers, read only, each asked once.

A check knows nothing of boto3. It asks by the names that AWS uses (`account.all("ec2", "describe_vpcs", "Vpcs")`) and
gets plain data. What the account refuses to say, and what a twin cannot know, come back as two different exceptions,
because they are two different outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Protocol, TypeVar

from policies.environment import ENVIRONMENT_TAG, Environment
from policies.values import Value, read

_T = TypeVar("_T")
_U = TypeVar("_U")


class Unanswered(Exception):  # noqa: N818  (an answer that did not come; it ends as the outcome ERROR)
    """The account refused, throttled or failed a call: nothing is known."""

    def __init__(self, call: str, code: str, message: str, sha256: str = "") -> None:
        super().__init__(f"{call}: {code}: {message}")
        self.code = code
        self.sha256 = sha256
        """Of the refusal as it is kept with the answers; empty where the account said nothing at all."""


class NotObservable(Exception):  # noqa: N818  (no error: it ends as the outcome NOT_OBSERVABLE)
    """The account is a twin that does not hold what the check asked for."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object of S3."""

    data: bytes
    metadata: Mapping[str, str]
    """What whoever wrote it noted beside it, by names in lower case."""


class Reader(Protocol):
    """Whoever really asks the account, and remembers which answers were read."""

    def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None = None
    ) -> Mapping[str, Any]:
        """The answer, whole (all pages), without transport metadata; of another region than the run's where named.

        Raises:
            Unanswered: denied, throttled, or failed. `code` is AWS's error code.
            NotObservable: the twin does not implement the operation.
        """

    def content(self, bucket: str, key: str) -> Content:
        """An object of S3, whole. What is kept of it is its SHA-256. Raises as `ask` does."""

    def drain(self) -> tuple[str, ...]:
        """The SHA-256 of every answer that was read since the last call, in order and each once."""

    def fork(self) -> Reader:
        """Another reader of the same account, with a memory of its own."""

    def join(self, other: Reader) -> None:
        """Remember what the other one read as read here."""


class Crew(Protocol):
    """Hands that share the work."""

    def map(self, function: Callable[[_T], _U], items: Iterable[_T]) -> Iterator[_U]:
        """`function` of each item, in the order of the items; what it raises is raised at its place."""


class Alone:
    """A crew of one."""

    @staticmethod
    def map(function: Callable[[_T], _U], items: Iterable[_T]) -> Iterator[_U]:
        """One after the other."""
        return map(function, items)


class Memory:
    """What was worked out once from a whole account. Whoever asks while it is being worked out waits for it."""

    def __init__(self) -> None:
        self._known: dict[object, Future[Any]] = {}
        self._lock = Lock()

    def once(self, key: object, derive: Callable[[], _T]) -> _T:
        """The value under the key, derived by the first who asks; a refusal is remembered like a value."""
        with self._lock:
            first = key not in self._known
            known: Future[_T] = self._known.setdefault(key, Future())
        if first:
            try:
                known.set_result(derive())
            except (Unanswered, NotObservable) as refusal:
                known.set_exception(refusal)
            except BaseException as error:
                known.set_exception(error)
                raise
        return known.result()


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing in the account that a check judges."""

    id: str
    """Its ARN, or the id by which AWS knows it."""
    type: str
    """Its Pulumi type token, as in the preventive rules."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the account says of it."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, default: Value = None) -> Value:
        """The value at a dotted path of the answer; the cloud's default where AWS leaves it out."""
        return read(self.data, path, default)


@dataclass(frozen=True, slots=True)
class Unobservable:
    """What a twin does not hold: whole types, dotted paths of properties by type, operations, fields of answers."""

    types: frozenset[str] = frozenset()
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    operations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """The questions that a check may put."""

    id: str
    region: str
    reader: Reader
    unobservable: Unobservable = field(default_factory=Unobservable)
    stated_environment: Environment | None = None
    """What the caller says the account is for; it outranks the tags of its resources."""
    crew: Crew = field(default_factory=Alone)
    memory: Memory = field(default_factory=Memory)

    @property
    def itself(self) -> Subject:
        """The account as a subject, for what is asked of the account as a whole."""
        return Subject(f"arn:aws:iam::{self.id}:root", "aws:iam/account:Account")

    def ask(
        self, service: str, operation: str, *, in_region: str | None = None, **parameters: Value
    ) -> Mapping[str, Any]:
        """The whole answer to one call."""
        return self.reader.ask(service, operation, parameters, in_region or self.region)

    def content(self, bucket: str, key: str) -> Content:
        """An object of S3, whole."""
        return self.reader.content(bucket, key)

    def all(self, service: str, operation: str, key: str, **parameters: Value) -> Sequence[Mapping[str, Any]]:
        """The list under `key` of the whole answer, over all pages."""
        found: Sequence[Mapping[str, Any]] = self.ask(service, operation, **parameters).get(key, ())
        return found

    def objects(self, path: str) -> Sequence[Mapping[str, Any]]:
        """The objects of a collection of the cluster's API, such as "/api/v1/pods": of all namespaces, all pages."""
        found: Sequence[Mapping[str, Any]] = self.ask(KUBERNETES, "list", path=path)["items"]
        return found

    def find(
        self, service: str, operation: str, absent: tuple[str, ...], **parameters: Value
    ) -> Mapping[str, Any] | None:
        """The answer, or None where AWS says with one of the codes `absent` that there is no such configuration."""
        try:
            return self.ask(service, operation, **parameters)
        except Unanswered as refusal:
            if refusal.code in absent:
                return None
            raise

    def forked(self) -> Account:
        """The same account, read by a reader with a memory of its own."""
        return replace(self, reader=self.reader.fork())

    def spread(self, items: Iterable[_T], function: Callable[[_T, Account], _U]) -> Iterator[_U]:
        """`function` of each item, in order, several at once where hands are free; what they read counts as read."""
        for reader, outcome, refusal in self.crew.map(lambda item: self._tried(item, function), items):
            self.reader.join(reader)
            if refusal is not None:
                raise refusal
            yield from outcome

    def _tried(
        self, item: _T, function: Callable[[_T, Account], _U]
    ) -> tuple[Reader, tuple[_U, ...], Unanswered | NotObservable | None]:
        own = self.forked()
        try:
            return own.reader, (function(item, own),), None
        except (Unanswered, NotObservable) as refusal:
            return own.reader, (), refusal

    def once(self, derive: Callable[[Account], _T]) -> _T:
        """What `derive` says of the whole account, worked out once in a run.

        It does not count as read: else each of a thousand findings would cite each of a thousand answers. Whoever
        judges by it asks again for the one answer that matters.
        """
        return self.memory.once((derive, self.region), lambda: derive(self.forked()))

    def observe(self, type_: str, *properties: str) -> None:
        """Say that a check is about to read these properties of this type.

        Raises:
            NotObservable: the account is a twin that does not hold the type, or one of the properties.
        """
        if type_ in self.unobservable.types:
            raise NotObservable(f"the twin keeps {type_} as declared state only")
        for name in properties:
            if any(_overlap(name, missing) for missing in self.unobservable.properties.get(type_, ())):
                raise NotObservable(f"the twin does not hold {name} of {type_}")

    def observe_field(self, field: str) -> None:
        """Say that a check is about to read a field of an answer that no program declares ("service:Operation.Field").

        Raises:
            NotObservable: the account is a twin, where nothing ever happens that the field would tell of.
        """
        if field in self.unobservable.operations:
            raise NotObservable(f"the twin does not tell {field}")

    def environment(self, subject: Subject) -> Environment:
        """What the subject is for: as the caller states or its tag says, whichever asks more; else production."""
        tag = subject.tags.get(ENVIRONMENT_TAG)
        said = [Environment.of(tag)] if tag is not None or self.stated_environment is None else []
        return Environment.strictest(*said, *filter(None, [self.stated_environment]))


KUBERNETES = "kubernetes"
"""The service by whose name a reader is asked for what is in the cluster."""


def _overlap(one: str, other: str) -> bool:
    """Is one dotted path the other, or on the way to it?"""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def tags_of(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """AWS's list of `{"Key", "Value"}` as a mapping."""
    return {pair["Key"]: pair["Value"] for pair in pairs}
