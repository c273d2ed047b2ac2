"""The baseline: the images that were released to run in an environment, a file an environment.

`python -m tools.release set` writes the files, in the request that releases the images: two people approve both at
once. They lie here and not with the settings because they are what evidence judges by: the digest of the catalogue
covers them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from policies.environment import Environment


@dataclass(frozen=True, slots=True)
class Baseline:
    """What may run."""

    registry: str
    """Where all images come from."""
    images: Mapping[str, str]
    """The repository of an image in that registry -> its digest."""

    def text(self) -> str:
        """The baseline as a file."""
        images = "".join(f'"{repository}" = "{digest}"\n' for repository, digest in sorted(self.images.items()))
        return f'{_HEAD}registry = "{self.registry}"\n\n[images]\n{images}'


_HEAD = "# What may run. Written by `python -m tools.release`; released by the request that changes it.\n"


@cache
def baseline_of(environment: Environment) -> Baseline | None:
    """The baseline of an environment; None where nothing was ever released to it, as to the local stack."""
    file = files(__package__).joinpath(f"{environment.value}.toml")
    if not file.is_file():
        return None
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return Baseline(document["registry"], document["images"])
