"""The lots of changes that events add up to, and what one event of a command has to leave for the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from services.ledger.changes import Bets, Changes, Entry, EventName
from services.ledger.terms import OF_A_PLAYER, AccountKind, EntryKind

NEWEST_RULES = 2
"""The newest version of the rules that this build can fold events of."""


class UnknownEventError(Exception):
    """An event that this build does not know: to pass over it would make the books wrong."""


class Lots:
    """Adds each event to the last of `lots`; what happens to all bets of a market or a runner closes it, for it looks
    back on every order before it."""

    def __init__(self, rules: int) -> None:
        self.lots = [Changes()]
        self.rules = rules
        """The version in force."""
        self.gone: set[tuple[int, int]] = set()
        """(market, runner): lost, and all bets on it with it, though events of the same command still name some."""
        self.closed: set[tuple[int, int]] = set()
        """(account, shard): the permit was closed, though events of the same command still name it."""

    @property
    def now(self) -> Changes:
        """What the next event adds to."""
        return self.lots[-1]

    def change_bets(self, bets: Bets) -> None:
        """Void the bets, or put them in force again, after all that came before."""
        self.now.bets = bets
        self.lots.append(Changes())

    def move(
        self,
        name: EventName,
        kind: EntryKind,
        account: int,
        amount: int,
        *,
        into: AccountKind,
        out_of: AccountKind,
        market: int | None = None,
    ) -> None:
        """Move `amount` of the account's money (the other way where negative); an amount of nothing leaves no entry."""
        if amount:
            sides = ((into, amount), (out_of, -amount))
            postings = tuple((side, account if side in OF_A_PLAYER else None, part) for side, part in sides)
            self.now.entries.append(Entry(name, kind, account, market, postings))


Take: TypeAlias = Callable[[Any, EventName, Lots], None]
"""Adds what an event changes."""
