"""The admission policies: one folder each, with the policy and its good and bad fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

CONTROL = "valletta/control"
"""The annotation by which a policy names the control that owns it."""


def documents(policy: str, file: str) -> tuple[dict[str, Any], ...]:
    """The documents of one file (`policy.yaml`, `good.yaml`, `bad.yaml`) of a policy's folder."""
    text = files(__package__).joinpath(policy, file).read_text(encoding="utf-8")
    return tuple(document for document in yaml.safe_load_all(text) if document)


@cache
def admission_owners() -> dict[str, str]:
    """Admission policy -> the id of the control that it names; empty where it names none."""
    return {policy: _owner(policy) for policy in _folders()}


def _folders() -> Iterator[str]:
    for entry in sorted(files(__package__).iterdir(), key=lambda each: each.name):
        if entry.is_dir() and entry.joinpath("policy.yaml").is_file():
            yield entry.name


def _owner(policy: str) -> str:
    annotations = documents(policy, "policy.yaml")[0]["metadata"].get("annotations") or {}
    return str(annotations.get(CONTROL, ""))
