"""Evidence on file: one JSON file, or a bundle: a folder that grows while answers come, and is signed when it is whole.

A bundle holds `evidence.json` (what was found), `answers.jsonl` (one raw answer a line), and where it was signed
`bundle.dsse.json` and `signer.pem` (see `policies.evidence.signing`). Until `evidence.json` is there, the folder is a
collection that broke off, and can be gone on with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final

from policies.evidence.run import SCHEMA, Answer, EvidenceRun, answer_digest

FOUND: Final = "evidence.json"
ANSWERS: Final = "answers.jsonl"
_KEPT_FOR: Final = timedelta(hours=24)
"""How old an answer of a collection that broke off may be, to be taken over."""
_TOLERANCE: Final = timedelta(minutes=5)


class BundleError(Exception):
    """A folder that cannot be written to, or is no bundle; the message says what to do instead."""


class Journal:
    """The answers of a collection under way, on file as they come. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / ANSWERS).open("a", encoding="utf-8")
        self._lock = Lock()

    def keep(self, answer: Answer) -> None:
        """Write the answer down."""
        line = _line(asdict(answer))
        with self._lock:
            self._file.write(line)
            self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def begin(folder: Path, *, resume: bool) -> tuple[Answer, ...]:
    """Make ready to collect into a folder; the answers of a collection that broke off there, where it is gone on with.

    Raises:
        BundleError: the folder holds a finished run, or one that broke off while `resume` is not set.
    """
    if (folder / FOUND).exists():
        raise BundleError(f"{folder} holds a finished run: give another folder")
    journal = folder / ANSWERS
    kept = tuple(_left(journal)) if journal.exists() else ()
    if kept and not resume:
        raise BundleError(f"{folder} holds {len(kept)} answers of a run that broke off: add --resume, or give another")
    if journal.exists():
        journal.write_text("".join(_line(asdict(answer)) for answer in kept), encoding="utf-8")
    return kept


def finish(run: EvidenceRun, folder: Path) -> None:
    """Write a bundle whole: its answers in order, and what was found last."""
    document = run.to_json()
    answers = document.pop("answers")
    (folder / ANSWERS).write_text("".join(map(_line, answers)), encoding="utf-8")
    (folder / FOUND).write_text(_pretty(document), encoding="utf-8")


def text_of(run: EvidenceRun) -> str:
    """The run as one JSON file."""
    return _pretty(run.to_json())


def read_document(path: Path) -> Mapping[str, Any]:
    """The content of an evidence file or of a bundle.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON object.
    """
    document = json.loads((path / FOUND if path.is_dir() else path).read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds no JSON object")
    if path.is_dir():
        lines = (path / ANSWERS).read_text(encoding="utf-8").splitlines()
        document["answers"] = [json.loads(line) for line in lines]
    return document


def integrity_faults(document: Mapping[str, Any], now: datetime | None = None) -> Iterator[str]:
    """What in an evidence file contradicts itself: a changed answer, a finding without its answer, impossible times.

    Raises:
        ValueError: it is no evidence file of a version that is known here.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"the schema is {document.get('schema')!r}, where {SCHEMA!r} is known")
    asked_of = {scope["account"] for scope in document["scopes"]}
    kept: set[tuple[str, str]] = set()
    for answer in document["answers"]:
        asked = f"{answer['service']}:{answer['operation']} {json.dumps(answer['parameters'], sort_keys=True)}"
        if answer_digest(answer["body"]) != answer["sha256"]:
            yield f"the answer to {asked} is not the one that was collected: its SHA-256 differs"
        if answer["account"] not in asked_of:
            yield f"the answer to {asked} is of the account {answer['account']}, which was not asked"
        kept.add((answer["account"], answer["sha256"]))
    for finding in document["findings"]:
        for sha256 in finding["answers"]:
            if (finding["account"], sha256) not in kept:
                about = f"{finding['control']} on {finding['resource']}"
                yield f"{about} rests on the answer {sha256}, which is not among that account's in the file"
    yield from _time_faults(document, now or datetime.now(UTC))


def _time_faults(document: Mapping[str, Any], now: datetime) -> Iterator[str]:
    started, ended = (datetime.fromisoformat(document[key]) for key in ("started_at", "ended_at"))
    if ended < started:
        yield f"it ended at {ended.isoformat()}, before it started at {started.isoformat()}"
    if ended > now + _TOLERANCE:
        yield f"it says that it ended at {ended.isoformat()}, and it is {now.isoformat(timespec='seconds')} now"
    for answer in document["answers"]:
        at = datetime.fromisoformat(answer["at"])
        if not started - _KEPT_FOR <= at <= ended + _TOLERANCE:
            yield f"an answer to {answer['service']}:{answer['operation']} is of {at.isoformat()}, outside of the run"


def _left(journal: Path) -> Iterator[Answer]:
    """What a collection left behind: whole lines, unchanged and not too old. A last line may be torn."""
    oldest = datetime.now(UTC) - _KEPT_FOR
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            answer = Answer(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if answer_digest(answer.body) == answer.sha256 and datetime.fromisoformat(answer.at) >= oldest:
            yield answer


def _line(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, sort_keys=True, ensure_ascii=False) + "\n"


def _pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
