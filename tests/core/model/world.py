"""The shard as a whole: what there is, what happens, what is due and when."""

from __future__ import annotations

from dataclasses import dataclass

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.state import DEFAULT_LIMITS, Account, Book, Market, Order, RefusalError


@dataclass(frozen=True, order=True, slots=True)
class Timer:
    """Something that is due: at the same time, what was set first comes first."""

    due_ms: int
    number: int
    kind: str
    subject: tuple[int, ...]


@dataclass(eq=False, slots=True)
class Withdrawal:
    """Money that left a wallet and waits for the payment's end."""

    account: int
    amount: int


class World:
    """All accounts and markets, and the command that is being carried out."""

    def __init__(self, limits: dict[str, int] | None) -> None:
        self.limits = DEFAULT_LIMITS | (limits or {})
        self.rules = 1
        self.now = 0
        self.events: list[x.Event] = []
        self.accounts: dict[int, Account] = {}
        self.markets: dict[int, Market] = {}
        self.open: list[Market] = []
        """Markets that have not ended, ascending."""
        self.suspended = False
        self.books: dict[int, Book] = {0: Book()}
        self.guests: dict[tuple[int, int], int] = {}
        """By home shard and account there: the account here."""
        self.withdrawals: dict[int, Withdrawal] = {}
        self.last_withdrawal = self.last_order = self.last_trade = self.last_rested = self.last_timer = 0
        self.ended: list[Order] = []
        """Orders of open markets that ended with nothing matched or voided, the oldest first."""
        self.not_final: list[Market] = []
        """Ended markets whose results are kept, the one that ended first first."""
        self.timers: list[Timer] = []
        self.told_holds: dict[tuple[int, int], int] = {}
        """By account and market: what the last HoldChanged said."""
        self.changed: set[int] = set()
        """Markets that the command, or what has come due, changed."""

    def emit(self, event: x.Event) -> None:
        self.events.append(event)

    def finish(self) -> None:
        """Every market that was changed gets its next version."""
        for market in self.changed:
            self.markets[market].version += 1
        self.changed.clear()

    # ------------------------------------------------------------ what is due

    def set_timer(self, due_ms: int, kind: str, *subject: int) -> None:
        self.last_timer += 1
        self.timers.append(Timer(due_ms, self.last_timer, kind, subject))

    def drop_timer(self, kind: str, *subject: int) -> None:
        self.timers = [timer for timer in self.timers if (timer.kind, timer.subject) != (kind, subject)]

    def next_due(self) -> Timer | None:
        """Takes the next timer that is due off the list."""
        due = [timer for timer in self.timers if timer.due_ms <= self.now]
        if not due:
            return None
        first = min(due)
        self.timers.remove(first)
        return first

    # ------------------------------------------------------------ looking things up

    def account(self, account: int) -> Account:
        """An account that a command names."""
        if account not in self.accounts:
            raise RefusalError(x.ACCOUNT_UNKNOWN, account)
        return self.accounts[account]

    def market_not_closed(self, market: int) -> Market:
        if market not in self.markets:
            raise RefusalError(x.MARKET_UNKNOWN, market)
        if self.markets[market].ended:
            raise RefusalError(x.MARKET_CLOSED, market)
        return self.markets[market]

    def market_taking_orders(self, market: int) -> Market:
        if self.suspended:
            raise RefusalError(x.EXCHANGE_SUSPENDED)
        found = self.market_not_closed(market)
        if found.status == x.INACTIVE:
            raise RefusalError(x.MARKET_INACTIVE, market)
        if found.status == x.SUSPENDED:
            raise RefusalError(x.MARKET_SUSPENDED, market)
        return found

    def check_bound(self, would_be: int, limit: str) -> None:
        if would_be > self.limits[limit]:
            raise RefusalError(x.CAPACITY_REACHED, would_be, self.limits[limit])

    def check_currency(self, currency: int) -> None:
        """A shard keeps books in 16 currencies."""
        if currency not in self.books and len(self.books) == 16:
            raise RefusalError(x.CAPACITY_REACHED, 17, 16)

    def book(self, currency: int) -> Book:
        return self.books.setdefault(currency, Book())


def check_runner(market: Market, runner: int) -> None:
    if runner not in market.runners:
        raise RefusalError(x.RUNNER_UNKNOWN, runner)
    if runner in market.gone:
        raise RefusalError(x.RUNNER_VOIDED, runner)
