"""`python -m tests.twin.plugin.record`: record the conversations anew, with the real Pulumi CLI on the PATH.

Runs the small program beside this file through every scene against a fresh account and writes what the engine and the
plugins said. Do so when the protocol layer or the twin's answers change on purpose, and read the difference in git.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from sandbox.paths import CLONE
from sandbox.plugins import recorder
from sandbox.plugins.endpoint import VARIABLE
from tests.twin.plugin.conversation import Json, Normaliser, write
from tests.twin.plugin.harness import client

PROGRAM = Path(__file__).parent / "program"


class Recording:
    """One stack in a scratch folder, its account, and the scenes so far."""

    def __init__(self, folder: Path, account: str) -> None:
        self._folder, self._account = folder, account
        self._file = folder / "conversation.jsonl"
        self._normaliser = Normaliser()
        self._outside: list[Json] = []
        self._environment = {
            **os.environ,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "recording",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            VARIABLE: account,
        }
        plugins = [{"name": name, "path": str(CLONE / "sandbox" / "plugins" / name)} for name in ("aws", "kubernetes")]
        project = {
            "name": "valletta-local",
            "runtime": {"name": "python", "options": {"virtualenv": str(CLONE / ".venv")}},
            "main": str(PROGRAM),
            "plugins": {"providers": plugins},
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self._pulumi("stack", "init", "local")

    def scene(self, name: str, *command: str, config: Mapping[str, str] | None = None, fails: bool = False) -> None:
        """Run one command of the CLI with these settings, and keep what was said as the scene `name`."""
        settings = {f"valletta:{key}": value for key, value in (config or {}).items()}
        file = self._folder / "Pulumi.local.yaml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "config": settings}))
        self._file.unlink(missing_ok=True)
        self._environment[recorder.VARIABLE] = str(self._file)
        self._pulumi(*command, "--yes", "--parallel", "4", fails=fails)
        said = [json.loads(line) for line in self._file.read_text().splitlines()]
        write(name, [self._normaliser.line(line) for line in [*self._outside, *said]])
        self._outside.clear()
        sys.stdout.write(f"{name}: {len(said)} calls\n")

    def outside(self, service: str, operation: str, **parameters: str) -> None:
        """Change the account behind the engine's back, as part of the next scene."""
        getattr(client(service, self._account), operation)(**parameters)
        self._outside.append({"outside": {"service": service, "operation": operation, "parameters": parameters}})

    def output(self, name: str) -> str:
        """An output of the stack."""
        return self._pulumi("stack", "output", name, "-s", "local").strip()

    def _pulumi(self, *arguments: str, fails: bool = False) -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        ended = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        if (ended.returncode != 0) is not fails:
            raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
        return ended.stdout


@contextmanager
def _account(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox.twin", "--port", "0", "--state", str(folder)]
    with subprocess.Popen(command, cwd=CLONE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def main() -> None:
    """Record every scene."""
    with tempfile.TemporaryDirectory() as scratch, _account(Path(scratch) / "account") as account:
        recording = Recording(Path(scratch), account)
        up, changed = ("up", "-s", "local"), {"description": "records of five years"}
        renamed = {**changed, "alias": "alias/ledger"}
        recording.scene("create", *up)
        recording.scene("no-op", *up)
        recording.scene("update", *up, config=changed)
        recording.scene("replace", *up, config=renamed)
        recording.outside("kms", "update_key_description", KeyId=recording.output("key"), Description="tampered with")
        recording.scene("drift", "refresh", "-s", "local", config=renamed)
        recording.scene("failure", *up, config={**renamed, "clash": "true"}, fails=True)
        recording.scene("recovery", *up, config={**renamed, "clash": "true", "second": "alias/second"})
        recording.scene("destroy", "destroy", "-s", "local", config=renamed)


if __name__ == "__main__":
    main()
