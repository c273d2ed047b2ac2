"""What the delivery workflows ask about a stack, and the one thing that they change: the images that it runs.

`python -m tools.release facts staging` prints account, region, name, layer and registry as `key=value`;
`... images staging-workloads` prints the reference of every image that the stack runs, a line each;
`... set staging-workloads gateway=sha256:... ledger=sha256:...` writes digests into the stack's file, and nothing else,
and then the environment's baseline under `policies/baseline`, by which evidence judges what runs (control CHG-3).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.settings import SettingsError, StackSettings
from infra.workloads.deploy import load_deployments
from policies.baseline import Baseline
from sandbox.errors import SandboxError
from sandbox.plan.program import read_stack
from tools.base_images import ROOT

BASELINES: Final = ROOT / "policies" / "baseline"
KEY: Final = "valletta:image_digests"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_LINE: Final = re.compile(r"^( +)([a-z][a-z0-9-]*): *(\S+) *$")


class ReleaseError(Exception):
    """Nothing was written; the message says what is wrong."""


def facts(stack: str) -> Mapping[str, str]:
    """Where a stack lies. Raises `SandboxError` for a stack that is not there, `SettingsError` for one refused."""
    settings = _settings(stack)
    return {
        "account": settings.account_id,
        "region": settings.region,
        "name": settings.name,
        "environment": settings.environment.value,
        "layer": settings.layer.value,
        "registry": settings.image_registry,
    }


def images(stack: str) -> list[str]:
    """The references that the stack's program gives to its pods, by digest. Raises as `facts` does."""
    settings, deployments = _settings(stack), load_deployments()
    settings.check_digests(deployments)
    return [settings.image(name, each.image.repository) for name, each in deployments.items()]


def set_digests(stack: str, digests: Mapping[str, str], folder: Path = ROOT) -> bool:
    """Write digests into `Pulumi.<stack>.yaml`, leaving every other character; says whether anything changed.

    Raises `ReleaseError` for a stack or a service that is not there, and for what is no digest.
    """
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        raise ReleaseError(f"there is no stack {stack!r}: {file.name} does not exist")
    for service, digest in digests.items():
        if not _DIGEST.fullmatch(digest):
            raise ReleaseError(f"{service}={digest!r} is no digest: the registry shows it as sha256: and 64 hex digits")
    before = file.read_text()
    after, missing = _replaced(before, digests)
    if missing:
        raise ReleaseError(f"{file.name} has no line for {', '.join(missing)} under {KEY}: add it by hand once")
    if after != before:
        file.write_text(after)
    return after != before


def write_baseline(stack: str, folder: Path = BASELINES) -> bool:
    """Write what the stack's settings let run as its environment's baseline; says whether that changed anything.

    Raises as `facts` does.
    """
    settings, deployments = _settings(stack), load_deployments()
    settings.check_digests(deployments)
    images = {each.image.repository: settings.image_digests[name] for name, each in deployments.items()}
    file = folder / f"{settings.environment.value}.toml"
    before = file.read_text() if file.is_file() else ""
    after = Baseline(settings.image_registry, images).text()
    if after != before:
        file.write_text(after)
    return after != before


def _settings(stack: str) -> StackSettings:
    return StackSettings.from_config(read_stack(stack).config)


def _replaced(text: str, digests: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with the digests in the lines under the key, and the services that have no line there."""
    lines, inside, left = [], False, dict(digests)
    for line in text.splitlines():
        found = _LINE.match(line)
        if inside and found and found[2] in left:
            lines.append(f"{found[1]}{found[2]}: {left.pop(found[2])}")
        else:
            inside = line.strip() == f"{KEY}:" or (inside and found is not None)
            lines.append(line)
    return "\n".join(lines) + "\n", sorted(left)


def main(arguments: Sequence[str]) -> int:
    """Do what is asked. Returns 2, with one line that says why, where it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description="A stack's place and its images.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, told in (("facts", "account, region, name, registry"), ("images", "the images that it runs")):
        verbs.add_parser(verb, help=told).add_argument("stack")
    setter = verbs.add_parser("set", help="the images that it is to run")
    setter.add_argument("stack")
    setter.add_argument("digests", nargs="+", metavar="SERVICE=DIGEST")
    given = parser.parse_args(arguments)
    try:
        match given.verb:
            case "facts":
                lines = [f"{key}={value}" for key, value in facts(given.stack).items()]
            case "images":
                lines = images(given.stack)
            case _:
                changed = set_digests(given.stack, dict(each.partition("=")[::2] for each in given.digests))
                changed = write_baseline(given.stack) or changed
                lines = [f"{given.stack}: {'written' if changed else 'as it was'}"]
    except (ReleaseError, SettingsError, SandboxError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
