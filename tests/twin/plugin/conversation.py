"""Recorded conversations between the real engine and the plugins: what is kept of them, and how they compare.

A line is one call, `{"package", "method", "request", "response" | "error"}`, or something done to the account behind
the engine's back, `{"outside": {"service", "operation", "parameters"}}`. Whatever is another in every run (ids, times,
made-up names, ports) is kept as a placeholder such as `{uuid#3}`: equal ones bear equal numbers.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.plugins.values import UNKNOWN

FOLDER = Path(__file__).parent / "conversations"
SCENES = ("create", "no-op", "update", "replace", "drift", "failure", "recovery", "destroy")
"""In the order in which they were recorded: each goes on from where the one before ended."""

Json: TypeAlias = Any

_KINDS = {
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)",
    "uuid": rf"(?!{UNKNOWN})[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}",
    "entity": r"\bA(?:ROA|IDA|NPA|GPA)[A-Z0-9]{16,17}\b",
    "id": r"\b[a-z]{2,9}-[0-9a-f]{17}\b",
    "address": r"127\.0\.0\.1:\d{4,5}\b",
    "secret": r":secret:[a-z]+-[A-Za-z0-9]{6}\b",
    "name": r"\b[a-z]{3,}-[0-9a-f]{7}\b",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
_PLACEHOLDER = re.compile(r"\{(" + "|".join(_KINDS) + r")#(\d+)\}")
_MADE_UP: dict[str, Callable[[int], str]] = {
    "time": lambda _: "2026-01-01T00:00:00Z",
    "uuid": lambda number: str(uuid.UUID(int=number)),
    "entity": lambda number: f"AROA{number:017d}",
    "id": lambda number: f"id-{number:017x}",
    "address": lambda number: f"127.0.0.1:{10000 + number}",
    "secret": lambda number: f":secret:unknown-{number:06d}",
    "name": lambda number: f"unknown-{number:07x}",
}
_OF_THE_MACHINE = re.compile(r"(_address|_directory|_target|_token)$")
_OF_THE_ENGINE = ("randomSeed",)


class Normaliser:
    """Gives placeholders to what is another in every run, the same one to the same value, over many lines."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def line(self, recorded: Json) -> Json:
        """A recorded line without anything of the machine or of the run."""
        if request := recorded.get("request"):
            recorded["request"] = {key: value for key, value in request.items() if not _is_of_the_run(key)}
        text = json.dumps(recorded, sort_keys=True)
        return json.loads(_TOKEN.sub(self._placeholder, text))

    def _placeholder(self, found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        return self._known.setdefault(found[0], f"{{{kind}#{len(self._known) + 1}}}")


class Bindings:
    """What the placeholders stand for in this run, learnt from the answers as they come."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def fill(self, recorded: Json) -> Json:
        """`recorded` with every placeholder replaced; one that no answer gave (the engine made it) is made up."""
        text = json.dumps(recorded)
        return json.loads(_PLACEHOLDER.sub(self._value, text))

    def differences(self, recorded: Json, actual: Json, path: str = "$") -> Iterator[str]:
        """Where `actual` is not what was recorded; placeholders met for the first time take their value from it."""
        match recorded, actual:
            case dict(), dict():
                for key in sorted({*recorded, *actual}):
                    if key not in recorded or key not in actual:
                        yield f"{path}.{key} is {'new' if key in actual else 'missing'}"
                    else:
                        yield from self.differences(recorded[key], actual[key], f"{path}.{key}")
            case list(), list() if len(recorded) == len(actual):
                for index, (mine, theirs) in enumerate(zip(recorded, actual, strict=True)):
                    yield from self.differences(mine, theirs, f"{path}[{index}]")
            case str(), str() if self._matches(recorded, actual):
                return
            case _:
                if recorded != actual or isinstance(recorded, str):
                    yield f"{path} is {actual!r}; recorded {recorded!r}"

    def _matches(self, recorded: str, actual: str) -> bool:
        names: dict[str, str] = {}

        def part(found: re.Match[str]) -> str:
            placeholder, kind = found[0], found[1]
            if kind == "time":
                return _KINDS["time"]
            if placeholder in self._values:
                return re.escape(self._values[placeholder])
            if placeholder in names:
                return f"(?P={names[placeholder]})"
            names[placeholder] = f"p{found[2]}"
            return f"(?P<{names[placeholder]}>{_KINDS[kind]})"

        matched = re.fullmatch(_template(recorded, part), actual, re.DOTALL)
        if matched:
            self._values.update({placeholder: matched[name] for placeholder, name in names.items()})
        return matched is not None

    def _value(self, found: re.Match[str]) -> str:
        return self._values.setdefault(found[0], _MADE_UP[found[1]](int(found[2])))


def read(scene: str) -> list[Json]:
    """The lines of a scene."""
    text = (FOLDER / f"{scene}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def write(scene: str, lines: list[Json]) -> None:
    """Keep a scene."""
    FOLDER.mkdir(exist_ok=True)
    text = "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines)
    (FOLDER / f"{scene}.jsonl").write_text(text, encoding="utf-8")


def _template(recorded: str, part: Callable[[re.Match[str]], str]) -> str:
    """A regular expression: what stands between the placeholders literally, and `part` of each placeholder."""
    pieces, end = [], 0
    for found in _PLACEHOLDER.finditer(recorded):
        pieces += [re.escape(recorded[end : found.start()]), part(found)]
        end = found.end()
    return "".join([*pieces, re.escape(recorded[end:])])


def _is_of_the_run(key: str) -> bool:
    return key in _OF_THE_ENGINE or _OF_THE_MACHINE.search(key) is not None
