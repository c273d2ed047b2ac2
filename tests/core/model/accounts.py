"""Wallets: opening and verifying, money in and out, what an account cannot pay, discounts."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.holds import available
from tests.core.model.limits import check_deposit
from tests.core.model.protection import check_protection
from tests.core.model.state import LARGEST_AMOUNT, PENNY, Account, RefusalError
from tests.core.model.usage import Usage
from tests.core.model.world import Withdrawal, World


def cover(world: World, account: Account) -> None:
    """What the house paid for an account is paid back first."""
    amount = min(account.receivable, account.wallet)
    if not amount:
        return
    account.receivable -= amount
    account.wallet -= amount
    world.book(account.currency).house += amount
    world.emit(x.Event(shortfall_covered=x.ShortfallCovered(account=account.id, amount=amount)))


def add_account(world: World, currency: int) -> Account:
    """A new account, if the bounds allow for it."""
    world.check_bound(len(world.accounts) + 1, "accounts")
    world.check_currency(currency)
    account = Account(len(world.accounts) + 1, currency)
    world.accounts[account.id] = account
    world.book(currency)
    return account


def open_account(world: World, body: x.OpenAccount) -> x.Outcome:
    if body.currency > 999:
        raise RefusalError(x.CURRENCY_MISMATCH, body.currency, 999)
    account = add_account(world, body.currency)
    opened = x.AccountOpened(account=account.id, currency=account.currency)
    world.emit(x.Event(account_opened=opened))
    return x.Outcome(id=account.id)


def verify(world: World, body: x.VerifyAccount) -> x.Outcome:
    account = world.account(body.account)
    if account.verified:
        raise RefusalError(x.ACCOUNT_ALREADY_VERIFIED, account.id)
    account.verified = True
    world.emit(x.Event(account_verified=x.AccountVerified(account=account.id)))
    return x.Outcome(id=account.id)


def check_verified(world: World, account: int) -> None:
    if not world.accounts[account].verified:
        raise RefusalError(x.ACCOUNT_NOT_VERIFIED, account)


def check_pennies(amount: int, least: int) -> None:
    """Whole pennies, and no fewer than that."""
    if amount < least or amount % PENNY:
        raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, PENNY)


def check_largest(amount: int, would_be: int) -> None:
    """Neither the amount nor what it would make of the wallet is too large."""
    if amount > LARGEST_AMOUNT or would_be > LARGEST_AMOUNT:
        raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, LARGEST_AMOUNT)


def deposit(world: World, sender: int, body: x.Deposit) -> x.Outcome:
    account = world.accounts[sender]
    check_verified(world, sender)
    check_protection(world, account)
    check_pennies(body.amount, PENNY)
    check_largest(body.amount, account.wallet + body.amount)
    check_deposit(world, account, body.amount)
    account.wallet += body.amount
    Usage.note(account.usage.deposits, body.amount, world.now)
    world.book(account.currency).deposited += body.amount
    world.emit(x.Event(deposited=x.Deposited(account=sender, amount=body.amount, balance=account.wallet)))
    cover(world, account)
    return x.Outcome(id=sender)


def _check_money_out(world: World, sender: int, amount: int) -> Account:
    check_verified(world, sender)
    check_pennies(amount, PENNY)
    check_largest(amount, 0)
    free = available(world, sender)
    if amount > free:
        raise RefusalError(x.INSUFFICIENT_FUNDS, amount, free)
    return world.accounts[sender]


def withdraw(world: World, sender: int, body: x.Withdraw) -> x.Outcome:
    account = _check_money_out(world, sender, body.amount)
    account.wallet -= body.amount
    world.book(account.currency).withdrawn += body.amount
    world.emit(x.Event(withdrawn=x.Withdrawn(account=sender, amount=body.amount, balance=account.wallet)))
    return x.Outcome(id=sender)


def request_withdrawal(world: World, sender: int, body: x.RequestWithdrawal) -> x.Outcome:
    account = _check_money_out(world, sender, body.amount)
    world.check_bound(len(world.withdrawals) + 1, "withdrawals")
    account.wallet -= body.amount
    world.last_withdrawal += 1
    number = world.last_withdrawal
    world.withdrawals[number] = Withdrawal(sender, body.amount)
    requested = x.WithdrawalRequested(account=sender, withdrawal=number, amount=body.amount, balance=account.wallet)
    world.emit(x.Event(withdrawal_requested=requested))
    return x.Outcome(id=number)


def end_withdrawal(world: World, body: x.EndWithdrawal) -> x.Outcome:
    """Paid, the money is gone; not paid, it is in the wallet again."""
    if body.withdrawal not in world.withdrawals:
        raise RefusalError(x.WITHDRAWAL_UNKNOWN, body.withdrawal)
    ended = world.withdrawals.pop(body.withdrawal)
    account = world.accounts[ended.account]
    if body.paid:
        world.book(account.currency).withdrawn += ended.amount
    else:
        account.wallet += ended.amount
    event = x.WithdrawalEnded(
        account=account.id,
        withdrawal=body.withdrawal,
        amount=ended.amount,
        paid=body.paid,
        balance=account.wallet,
    )
    world.emit(x.Event(withdrawal_ended=event))
    cover(world, account)
    return x.Outcome(id=body.withdrawal)


def set_discount(world: World, body: x.SetDiscount) -> x.Outcome:
    account = world.account(body.account)
    if body.discount_bp > 10_000:
        raise RefusalError(x.DISCOUNT_INVALID, body.discount_bp, 10_000)
    account.discount = body.discount_bp
    world.emit(x.Event(discount_set=x.DiscountSet(account=account.id, discount_bp=account.discount)))
    return x.Outcome(id=account.id)
