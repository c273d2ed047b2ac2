"""Drives a core and the model side by side, finds where they differ, and makes the log of that as short as it goes.

`valletta core diff --seed 1 --commands 100000` compares the built core.
"""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import DecodeError, Message

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.cores import Core, MakeCore, apply_bytes, built_core
from tests.core.differ.generator import generate, plan_of
from tests.core.differ.invariants import Invariants
from tests.core.model.machine import Model

EVERY = 50
"""After so many commands images and totals are compared, too."""
MINIMISE_SECONDS = 120.0

Entry = tuple[int, bytes]


@dataclass(frozen=True)
class Difference:
    """Where the core and the model part: after the last of the commands, one says this, the other that."""

    seed: int
    limits: dict[str, int]
    log: list[Entry]
    what: str
    core: str
    model: str

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, limits {self.limits}, {self.what}", *(f"  {line}" for line in told(self.log))]
        return "\n".join([*lines, f"--- the core: {self.core}", f"--- the model: {self.model}"])

    def to_fixture(self, path: Path) -> None:
        """As JSON lines: what it is, then time and command, base64."""
        head = {"seed": self.seed, "limits": self.limits, "what": self.what, "core": self.core, "model": self.model}
        entries = [[time_ms, base64.b64encode(command).decode()] for time_ms, command in self.log]
        path.write_text("".join(json.dumps(line) + "\n" for line in [head, *entries]))


def from_fixture(path: Path) -> tuple[dict[str, int], list[Entry]]:
    """The limits and the log of a fixture."""
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    return head["limits"], [(time_ms, base64.b64decode(command)) for time_ms, command in lines]


def told(log: Iterable[Entry]) -> Iterator[str]:
    """A log in words."""
    for time_ms, command in log:
        try:
            text = " ".join(str(x.Command.FromString(command)).split())
        except DecodeError:
            text = command.hex()
        yield f"{time_ms} {text}"


@dataclass(frozen=True)
class Found:
    """What differs, and what each said."""

    what: str
    core: str
    model: str


@dataclass
class Pair:
    """A core and the model, side by side."""

    core: Core
    model: Model
    seen: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.invariants = Invariants(self.model.world)
        self.told_markets: dict[int, int] = {}

    def apply(self, time_ms: int, command: bytes) -> Found | None:
        """One command: the outcome and the events must be the model's."""
        outcome, events = apply_bytes(self.model, time_ms, command)
        self.seen[x.Code.Name(outcome.code)] += 1
        for event in events:
            self.happened[str(event.WhichOneof("body")) + "+" * bool(event.matched.group)] += 1
        self.invariants.check(events)
        try:
            ((core_outcome, core_events),) = self.core.apply(time_ms, [command])
        except Exception as error:
            return Found("the core halts", repr(error), _said(outcome))
        if _differ(core_outcome, outcome):
            return Found("outcome", _said(x.Outcome.FromString(core_outcome)), _said(outcome))
        if len(core_events) != len(events) or any(map(_differ, core_events, events)):
            theirs = [x.Event.FromString(event) for event in core_events]
            return Found("events", _all_said(theirs), _all_said(events))
        return None

    def compare_images(self) -> Found | None:
        """Accounts, orders and markets that may have changed, and the shard's money."""
        self.invariants.check_all()
        totals = self.core.totals()
        if totals != self.model.totals():
            return Found("totals", str(totals), str(self.model.totals()))
        for what, theirs, ours in self._images():
            if theirs is None or _differ(theirs, ours):
                core = "nothing" if theirs is None else _said(type(ours).FromString(theirs))
                return Found(what, core, _said(ours))
        return None

    def _images(self) -> Iterator[tuple[str, bytes | None, Message]]:
        core, images, world = self.core, self.model.images, self.model.world
        for account in world.accounts:
            yield f"account {account}", core.read_account(account), images.account(account)
        for market in world.markets.values():
            mark = market.version * 2 + market.final
            if not market.ended or self.told_markets.get(market.id) != mark:
                self.told_markets[market.id] = mark
                yield f"market {market.id}", core.read_market(market.id, 0), images.market(market.id)
            if not market.ended:
                for account in world.accounts:
                    orders = core.read_orders(account, market.id)
                    yield f"orders of {account} in {market.id}", orders, images.orders(account, market.id)


