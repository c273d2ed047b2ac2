"""The words that the ledger's columns hold: readable in a query, and the same in code."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AccountKind(StrEnum):
    """Whose money a ledger account counts. Credits are positive: what the exchange owes has a positive balance."""

    WALLET = "WALLET"  # what is owed to a player
    COMMISSION = "COMMISSION"  # earned by the exchange
    HOUSE = "HOUSE"  # counterparty of every settlement; nothing of a market stays here
    ROUNDING = "ROUNDING"  # what cross-matches and dead heats leave
    RECEIVABLE = "RECEIVABLE"  # paid out for a player who could not cover; negative while it is open
    EXTERNAL = "EXTERNAL"  # the bank: minus what came in, plus what went out
    WITHDRAWING = "WITHDRAWING"  # left a wallet, and waits for the payment's end
    IN_TRANSIT = "IN_TRANSIT"  # on its way to another shard; negative where it arrived


OF_A_PLAYER: Final = (AccountKind.WALLET, AccountKind.RECEIVABLE, AccountKind.WITHDRAWING, AccountKind.IN_TRANSIT)
"""Kinds that every player has one of; the exchange has one of each other kind for every currency."""


class EntryKind(StrEnum):
    """Why money moved."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    WITHDRAWAL_REQUESTED = "WITHDRAWAL_REQUESTED"
    WITHDRAWAL_PAID = "WITHDRAWAL_PAID"
    WITHDRAWAL_REFUSED = "WITHDRAWAL_REFUSED"  # it was not paid: the wallet has it again
    SETTLEMENT = "SETTLEMENT"
    SETTLEMENT_REVERSED = "SETTLEMENT_REVERSED"  # the result was changed
    COMMISSION = "COMMISSION"
    COMMISSION_REVERSED = "COMMISSION_REVERSED"
    ROUNDING = "ROUNDING"  # taken off the house, so that the market leaves nothing there
    SHORTFALL_ADVANCED = "SHORTFALL_ADVANCED"  # the house paid what a wallet could not
    SHORTFALL_COVERED = "SHORTFALL_COVERED"  # the player paid it back
    PERMIT_GRANTED = "PERMIT_GRANTED"  # at home: sent to another shard
    PERMIT_ACCEPTED = "PERMIT_ACCEPTED"  # there: it arrived
    PERMIT_RETURNED = "PERMIT_RETURNED"  # there: sent home
    RETURN_ACCEPTED = "RETURN_ACCEPTED"  # at home: it is back


class MarketStatus(StrEnum):
    """Named as in the contract's enum of the same name."""

    INACTIVE = "INACTIVE"  # takes no orders yet
    OPEN = "OPEN"
    SUSPENDED = "SUSPENDED"
    SETTLED = "SETTLED"
    VOIDED = "VOIDED"


class OrderStatus(StrEnum):
    """OPEN while something rests on the book; otherwise the one terminal state."""

    OPEN = "OPEN"
    MATCHED = "MATCHED"  # some or all was matched, nothing rests
    CANCELLED = "CANCELLED"
    LAPSED = "LAPSED"  # the market ended, or turned in play, before it was matched
    VOIDED = "VOIDED"  # its bets were declared void


class WithdrawalStatus(StrEnum):
    """What became of money that a player asked to have paid out."""

    WAITING = "WAITING"
    PAID = "PAID"
    REFUSED = "REFUSED"
