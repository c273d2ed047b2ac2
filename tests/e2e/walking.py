"""Walks a page of console blocks as it is written: types each command, and compares what is said with the page.

In a page `...` alone on a line stands for any number of lines, and `…` for any text within one. Blanks count as one,
since what stands for something shorter shifts what follows.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "--valletta-step--"


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what the page says that it answers."""

    command: str
    expected: str

    def fits(self, said: str) -> bool:
        """Is this what the page says?"""
        return re.fullmatch(_pattern(self.expected), _squeezed(said)) is not None


def steps(page: str) -> Iterator[Step]:
    """The commands of a page, in order. A line that goes on with a command begins with `>`."""
    for block in _BLOCK.findall(page):
        for typed in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = typed.splitlines()
            more = [line for line in rest if line.startswith(">")]
            command = "\n".join([first, *(line.removeprefix(">").removeprefix(" ") for line in more)])
            yield Step(command, "\n".join(rest[len(more) :]))


def walk(page: Path, folder: Path, environment: Mapping[str, str], within_s: float) -> list[tuple[Step, str]]:
    """Type every command into one shell in a folder; each step with what was said."""
    wanted = list(steps(page.read_text(encoding="utf-8")))
    typed = "".join(f"{{ {step.command}\n}} 2>&1 </dev/null\necho; echo {_MARK}\n" for step in wanted)
    done = subprocess.run(
        ["bash"],
        input=typed,
        cwd=folder,
        env=dict(environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=within_s,
        check=True,
    )
    said = done.stdout.split(f"\n{_MARK}\n")
    assert len(said) == len(wanted) + 1, f"the shell ended after {len(said) - 1} of {len(wanted)} commands: {said[-1]}"
    return list(zip(wanted, said, strict=False))


def _squeezed(text: str) -> str:
    return "".join(" ".join(line.split()) + "\n" for line in text.strip().splitlines())


def _pattern(expected: str) -> str:
    lines = (re.escape(line).replace("…", ".*") for line in _squeezed(expected).splitlines())
    return "".join(r"(?:.*\n)*?" if line == re.escape("...") else f"{line}\n" for line in lines)
