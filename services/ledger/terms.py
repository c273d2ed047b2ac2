"""The words that the ledger's columns hold: readable in a query, and the same in code."""

from __future__ import annotations

from enum import StrEnum


class AccountKind(StrEnum):
    """Whose money a ledger account counts. Credits are positive: what the exchange owes has a positive balance."""

    WALLET = "WALLET"  # what is owed to a player
    COMMISSION = "COMMISSION"  # earned by the exchange
    HOUSE = "HOUSE"  # counterparty of every settlement; keeps rounding remainders
    RECEIVABLE = "RECEIVABLE"  # paid out for a player who could not cover; negative while it is open
    EXTERNAL = "EXTERNAL"  # the bank: minus what came in, plus what went out


class EntryKind(StrEnum):
    """Why money moved."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    SETTLEMENT = "SETTLEMENT"
    COMMISSION = "COMMISSION"
    SHORTFALL_ADVANCED = "SHORTFALL_ADVANCED"  # the house paid what a wallet could not
    SHORTFALL_COVERED = "SHORTFALL_COVERED"  # the player paid it back


class MarketStatus(StrEnum):
    """Named as in the contract's enum of the same name."""

    OPEN = "OPEN"
    SUSPENDED = "SUSPENDED"
    SETTLED = "SETTLED"
    VOIDED = "VOIDED"


class OrderStatus(StrEnum):
    """OPEN while something rests on the book; otherwise the one terminal state."""

    OPEN = "OPEN"
    MATCHED = "MATCHED"  # some or all was matched, nothing rests
    CANCELLED = "CANCELLED"
    LAPSED = "LAPSED"  # the market ended before it was matched
    VOIDED = "VOIDED"  # its bets were declared void
