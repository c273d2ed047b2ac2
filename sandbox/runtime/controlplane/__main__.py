"""`python -m sandbox.runtime.controlplane`: build the control plane, unless it is built."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sandbox.errors import SandboxError
from sandbox.runtime.controlplane.background import BACKGROUND
from sandbox.runtime.controlplane.build import build
from sandbox.runtime.controlplane.pins import kubernetes_version, pinned
from sandbox.runtime.controlplane.toolchain import GoMissingError

_OFTEN = 25
_POLITE = 19


def main(arguments: Sequence[str]) -> int:
    """Builds, telling of it; with `--background` silently, and giving way to everything else on the machine."""
    if list(arguments) not in ([], [BACKGROUND]):
        sys.stderr.write("usage: python -m sandbox.runtime.controlplane [--background]\n")
        return 2
    if arguments:
        os.nice(_POLITE)
    elif not pinned().complete:
        sys.stdout.write(f"building Kubernetes {kubernetes_version()} once: about ten minutes on two cores\n")
    try:
        programs = build(_tell)
    except GoMissingError as missing:
        return _without_go(missing)
    except SandboxError as error:
        sys.stderr.write("\n".join([f"error: {error}", *error.details, error.hint]) + "\n")
        return error.exit_code
    sys.stdout.write(f"Kubernetes {kubernetes_version()} in {programs.folder}\n")
    return 0


def _without_go(missing: GoMissingError) -> int:
    """Nothing to be done on a laptop, where the tests that need it skip; CI must have it."""
    in_ci = os.environ.get("CI") == "true"
    sys.stderr.write(f"{'error: ' if in_ci else ''}{missing}: no Kubernetes control plane ({missing.hint})\n")
    return missing.exit_code if in_ci else 0


def _tell(name: str, packages: int) -> None:
    if packages % _OFTEN == 0:
        sys.stdout.write(f"  {name}: {packages} packages compiled\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
