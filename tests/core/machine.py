"""The plain model whole: a command in, an outcome and events out; keys and wallets."""

from __future__ import annotations

from collections.abc import Callable

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.keys import time_ms_of
from tests.core.betting import Betting
from tests.core.model import (
    FUTURE_MS,
    LARGEST_AMOUNT,
    NEWEST_RULES,
    WINDOW_MS,
    Account,
    Images,
    RefusalError,
)

PLAYERS = {"deposit", "withdraw", "place_order", "cancel_order"}


class Model(Betting):
    """The whole exchange."""

    def __init__(self, *, keys: int, ended_orders: int) -> None:
        super().__init__(ended_orders=ended_orders)
        self.images = Images(self)
        self.most_keys = keys
        self.keys: dict[tuple[int, bytes], tuple[int, bytes, x.Outcome]] = {}
        self.windows: dict[int, int] = {}
        self.commands = 0

    def apply(self, now: int, command: x.Command) -> tuple[x.Outcome, list[x.Event]]:
        self.now, self.events, self.commands = now, [], self.commands + 1
        try:
            remembered = self._admit(command)
        except RefusalError as refusal:
            return self._refused(command.account, refusal), self.events
        if remembered is not None:
            repeated = x.Outcome(repeated=True)
            repeated.MergeFrom(remembered)
            return repeated, []
        try:
            outcome = self._dispatch(command)
            outcome.code = x.OK
            self._add_balance(command.account, outcome)
        except RefusalError as refusal:
            outcome = self._refused(command.account, refusal)
        self._remember(command, outcome)
        return outcome, self.events

    # ------------------------------------------------------------ keys

    def _admit(self, command: x.Command) -> x.Outcome | None:
        key = command.key
        if len(key) != 16:
            raise RefusalError(x.KEY_INVALID, len(key), 16)
        if key[6] >> 4 != 7:
            raise RefusalError(x.KEY_INVALID, key[6] >> 4, 7)
        if key[8] >> 6 != 2:
            raise RefusalError(x.KEY_INVALID, key[8] >> 6, 2)
        if command.WhichOneof("body") is None:
            raise RefusalError(x.MALFORMED)
        time_ms = time_ms_of(key)
        if time_ms > self.now + FUTURE_MS:
            raise RefusalError(x.KEY_INVALID, time_ms, self.now + FUTURE_MS)
        if command.account != 0 and command.account not in self.accounts:
            raise RefusalError(x.ACCOUNT_UNKNOWN, command.account)
        window = max(self.now - WINDOW_MS, self.windows.get(command.account, 0))
        if time_ms < window:
            raise RefusalError(x.KEY_TOO_OLD, time_ms, window)
        if (command.account, key) not in self.keys:
            return None
        _, payload, outcome = self.keys[command.account, key]
        if payload != self._payload(command):
            raise RefusalError(x.KEY_REUSED)
        return outcome

    @staticmethod
    def _payload(command: x.Command) -> bytes:
        body = x.Command()
        body.CopyFrom(command)
        body.ClearField("key")
        return body.SerializeToString(deterministic=True)

    def _remember(self, command: x.Command, outcome: x.Outcome) -> None:
        self.keys = {key: kept for key, kept in self.keys.items() if kept[0] + WINDOW_MS + FUTURE_MS >= self.now}
        if len(self.keys) == self.most_keys:
            account, key = next(iter(self.keys))
            del self.keys[account, key]
            self.windows[account] = max(self.windows.get(account, 0), time_ms_of(key) + 1)
        self.keys[command.account, command.key] = (self.now, self._payload(command), outcome)

    # ------------------------------------------------------------ answers

    def _refused(self, account: int, refusal: RefusalError) -> x.Outcome:
        code, given, bound = refusal.code, refusal.given, refusal.bound
        self.events = [x.Event(refused=x.Refused(account=account, code=code, given=given, bound=bound))]
        outcome = x.Outcome(code=code, given=given, bound=bound)
        self._add_balance(account, outcome)
        return outcome

    def _add_balance(self, account: int, outcome: x.Outcome) -> None:
        if account in self.accounts:
            outcome.balance, outcome.available = self.accounts[account].wallet, self.available(account)

    def _dispatch(self, command: x.Command) -> x.Outcome:
        body = command.WhichOneof("body")
        assert body is not None
        if (body in PLAYERS) != (command.account != 0):
            raise RefusalError(x.MALFORMED)
        handlers: dict[str, Callable[[], x.Outcome]] = {
            "open_account": self._open_account,
            "verify_account": lambda: self._verify(command.verify_account.account),
            "deposit": lambda: self._deposit(command.account, command.deposit.amount),
            "withdraw": lambda: self._withdraw(command.account, command.withdraw.amount),
            "open_market": lambda: self._open_market(command.open_market),
            "set_suspension": lambda: self._suspend(command.set_suspension),
            "place_order": lambda: self._place(command.account, command.place_order),
            "cancel_order": lambda: self._cancel(command.account, command.cancel_order),
            "void_runner": lambda: self._void_runner(command.void_runner),
            "settle_market": lambda: self._settle(command.settle_market),
            "void_market": lambda: self._void_market(command.void_market),
            "activate_rules": lambda: self._activate(command.activate_rules.version),
        }
        return handlers[body]()

    # ------------------------------------------------------------ accounts

    def _open_account(self) -> x.Outcome:
        account = len(self.accounts) + 1
        self.accounts[account] = Account()
        self._emit(x.Event(account_opened=x.AccountOpened(account=account)))
        return x.Outcome(id=account)

    def _verify(self, account: int) -> x.Outcome:
        if account not in self.accounts:
            raise RefusalError(x.ACCOUNT_UNKNOWN, account)
        if self.accounts[account].verified:
            raise RefusalError(x.ACCOUNT_ALREADY_VERIFIED, account)
        self.accounts[account].verified = True
        self._emit(x.Event(account_verified=x.AccountVerified(account=account)))
        return x.Outcome(id=account)

    def _check_money(self, account: int, amount: int) -> None:
        if not self.accounts[account].verified:
            raise RefusalError(x.ACCOUNT_NOT_VERIFIED, account)
        if amount < 100 or amount % 100:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, 100)
        if amount > LARGEST_AMOUNT:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, LARGEST_AMOUNT)

    def _deposit(self, account: int, amount: int) -> x.Outcome:
        self._check_money(account, amount)
        state = self.accounts[account]
        if state.wallet + amount > LARGEST_AMOUNT:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, LARGEST_AMOUNT)
        state.wallet += amount
        self.deposited += amount
        self._emit(x.Event(deposited=x.Deposited(account=account, amount=amount, balance=state.wallet)))
        self._cover(account)
        return x.Outcome(id=account)

    def _withdraw(self, account: int, amount: int) -> x.Outcome:
        self._check_money(account, amount)
        available = self.available(account)
        if amount > available:
            raise RefusalError(x.INSUFFICIENT_FUNDS, amount, available)
        self.accounts[account].wallet -= amount
        self.withdrawn += amount
        balance = self.accounts[account].wallet
        self._emit(x.Event(withdrawn=x.Withdrawn(account=account, amount=amount, balance=balance)))
        return x.Outcome(id=account)

    def _activate(self, version: int) -> x.Outcome:
        if version != NEWEST_RULES:
            raise RefusalError(x.RULES_UNKNOWN, version, NEWEST_RULES)
        self._emit(x.Event(rules_activated=x.RulesActivated(version=version)))
        return x.Outcome(id=version)
