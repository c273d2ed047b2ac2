"""What the images stand on: the base images that images/Dockerfile names, each by version and digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
GROUND: Final = ROOT / "images/Dockerfile"

_FROM: Final = re.compile(r"^FROM\s+(?P<source>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.MULTILINE)
_PINNED: Final = re.compile(r"(?P<name>[a-z0-9./-]+):(?P<tag>[\w.-]+)@(?P<digest>sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class BaseImage:
    """An image of somebody else's, as `python:3.12.14-slim-bookworm@sha256:...`."""

    name: str
    tag: str
    digest: str


def sources(dockerfile: Path) -> list[tuple[str, str | None]]:
    """The `FROM` lines of a Dockerfile: what each takes, and what it calls it."""
    return [(each["source"], each["stage"]) for each in _FROM.finditer(dockerfile.read_text())]


def base_of(stage: str) -> BaseImage:
    """The pinned image under a stage of images/Dockerfile.

    Raises `KeyError` for a stage that is not there, `ValueError` for a base that is not pinned by tag and digest.
    """
    stages = {name: source for source, name in sources(GROUND) if name is not None}
    source = stages[stage]
    if source in stages and source != stage:
        return base_of(source)
    pinned = _PINNED.fullmatch(source)
    if pinned is None:
        raise ValueError(f"{GROUND.name}: {source!r} is no base image by version and digest: write name:tag@sha256:...")
    return BaseImage(**pinned.groupdict())
