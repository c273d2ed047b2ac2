"""Random commands, steered by what the model's world holds: `generate(seed, world)` yields (time, command's bytes)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ import betting, operating, playing
from tests.core.differ.scenarios import SCENARIOS, fill_books, fill_shards
from tests.core.differ.view import UNKNOWN, Maker, View
from tests.core.model.machine import RULES_1
from tests.core.model.state import DAY_MS, HOUR_MS
from tests.core.model.world import World

START_MS = 1_800_000_000_000

SMALL = {
    "accounts": (7, 9),
    "open_markets": (2, 4),
    "runners": (6, 12),
    "exposures": (5, 14),
    "orders": (15, 60),
    "orders_per_account": (4, 20),
    "ended_orders": (1, 9),
    "keys": (15, 80),
    "kept_results": (1, 12),
    "withdrawals": (1, 3),
    "markets": (25, 60),
}
"""Bounds that are reached, from and to; each is set in some worlds."""


def _activate(view: View) -> x.Command:
    """The version in force once more, or one that is refused."""
    version = view.one_of((view.world.rules, 0, 1, 3)) if view.world.rules == 2 else 1
    return x.Command(activate_rules=x.ActivateRules(version=version))


MAKERS: list[tuple[float, Maker]] = [
    (52, betting.place),
    (2, betting.place_everywhere),
    (6, betting.cancel),
    (6, betting.replace),
    (2, betting.update),
    (1, betting.cancel_all),
    (1.5, betting.heartbeat),
    (0.8, operating.open_market),
    (1.8, operating.suspend),
    (0.7, operating.turn_in_play),
    (0.3, operating.void_runner),
    (0.6, operating.remove_runner),
    (1.2, operating.void_bet),
    (0.2, operating.settle),
    (1.2, operating.resettle),
    (0.25, operating.void_market),
    (0.8, playing.open_account),
    (0.8, playing.verify),
    (4, playing.deposit),
    (1.5, playing.withdraw),
    (1, playing.request_withdrawal),
    (1, playing.end_withdrawal),
    (0.6, playing.set_discount),
    (1.5, playing.set_limit),
    (2, playing.lose_limits),
    (0.25, playing.take_time_out),
    (0.15, playing.self_exclude),
    (0.6, playing.lift_exclusion),
    (1.2, playing.grant),
    (1, playing.confirm),
    (0.8, playing.accept_return),
    (1, playing.accept_permit),
    (0.3, playing.tighten),
    (0.7, playing.return_permit),
    (0.7, lambda view: x.Command(tick=x.Tick())),
    (0.15, _activate),
]


LONG = 12
"""Steps left of a scenario that is mostly played without interruption."""


@dataclass(frozen=True)
class Plan:
    """What is decided of a world before it begins."""

    limits: dict[str, int]
    activate_after: int | None
    """After so many commands rules 2 come in force; None: never, and no command knows of them."""


def plan_of(seed: int, *, rules_1: bool = False) -> Plan:
    random = Random(f"plan {seed}")
    small = 0.05 if seed % 4 == 0 else 0.25
    limits = {name: random.randint(*span) for name, span in SMALL.items() if random.random() < small}
    if rules_1:
        return Plan(limits, None)
    return Plan(limits, random.choice([0, 3, 12, 12, 20, 40, 300]))


class Generator:
    """Makes one command after the other."""

    def __init__(self, seed: int, world: World, plan: Plan) -> None:
        self.random = Random(f"commands {seed}")
        self.view = View(world, self.random)
        self.world, self.plan = world, plan
        self.now = START_MS + self.random.randrange(DAY_MS)
        self.made = 0
        self.queue: deque[Maker] = deque()
        self.sent: deque[x.Command] = deque(maxlen=60)
        self.makers = [maker for _, maker in MAKERS]
        self.weights = [weight for weight, _ in MAKERS]

    # ------------------------------------------------------------ time

    def _pass_time(self) -> None:
        """Mostly little, seldom to where something is due, or far beyond."""
        view, what = self.view, self.random.random()
        if what < 0.35:
            return
        if what < 0.9:
            self.now += 1 + view.below(20)
        elif what < 0.96:
            self.now += view.below(12_000)
        elif what < 0.978:
            self.now += view.below(90_000)
        elif what < 0.99:
            self._to_what_is_due()
        elif what < 0.9975:
            self.now += view.below(3 * HOUR_MS)
        elif what < 0.9995:
            self.now += view.below(2 * DAY_MS)
        else:
            self.now += view.below(40 * DAY_MS)

    def _to_what_is_due(self) -> None:
        dues = [timer.due_ms for timer in self.world.timers]
        if dues and self.view.chance(0.8):
            due = min(dues)
        else:
            accounts = self.world.accounts.values()
            dues += [due for account in accounts for due in (account.earliest_ms, account.time_out_ms) if due]
            due = self.view.one_of(dues) if dues else 0
        self.now = max(self.now, due + self.view.one_of((-1, 0, 0, 1)))

    # ------------------------------------------------------------ commands

    def next(self) -> tuple[int, bytes]:
        self._pass_time()
        self.made += 1
        what = self.random.random()
        if what < 0.01 and self.sent:
            return self.now, self._again()
        if what < 0.012:
            return self.now, self._junk()
        command = self._command()
        self._add_key(command)
        if self.world.rules == 1 and not self._may_know_rules_2():
            keep_to_rules_1(command)
        self.sent.append(command)
        return self.now, command.SerializeToString()

    def _may_know_rules_2(self) -> bool:
        """Seldom a command under rules 1 knows of rules 2, where they come at all."""
        return self.plan.activate_after is not None and self.view.chance(0.03)

    def _command(self) -> x.Command:
        if self.made - 1 == self.plan.activate_after:
            return x.Command(activate_rules=x.ActivateRules(version=2))
        while True:
            command = self._maker()(self.view)
            if command is None or (self.world.rules == 1 and not self._is_for_now(command)):
                continue
            if self.view.chance(0.004):
                command.account = self.view.one_of((0, UNKNOWN, self.view.account()))
            return command

    def _is_for_now(self, command: x.Command) -> bool:
        return command.WhichOneof("body") in RULES_1 or self._may_know_rules_2()

    def _maker(self) -> Maker:
        view, world = self.view, self.world
        if self.queue and view.chance(0.97 if len(self.queue) > LONG else 0.85):
            return self.queue.popleft()
        needed = self._needed()
        if needed:
            return needed
        if not self.queue and view.chance(0.06):
            weights = [weight for weight, _ in SCENARIOS]
            (chosen,) = self.random.choices(SCENARIOS, weights)
            self.queue.extend(chosen[1](view))
        elif view.chance(0.0001) and world.rules == 2:
            self.queue.extend(view.one_of((fill_shards, fill_books))(view))
        (maker,) = self.random.choices(self.makers, self.weights)
        return maker

    def _needed(self) -> Maker | None:
        """What a world needs to be worth betting in, and to stay small."""
        view, world = self.view, self.world
        accounts = world.accounts.values()
        orders = sum(len(market.orders) for market in world.open)
        rich = sum(account.wallet > 12_000 for account in accounts)
        halted = world.suspended or any(market.status != x.OPEN for market in world.open)
        for probability, maker in (
            (len(accounts) < 5, playing.open_account),
            (0.3 * any(not account.verified for account in accounts), playing.verify),
            (0.3 * (rich < 4), playing.deposit),
            (0.5 * (len(world.open) < 2 and len(world.markets) < world.limits["markets"]), operating.open_market),
            ((orders - 40) / 3_000 + (len(world.open) - 3) / 100, operating.settle),
            (0.15 * any(not market.active for market in world.open), operating.settle),
            (0.02 * (len(world.guests) == 0), playing.accept_permit),
            (0.15 * halted, operating.suspend),
        ):
            if view.chance(probability):
                return maker
        return None

    # ------------------------------------------------------------ keys

    def _add_key(self, command: x.Command) -> None:
        time_ms, version, variant = self.now, 7, 2
        what = self.view.below(1_000)
        if what < 5:
            time_ms += self.view.one_of((-8 * DAY_MS, -7 * DAY_MS, -DAY_MS, 300_000, 300_001))
        elif what == 5:
            version = 4
        elif what == 6:
            variant = 3
        key = (time_ms << 80 | version << 76 | variant << 62 | self.made).to_bytes(16, "big")
        command.key = key[: self.view.below(16)] if what == 7 else key

    def _again(self) -> bytes:
        """A command once more, seldom with another payload under its key."""
        command = x.Command()
        command.CopyFrom(self.view.one_of(self.sent))
        if self.view.chance(0.2):
            command.place_order.size += 100
        if self.world.rules == 1:
            keep_to_rules_1(command)
        return command.SerializeToString()

    def _junk(self) -> bytes:
        """Bytes that are no command, or the beginning of one."""
        if self.sent and self.view.chance(0.5):
            whole = self.view.one_of(self.sent).SerializeToString()
            return whole[: self.view.below(len(whole))]
        return self.view.one_of((b"", b"\xff", b"\x0a\x7f", b"no protobuf", b"\xff" + self.random.randbytes(8)))


def keep_to_rules_1(command: x.Command) -> None:
    """Clears what only rules 2 know."""
    name = command.WhichOneof("body")
    if name in RULES_1:
        body = getattr(command, name)
        for field, _ in body.ListFields():
            if field.name not in RULES_1[name]:
                body.ClearField(field.name)


def generate(seed: int, world: World, plan: Plan | None = None) -> Iterator[tuple[int, bytes]]:
    """Endless commands; the world moves on between them, as the model carries them out."""
    generator = Generator(seed, world, plan or plan_of(seed))
    while True:
        yield generator.next()
