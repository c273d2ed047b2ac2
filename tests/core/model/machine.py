"""The plain model whole: a command in, an outcome and events out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model import accounts, limits, markets, orders, permits, protection, settlement, voiding
from tests.core.model.holds import available
from tests.core.model.images import Images
from tests.core.model.keys import Keys
from tests.core.model.state import NEWEST_RULES, RefusalError
from tests.core.model.world import Timer, World


def activate(world: World, body: x.ActivateRules) -> x.Outcome:
    if not world.rules <= body.version <= NEWEST_RULES:
        raise RefusalError(x.RULES_UNKNOWN, body.version, world.rules)
    world.rules = body.version
    world.emit(x.Event(rules_activated=x.RulesActivated(version=body.version)))
    return x.Outcome(id=body.version)


OPERATORS: dict[str, Callable[[World, Any], x.Outcome]] = {
    "open_account": accounts.open_account,
    "verify_account": accounts.verify,
    "open_market": markets.open_market,
    "set_suspension": markets.set_suspension,
    "void_runner": voiding.void_runner,
    "settle_market": settlement.settle,
    "void_market": settlement.void_market,
    "activate_rules": activate,
    "turn_in_play": markets.turn_in_play,
    "remove_runner": voiding.remove_runner,
    "void_bet": voiding.void_bet,
    "resettle_market": settlement.resettle,
    "tick": lambda world, body: x.Outcome(),
    "set_discount": accounts.set_discount,
    "end_withdrawal": accounts.end_withdrawal,
    "grant_permit": permits.grant,
    "accept_permit": permits.accept,
    "tighten_permit": permits.tighten_there,
    "confirm_tightening": permits.confirm,
    "return_permit": permits.return_,
    "accept_return": permits.accept_return,
}
PLAYERS: dict[str, Callable[[World, int, Any], x.Outcome]] = {
    "deposit": accounts.deposit,
    "withdraw": accounts.withdraw,
    "place_order": orders.place,
    "cancel_order": orders.cancel_order,
    "replace_order": orders.replace,
    "update_order": orders.update,
    "heartbeat": protection.heartbeat,
    "lift_exclusion": lambda world, sender, body: protection.lift_exclusion(world, sender),
    "request_withdrawal": accounts.request_withdrawal,
}
BOTH: dict[str, Callable[[World, int, Any], x.Outcome]] = {
    "cancel_all": orders.cancel_everything,
    "set_limit": limits.set_limit,
    "take_time_out": protection.take_time_out,
    "self_exclude": protection.self_exclude,
}
GUESTS = {"place_order", "cancel_order", "replace_order", "update_order", "cancel_all", "heartbeat"}
RULES_1 = {
    "open_account": (),
    "verify_account": ("account",),
    "deposit": ("amount",),
    "withdraw": ("amount",),
    "open_market": (
        "name", "event", "event_type", "start_time_ms", "runners", "winners", "commission_bp", "minimum_stake",
    ),
    "set_suspension": ("market", "suspended"),
    "place_order": ("market", "runner", "side", "price", "size"),
    "cancel_order": ("market", "order", "reduction"),
    "void_runner": ("market", "runner"),
    "settle_market": ("market", "winners", "source"),
    "void_market": ("market", "reason"),
    "activate_rules": ("version",),
}  # fmt: skip
"""The bodies that rules 1 know, and their fields."""

DUE: dict[str, Callable[..., None]] = {
    "release": orders.release,
    "heartbeat": protection.heartbeat_expires,
    "limit": limits.limit_comes_in_force,
    "lifting": protection.lift,
    "final": settlement.make_final,
}


class Model:
    """The whole exchange."""

    def __init__(self, limits: dict[str, int] | None = None) -> None:
        self.world = World(limits)
        self.keys = Keys(self.world.limits["keys"])
        self.images = Images(self.world)
        self.commands = 0

    def apply(self, now: int, command: x.Command) -> tuple[x.Outcome, list[x.Event]]:
        """Carries out a command at a log time."""
        self._begin(now)
        try:
            remembered = self._admit(command)
        except RefusalError as refusal:
            return self._refused(command.account, refusal), self.world.events
        if remembered is not None:
            repeated = x.Outcome(repeated=True)
            repeated.MergeFrom(remembered)
            return repeated, self.world.events
        try:
            outcome = self._carry_out(command)
            outcome.code = x.OK
            self.world.finish()
            self._add_balance(command.account, outcome)
        except RefusalError as refusal:
            outcome = self._refused(command.account, refusal)
        self.keys.remember(command, outcome, now)
        return outcome, self.world.events

    def refuse(
        self, now: int, account: int, code: x.Code.ValueType, given: int = 0, bound: int = 0
    ) -> tuple[x.Outcome, list[x.Event]]:
        """Answers bytes that are no command: time goes on, no key is remembered."""
        self._begin(now)
        return self._refused(account, RefusalError(code, given, bound)), self.world.events

    def totals(self) -> dict[str, int]:
        """The shard's money, summed over currencies, and the commands applied."""
        books = self.world.books.values()
        return {
            "deposited": sum(book.deposited for book in books),
            "withdrawn": sum(book.withdrawn for book in books),
            "wallets": sum(account.wallet for account in self.world.accounts.values()),
            "withdrawing": sum(waiting.amount for waiting in self.world.withdrawals.values()),
            "in_transit": sum(book.in_transit for book in books),
            "commission": sum(book.commission for book in books),
            "house": sum(book.house for book in books),
            "rounding": sum(book.rounding for book in books),
            "commands": self.commands,
        }

    # ------------------------------------------------------------ time

    def _begin(self, now: int) -> None:
        """Before a command, all that is due happens."""
        self.commands += 1
        self.world.now, self.world.events = now, []
        while (timer := self.world.next_due()) is not None:
            self._happen(timer)

    def _happen(self, timer: Timer) -> None:
        DUE[timer.kind](self.world, *timer.subject)
        self.world.finish()

    # ------------------------------------------------------------ who may send what

    def _admit(self, command: x.Command) -> x.Outcome | None:
        self.keys.check_form(command)
        if command.WhichOneof("body") is None:
            raise RefusalError(x.MALFORMED)
        self.keys.check_not_ahead(command, self.world.now)
        if command.account:
            self.world.account(command.account)
        return self.keys.look_up(command, self.world.now)

    def _carry_out(self, command: x.Command) -> x.Outcome:
        name = command.WhichOneof("body")
        assert name is not None
        sender, body = command.account, getattr(command, name)
        if self.world.rules == 1:
            self._check_rules_1(name, body)
        if sender and name not in PLAYERS and (name not in BOTH or body.account):
            raise RefusalError(x.MALFORMED)
        if not sender and name in PLAYERS:
            raise RefusalError(x.MALFORMED)
        if sender and self.world.accounts[sender].guest and name not in GUESTS:
            raise RefusalError(x.ACCOUNT_IS_GUEST, sender)
        if name in OPERATORS:
            return OPERATORS[name](self.world, body)
        return (PLAYERS | BOTH)[name](self.world, sender, body)

    def _check_rules_1(self, name: str, body: Message) -> None:
        """Neither a body nor a field that only rules 2 know."""
        if name not in RULES_1:
            raise RefusalError(x.MALFORMED)
        if any(field.name not in RULES_1[name] for field, _ in body.ListFields()):
            raise RefusalError(x.MALFORMED)

    # ------------------------------------------------------------ answers

    def _refused(self, account: int, refusal: RefusalError) -> x.Outcome:
        code, given, bound = refusal.code, refusal.given, refusal.bound
        self.world.emit(x.Event(refused=x.Refused(account=account, code=code, given=given, bound=bound)))
        outcome = x.Outcome(code=code, given=given, bound=bound)
        self._add_balance(account, outcome)
        return outcome

    def _add_balance(self, account: int, outcome: x.Outcome) -> None:
        if account in self.world.accounts:
            outcome.balance = self.world.accounts[account].wallet
            outcome.available = available(self.world, account)
