"""`python -m sandbox.provision.worker --endpoint URL`: run the program once, making each resource in the account.

Speaks JSON, one object a line, on standard output: `{"name", "done"}` as resources are made, at last `{"outputs"}` or
`{"error"}`. Ends at once when its standard input closes: who asked is gone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.errors import SandboxError
from sandbox.plan.monitor import Registration, RegistrationError
from sandbox.plan.program import read_stack, run_program
from sandbox.plan.values import Secret, reveal
from sandbox.plugins.twins import PACKAGES, ProviderSettings, ResourceTwin, open_twin, package_of
from sandbox.plugins.values import Path, Properties, PropertyValue, seal
from sandbox.provision.outcome import SECRET, STACK
from sandbox.twin.errors import UnknownTypeError

TIMEOUT_SECONDS = 300.0


class Maker:
    """Makes each custom resource in the account and tells of it: the handler and the invoker of one run.

    Called from several threads at once.
    """

    def __init__(self, endpoint: str, region: str, tell: Callable[[str, int], None]) -> None:
        self._twins = {package: open_twin(package, endpoint, ProviderSettings(region)) for package in PACKAGES}
        self._tell = tell
        self._done = 0
        self._lock = threading.Lock()

    def make(self, registration: Registration) -> tuple[str, Mapping[str, Any]]:
        """Check and create one resource; raises RegistrationError beginning with its URN, without any secret."""
        asked = properties(registration.inputs)
        try:
            identity, outputs = self._create(registration, asked)
        except RegistrationError:
            raise
        except Exception as error:
            raise RegistrationError(f"{registration.urn}: {asked.redact(str(error) or type(error).__name__)}") from None
        with self._lock:
            self._done += 1
            self._tell(f"{registration.type} {registration.name}", self._done)
        return identity, sealed(outputs, seal(outputs, asked))

    def _create(self, registration: Registration, asked: Properties) -> tuple[str, dict[str, Any]]:
        twin = self._twin(registration.type)
        inputs, failures = twin.check(registration.type, registration.urn, None, asked.plain)
        if failures:
            found = "; ".join(f"{failure.property}: {failure.reason}" for failure in failures)
            raise RegistrationError(f"{registration.urn}: {asked.redact(found)}")
        return twin.create(registration.type, registration.urn, inputs, timeout=TIMEOUT_SECONDS)

    def answer(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer one of the providers' functions from the account."""
        asked = properties(arguments)
        result = self._twin(token).invoke(token, asked.plain)
        told: Mapping[str, Any] = sealed(result, seal(result, asked))
        return told

    def _twin(self, token: str) -> ResourceTwin:
        twin = self._twins.get(package_of(token))
        if twin is None:
            raise UnknownTypeError(f"{token}: the twin stands for the providers {', '.join(PACKAGES)} only")
        return twin


def properties(inputs: Mapping[str, Any]) -> Properties:
    """A program's inputs as plain data, with the places of its secrets beside it."""
    return Properties(reveal(inputs), frozenset(_secret_paths(inputs, ())))


def sealed(plain: PropertyValue, secrets: frozenset[Path], path: Path = ()) -> PropertyValue:
    """`plain` with a `Secret` at every path in `secrets`."""
    match plain:
        case dict():
            inside: PropertyValue = {key: sealed(item, secrets, (*path, key)) for key, item in plain.items()}
        case list():
            inside = [sealed(item, secrets, (*path, index)) for index, item in enumerate(plain)]
        case _:
            inside = plain
    return Secret(reveal(inside)) if path in secrets else inside


def _secret_paths(value: PropertyValue, path: Path) -> list[Path]:
    match value:
        case Secret():
            return [path]
        case Mapping():
            return [found for key, item in value.items() for found in _secret_paths(item, (*path, key))]
        case list() | tuple():
            return [found for index, item in enumerate(value) for found in _secret_paths(item, (*path, index))]
        case _:
            return []


def _shown(value: PropertyValue) -> PropertyValue:
    """A stack output as it may be told: secrets masked."""
    match value:
        case Secret():
            return SECRET
        case Mapping():
            return {key: _shown(item) for key, item in value.items()}
        case list() | tuple():
            return [_shown(item) for item in value]
        case _:
            return value


def _say(**message: PropertyValue) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_asker() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> int:
    """Run the program; 0, or 1 with the reason told."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.provision.worker", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="where the account twin answers")
    endpoint = parser.parse_args().endpoint
    threading.Thread(target=_end_with_asker, daemon=True).start()
    try:
        files = read_stack(STACK)
        maker = Maker(endpoint, files.config["valletta:region"], lambda name, done: _say(name=name, done=done))
        execution = run_program(files, maker.make, maker.answer)
    except (SandboxError, RegistrationError) as error:
        _say(error=str(error))
        return 1
    _say(outputs=_shown(execution.outputs))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
