"""Making a copy: claim its name and its addresses in the backend, write its settings, and provision it if asked.

Every step is safe to do again: a spawn that was interrupted is finished by the same command, and `expire` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from typing import Any, Final

import yaml
from pulumi.automation import CommandError, OpType

from infra.cost.estimate import Estimate, estimate
from infra.cost.usage import BY_ENVIRONMENT
from infra.settings import SettingsError, StackSettings
from infra.settings.copies import CopyIdentity, copy_config, differences
from sandbox import paths
from sandbox.copies.addresses import POOL, blocks
from sandbox.copies.backend import CIDR_TAG, EXPIRES_TAG, SOURCE_TAG, Backend, BackendError, reason
from sandbox.copies.naming import CopyName, CopyRefusedError, workloads_of
from sandbox.plan.program import config_text
from sandbox.plan.record import record_plan

PACK: Final = paths.CLONE / "policies" / "pack"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Copy:
    """A copy as it will be: its stacks, each with its whole configuration, and what differs from the source."""

    copied: CopyName
    vpc_cidr: IPv4Network
    expires: datetime
    stacks: Mapping[str, Mapping[str, Any]]
    differences: Mapping[str, tuple[Any, Any]]


def design(backend: Backend, copied: CopyName, life: timedelta, *, now: datetime | None = None) -> Copy:
    """What a copy would be, if the addresses that are free now still are when they are claimed. Changes nothing.

    A copy that is there keeps its addresses and gets the new end. Raises CopyRefusedError where the source is not in
    this clone, or its settings do not make a copy that stands.
    """
    expires = (now or datetime.now(UTC)).replace(microsecond=0) + life
    backend.settings(copied.source)
    claimed = next((claim for claim in backend.claims() if claim.stack == copied.stack), None)
    cidr = claimed.vpc_cidr if claimed and claimed.vpc_cidr else _free(backend, copied)
    return _copy(backend, copied, cidr, expires)


def monthly_cost(backend: Backend, copy: Copy) -> Estimate:
    """What the copy's foundation (or all of it) would cost in a month: what runs in the cluster runs on its nodes."""
    config = {key: config_text(key, value) for key, value in copy.stacks[copy.copied.stack].items()}
    plan = record_plan(copy.copied.stack, config, project=backend.project, unwritten=True)
    return estimate(plan.resources, config["valletta:region"], BY_ENVIRONMENT[config["valletta:environment"]])


def claim(backend: Backend, copy: Copy, tell: Tell) -> Copy:
    """Make the copy's stacks ours and write their settings into the clone; returns it with the addresses it got."""
    for stack in copy.stacks:
        tell(f"claiming {stack}")
        backend.make(stack)
        tags = {SOURCE_TAG: copy.copied.source, EXPIRES_TAG: copy.expires.isoformat()}
        backend.tag(stack, tags)
    cidr = claim_addresses(backend, copy, tell)
    settled = copy if cidr == copy.vpc_cidr else _copy(backend, copy.copied, cidr, copy.expires)
    for stack, config in settled.stacks.items():
        _write(backend, stack, config)
    return settled


def claim_addresses(backend: Backend, copy: Copy, tell: Tell) -> IPv4Network:
    """Claim first, look afterwards: of two that claim one block, at least the later sees the other, and moves on.

    Both may see each other, and then both move on, each to the next block of its own order.
    """
    stack, cidr = copy.copied.stack, copy.vpc_cidr
    while True:
        backend.tag(stack, {CIDR_TAG: str(cidr)})
        taken = backend.taken(but=stack)
        if not any(cidr.overlaps(other) for other in taken):
            return cidr
        tell(f"{cidr} was claimed by another stack meanwhile")
        cidr = _next_free(copy.copied, {*taken, cidr})


def _free(backend: Backend, copied: CopyName) -> IPv4Network:
    return _next_free(copied, backend.taken(but=copied.stack))


def _next_free(copied: CopyName, taken: set[IPv4Network]) -> IPv4Network:
    block = next(blocks(copied.stack, taken), None)
    if block is None:
        raise BackendError(f"no block of {POOL} is free for {copied.stack}", hint="valletta stack expire")
    return block


def _copy(backend: Backend, copied: CopyName, cidr: IPv4Network, expires: datetime) -> Copy:
    identity = CopyIdentity(copied.name, cidr, expires, backend.full_name(copied.stack))
    stacks: dict[str, Mapping[str, Any]] = {}
    changed: dict[str, tuple[Any, Any]] = {}
    for source, stack in _pairs(backend, copied).items():
        given = backend.settings(source)
        config = copy_config(given, identity)
        changed |= differences(_settings(source, given), _settings(stack, config))
        stacks[stack] = config
    return Copy(copied, cidr, expires, stacks, changed)


def _pairs(backend: Backend, copied: CopyName) -> dict[str, str]:
    """Each stack of the source, with the copy's that is made of it: the foundation first."""
    pairs = {copied.source: copied.stack}
    if backend.settings_file(workloads_of(copied.source)).is_file():
        pairs[workloads_of(copied.source)] = copied.workloads
    return pairs


def _settings(stack: str, config: Mapping[str, Any]) -> StackSettings:
    """The program's own reading of a configuration, before anything is claimed."""
    try:
        settings = StackSettings.from_config({key: config_text(key, value) for key, value in config.items()})
        settings.check_stack(stack)
    except SettingsError as error:
        raise CopyRefusedError(f"the stack {stack} would not stand", details=str(error).splitlines()) from error
    return settings


def _write(backend: Backend, stack: str, config: Mapping[str, Any]) -> None:
    """The settings into the clone, beside what the engine keeps in the same file (the salt of its secrets)."""
    file = backend.settings_file(stack)
    document = (yaml.safe_load(file.read_text()) or {}) if file.is_file() else {}
    head = "# A copy for a while; made by `valletta stack spawn`, destroyed by `valletta stack expire`.\n"
    file.write_text(head + yaml.safe_dump({**document, "config": dict(config)}, sort_keys=False))


def provision(backend: Backend, copy: Copy, tell: Tell) -> None:
    """Bring up the copy's foundation (or all of it, where the source is one stack).

    The workloads of a pair are left: the cluster's endpoint is private, so they are applied from inside its network.
    Raises BackendError with the engine's words.
    """
    stack = copy.copied.stack
    tell(f"provisioning {stack}")
    try:
        done = backend.open(stack).up(color="never", show_secrets=False, policy_packs=[str(PACK)])
    except CommandError as error:
        raise BackendError(f"{stack} could not be provisioned: {reason(str(error))}") from error
    made = (done.summary.resource_changes or {}).get(OpType.CREATE, 0)
    tell(f"{stack}: {made} resources created")
