"""Reads the account for one judgement, and remembers which answers it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from policies.account import Content, Reader, Unanswered
from policies.evidence.run import Answer


class Source(Protocol):
    """Where answers come from: an account, or a run that was collected before."""

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        """The answer to one question. Raises as `policies.account.Reader.ask` does."""

    def content(self, bucket: str, key: str) -> tuple[Answer, Content]:
        """An object of S3, and what is kept of it. Raises as `policies.account.Reader.content` does."""


class Recorder:
    """A `policies.account.Reader` for one thread at a time."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: list[str] = []

    def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None = None
    ) -> Mapping[str, Any]:
        """The body of the answer, which is remembered, as a refusal is."""
        try:
            answer = self._source.answer(service, operation, parameters, region)
        except Unanswered as refusal:
            self._read.extend(filter(None, (refusal.sha256,)))  # that there is no such configuration is an answer too
            raise
        self._read.append(answer.sha256)
        return answer.body

    def content(self, bucket: str, key: str) -> Content:
        """The object; that it was read is remembered."""
        answer, content = self._source.content(bucket, key)
        self._read.append(answer.sha256)
        return content

    def drain(self) -> tuple[str, ...]:
        """The SHA-256 of every answer that was read since the last call, in order and each once."""
        read, self._read = self._read, []
        return tuple(dict.fromkeys(read))

    def fork(self) -> Recorder:
        """Another reader of the same source."""
        return Recorder(self._source)

    def join(self, other: Reader) -> None:
        """Remember what the other one read as read here."""
        self._read.extend(other.drain())
