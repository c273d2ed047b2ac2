"""Sources of answers for tests: a run that was collected before, whole, or with one operation refused or changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from policies.account import Content, Unanswered
from policies.evidence import EvidenceRun
from policies.evidence.reader import EVERYWHERE
from policies.evidence.run import Answer, answer_digest
from tests.policies.account.clients import REGION


class Replay:
    """Answers from a run that was collected before, and refuses one operation."""

    def __init__(self, run: EvidenceRun, operation: str = "", refusal: Exception | None = None) -> None:
        self._answers = {
            question(each.service, each.operation, each.parameters, each.region): each for each in run.answers
        }
        self._names = {operation for _, operation, *_ in self._answers}
        self._operation, self._refusal, self._region = operation, refusal, run.scopes[0].regions[0]

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        """The answer of that run."""
        name = next((n for n in (*self._names, self._operation) if _same(n, operation)), operation)
        if self._refusal is not None and _same(self._operation, operation):
            raise self._refusal
        place = self._region if service in EVERYWHERE else region or self._region
        answer = self._answers.get(question(service, name, parameters, place))
        if answer is None:
            raise Unanswered(operation, "NotReplayed", "not in the run that is replayed")
        if answer.refusal is not None:
            raise Unanswered(operation, *answer.refusal, answer.sha256)
        return answer

    @staticmethod
    def content(bucket: str, key: str) -> tuple[Answer, Content]:
        """Nothing: a run keeps the SHA-256 of an object, and not the object."""
        raise Unanswered("s3:GetObject", "NoSuchKey", f"{bucket}/{key}")


class Changed(Replay):
    """The run with other answers to one operation."""

    def __init__(self, run: EvidenceRun, method: str, change: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(run)
        self._method, self._change = method, change

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        """The changed answer, which begins empty where the run has none."""
        if operation != self._method:
            return super().answer(service, operation, parameters, region)
        try:
            given = super().answer(service, operation, parameters, region)
        except Unanswered:  # not asked in that run, or refused
            given = Answer(service, operation, REGION, parameters, "", {}, "")
        body = json.loads(json.dumps(given.body))
        self._change(body)
        return replace(given, body=body, sha256=answer_digest(body))


def question(service: str, operation: str, parameters: Mapping[str, Any], region: str) -> tuple[str, str, str, str]:
    """What tells a question from every other."""
    return service, operation, json.dumps(parameters, sort_keys=True), region


def _same(api: str, method: str) -> bool:
    return api.lower() == method.replace("_", "").lower()