def _differ(theirs: bytes, ours: Message) -> bool:
    """Byte by byte first, for that is quick; then field by field."""
    return theirs != ours.SerializeToString() and type(ours).FromString(theirs) != ours


def _said(message: Message) -> str:
    return f"{type(message).__name__}({' '.join(str(message).split())})"


def _all_said(events: list[x.Event]) -> str:
    return "".join(f"\n    {' '.join(str(event).split())}" for event in events)


# ---------------------------------------------------------------- comparing


def compare(seed: int, commands: int, make_core: MakeCore, *, rules_1: bool = False) -> Difference | None:
    """So many commands of a seed; the first difference, with the shortest log that shows one."""
    found = run(seed, commands, make_core, rules_1=rules_1)[0]
    return found and minimised(found, make_core)


def run(
    seed: int, commands: int, make_core: MakeCore, *, rules_1: bool = False
) -> tuple[Difference | None, Counter[str]]:
    """The first difference as it was found, and how often each code was answered."""
    plan = plan_of(seed, rules_1=rules_1)
    pair = Pair(make_core(plan.limits), Model(plan.limits))
    log: list[Entry] = []
    for time_ms, command in generate(seed, pair.model.world, plan):
        log.append((time_ms, command))
        found = pair.apply(time_ms, command)
        if found is None and (len(log) % EVERY == 0 or len(log) == commands):
            found = pair.compare_images()
        if found:
            return Difference(seed, plan.limits, log, found.what, found.core, found.model), pair.seen
        if len(log) == commands:
            break
    return None, pair.seen


def replay(limits: dict[str, int], log: list[Entry], make_core: MakeCore, *, images: bool) -> tuple[int, Found] | None:
    """Where a log first shows a difference: at which command, and which."""
    pair = Pair(make_core(limits), Model(limits))
    for index, (time_ms, command) in enumerate(log):
        found = pair.apply(time_ms, command)
        if found is None and images and (index + 1) % EVERY == 0:
            found = pair.compare_images()
        if found:
            return index, found
    found = pair.compare_images()
    return (len(log) - 1, found) if found and log else None


def minimised(difference: Difference, make_core: MakeCore, seconds: float = MINIMISE_SECONDS) -> Difference:
    """Drops commands, in ever smaller pieces, as long as the same kind of difference stays."""
    deadline = time.monotonic() + seconds
    kind = difference.what.split()[0]
    log = difference.log
    best = Found(difference.what, difference.core, difference.model)

    def shows(shorter: list[Entry]) -> tuple[int, Found] | None:
        shown = replay(difference.limits, shorter, make_core, images=False)
        return shown if shown and shown[1].what.split()[0] == kind else None

    piece = max(1, len(log) // 2)
    while time.monotonic() < deadline:
        start, dropped = 0, False
        while start < len(log) and time.monotonic() < deadline:
            shorter = log[:start] + log[start + piece :]
            shown = shows(shorter)
            if shown:
                log, best, dropped = shorter[: shown[0] + 1], shown[1], True
            else:
                start += piece
        if piece == 1 and not dropped:
            break
        piece = max(1, piece // 2)
    return Difference(difference.seed, difference.limits, log, best.what, best.core, best.model)


# ---------------------------------------------------------------- many worlds


@dataclass
class Report:
    """What a long comparison came to."""

    compared: int = 0
    worlds: int = 0
    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    difference: Difference | None = None

    @property
    def rate(self) -> float:
        """Commands a second."""
        return self.compared / self.seconds if self.seconds else 0.0


WORLDS_OF_A_SEED = 1_000_000


def long_run(
    seed: int, commands: int, world: int, told: Callable[[int], None], make_core: MakeCore = built_core
) -> Report:
    """Compares worlds of at most `world` commands until there were `commands`, or until one differs.

    `told` hears after each world how many commands have been compared.
    """
    report, began = Report(), time.monotonic()
    while report.compared < commands and report.difference is None:
        number = seed * WORLDS_OF_A_SEED + report.worlds
        found, codes = run(number, min(world, commands - report.compared), make_core)
        report.worlds += 1
        report.codes += codes
        report.compared += codes.total()
        report.seconds = time.monotonic() - began
        report.difference = found and minimised(found, make_core)
        told(report.compared)
    return report
