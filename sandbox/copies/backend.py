"""The backend, where every stack is known to everybody: whose stacks there are, and what each has claimed.

Claims are tags of the stack, written before anything is provisioned, so that a spawn in another clone sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi.automation import CommandError, LocalWorkspace, PulumiCommand, Stack

from sandbox import paths
from sandbox.copies.naming import CopyRefusedError
from sandbox.errors import SandboxError
from sandbox.provision.engine import local_environment
from sandbox.provision.installer import NoCliError, on_path
from sandbox.provision.outcome import STACK

CIDR_TAG: Final = "valletta:vpc_cidr"
EXPIRES_TAG: Final = "valletta:expires"
SOURCE_TAG: Final = "valletta:source"


class BackendError(SandboxError):
    """The backend or the engine would not; the message holds its own words."""


@dataclass(frozen=True)
class Claim:
    """A copy as the backend knows it."""

    stack: str
    source: str
    vpc_cidr: IPv4Network | None
    expires: datetime
    resources: int

    @property
    def name(self) -> str:
        """The copy's own name: the stack's without its source's."""
        return self.stack.removeprefix(f"{self.source}-")

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now >= self.expires


class Backend:
    """The stacks of one project, through the Pulumi CLI on this machine."""

    def __init__(self, source: str) -> None:
        """The project that has the stack `source`. Raises SandboxError where there is no CLI."""
        self.folder = paths.CLONE / "sandbox" if source == STACK else paths.CLONE
        self.project: str = yaml.safe_load((self.folder / "Pulumi.yaml").read_text())["name"]
        environment = local_environment(paths.home()) if source == STACK else {}
        self._workspace = LocalWorkspace(work_dir=str(self.folder), pulumi_command=_command(), env_vars=environment)

    @cached_property
    def organization(self) -> str:
        """What a stack reference begins with; a backend without organisations says `organization`."""
        with _told("the backend does not say who this is"):
            organizations = self._workspace.who_am_i().organizations
        return organizations[0] if organizations else "organization"

    def full_name(self, stack: str) -> str:
        """The name by which another stack refers to it."""
        return f"{self.organization}/{self.project}/{stack}"

    def settings_file(self, stack: str) -> Path:
        """Where the settings of a stack lie in this clone."""
        return self.folder / f"Pulumi.{stack}.yaml"

    def settings(self, stack: str) -> Mapping[str, Any]:
        """The configuration of a stack of this clone. Raises CopyRefusedError where there is none."""
        file = self.settings_file(stack)
        if not file.is_file():
            known = ", ".join(sorted(each.name.split(".")[1] for each in self.folder.glob("Pulumi.*.yaml")))
            raise CopyRefusedError(f"there is no stack {stack!r} in this clone", hint=f"the stacks are {known}")
        config: Mapping[str, Any] = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
        return config

    def claims(self) -> list[Claim]:
        """Every copy that the backend knows, soonest to expire first."""
        found = (self._claim(summary.name, summary.resource_count or 0) for summary in self._stacks())
        return sorted((claim for claim in found if claim), key=lambda claim: claim.expires)

    def taken(self, but: str) -> set[IPv4Network]:
        """The addresses of every stack except `but`: those claimed in the backend, and those in this clone's files."""
        claimed = {claim.vpc_cidr for claim in self.claims() if claim.stack != but and claim.vpc_cidr}
        return claimed | {
            IPv4Network(config[CIDR_TAG])
            for file in self.folder.glob("Pulumi.*.yaml")
            if not file.name.startswith(f"Pulumi.{but}.")
            and CIDR_TAG in (config := (yaml.safe_load(file.read_text()) or {}).get("config") or {})
        }

    def make(self, stack: str) -> bool:
        """Make the stack's name ours; False where the backend has it already."""
        if stack in {summary.name for summary in self._stacks()}:
            return False
        with _told(f"the stack {stack} cannot be made"):
            self._workspace.create_stack(stack)
        return True

    def tag(self, stack: str, tags: Mapping[str, str]) -> None:
        """Write claims on a stack."""
        with _told(f"the stack {stack} cannot be tagged"):
            for key, value in tags.items():
                self._workspace.set_tag(stack, key, value)

    def open(self, stack: str) -> Stack:
        """The stack, for running the engine on it."""
        with _told(f"the stack {stack} cannot be opened"):
            return Stack.select(stack, self._workspace)

    def remove(self, stack: str) -> None:
        """Take an emptied stack out of the backend, and its settings out of this clone."""
        with _told(f"the stack {stack} cannot be removed"):
            self._workspace.remove_stack(stack)
        self.settings_file(stack).unlink(missing_ok=True)

    def _stacks(self) -> list[Any]:
        with _told("the backend's stacks cannot be listed"):
            return self._workspace.list_stacks()

    def _claim(self, stack: str, resources: int) -> Claim | None:
        """The copy behind a stack that says when it ends; None for a stack that stays."""
        if "-" not in stack:
            return None
        with _told(f"the tags of {stack} cannot be read"):
            tags = self._workspace.list_tags(stack)
        if EXPIRES_TAG not in tags or SOURCE_TAG not in tags:
            return None
        cidr = tags.get(CIDR_TAG)
        expires = datetime.fromisoformat(tags[EXPIRES_TAG]).astimezone(UTC)
        return Claim(stack, tags[SOURCE_TAG], IPv4Network(cidr) if cidr else None, expires, resources)


def _command() -> PulumiCommand:
    try:
        command = on_path()
    except NoCliError as why:
        raise BackendError(f"{why}, and copies live in its backend", hint="put a newer pulumi on the PATH") from None
    if command is None:
        raise BackendError(
            "the Pulumi CLI is not on the PATH, and copies live in its backend",
            hint="install it (https://www.pulumi.com/docs/install), then try again",
        )
    return command


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise BackendError(f"{what}: {reason(str(error))}") from error


def reason(text: str) -> str:
    """The engine's own words in the dump of a failed command."""
    lines = [line.strip() for line in text.splitlines()]
    told = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return "; ".join(told) or next((line for line in reversed(lines) if line), "no reason was given")
