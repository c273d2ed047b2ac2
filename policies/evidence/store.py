"""Evidence on file: written whole, read back, and its integrity checked against the hashes that it carries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from policies.evidence.reader import answer_digest
from policies.evidence.run import SCHEMA, EvidenceRun


def text_of(run: EvidenceRun) -> str:
    """The run as a JSON file."""
    return json.dumps(run.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def integrity_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """What in an evidence file contradicts itself: a changed answer, a finding that rests on a missing one.

    Raises:
        ValueError: it is no evidence file of a version that is known here.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"the schema is {document.get('schema')!r}, where {SCHEMA!r} is known")
    kept: set[str] = set()
    for answer in document["answers"]:
        asked = f"{answer['service']}:{answer['operation']} {json.dumps(answer['parameters'], sort_keys=True)}"
        if answer_digest(answer["body"]) != answer["sha256"]:
            yield f"the answer to {asked} is not the one that was collected: its SHA-256 differs"
        kept.add(answer["sha256"])
    for finding in document["findings"]:
        for sha256 in finding["answers"]:
            if sha256 not in kept:
                about = f"{finding['control']} on {finding['resource']}"
                yield f"{about} rests on the answer {sha256}, which is not in the file"


def read_document(path: Path) -> Mapping[str, Any]:
    """The content of an evidence file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON object.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds no JSON object")
    return document
