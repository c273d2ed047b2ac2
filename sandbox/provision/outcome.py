"""What provisioning answers, and how it tells of its progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sandbox.errors import SandboxError
from sandbox.plan.record import Plan

STACK = "local"
PROVIDER = "pulumi:providers:"
PASSPHRASE = "valletta-local"  # noqa: S105  public: it guards an account that lives on this machine and asks no credentials
SECRET = "[secret]"  # noqa: S105  what is shown instead of one

Way: TypeAlias = Literal["cli", "installed-cli", "in-process"]
Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called as resources are done: what is being done, how many are done, and how many there are where that is known."""


def cloud_resources(plan: Plan) -> int:
    """How many resources of the plan the account will hold: components and providers are none."""
    return sum(each.custom and not each.type.startswith(PROVIDER) for each in plan.resources)


class ProvisionError(SandboxError):
    """Provisioning stopped; the message holds the engine's own words, URN included."""


@dataclass(frozen=True)
class Outcome:
    """What a run changed and what there is now: cloud resources only, not components, providers or the stack."""

    created: int
    unchanged: int
    resources: int
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Provisioned(Outcome):
    """An outcome, the way that led to it, and one line that says which and what differs. Secret outputs are masked."""

    way: Way
    line: str
