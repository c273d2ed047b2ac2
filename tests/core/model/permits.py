"""Permits: an account bets on another shard, with slices of its money and of its allowances."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.accounts import add_account, check_largest, check_pennies, check_verified, cover
from tests.core.model.book import cancel_account, counting
from tests.core.model.holds import available, shortfall
from tests.core.model.limits import USED, guest_exposed, limit_in_force, shards_to_confirm
from tests.core.model.protection import check_protection
from tests.core.model.state import LARGEST_AMOUNT, PENNY, WINDOWS, Account, Guest, Permit, RefusalError
from tests.core.model.usage import Usage
from tests.core.model.world import World

MOST_SHARDS = 64


def _grown(allowance: int, slice_: int) -> int:
    """An allowance with one more slice; -1: any."""
    return -1 if -1 in (allowance, slice_) else min(allowance + slice_, LARGEST_AMOUNT)


def _check_next(given: int, last: int) -> None:
    """Slices and returns are numbered without a gap."""
    if given <= last:
        raise RefusalError(x.PERMIT_SEEN, given, last)
    if given > last + 1:
        raise RefusalError(x.PERMIT_INVALID, given, last + 1)


# ---------------------------------------------------------------- at home


def _check_slice(world: World, account: Account, kind: int, slice_: int) -> None:
    """A slice of the loss or the stake allowance."""
    if slice_ < -1:
        raise RefusalError(x.PERMIT_INVALID, slice_, -1)
    limits = {window: limit_in_force(account, kind, window) for window in WINDOWS}
    rooms = [limit - USED[kind](world, account, window) for window, limit in limits.items() if limit is not None]
    if not rooms:
        if slice_ > LARGEST_AMOUNT:
            raise RefusalError(x.PERMIT_INVALID, slice_, LARGEST_AMOUNT)
        return
    room = max(0, min(rooms))
    if slice_ == -1 or slice_ > room:
        raise RefusalError(x.PERMIT_INVALID, slice_, room)


def _check_grant(world: World, body: x.GrantPermit) -> Account:
    account = world.account(body.account)
    if account.guest:
        raise RefusalError(x.ACCOUNT_IS_GUEST, account.id)
    check_verified(world, account.id)
    if shards_to_confirm(account):
        raise RefusalError(x.PROTECTION_PENDING, account.id)
    check_protection(world, account)
    missing = shortfall(world, account.id)
    if missing:
        raise RefusalError(x.ACCOUNT_BLOCKED, 0, missing)
    check_pennies(body.money, 0)
    free = available(world, account.id)
    if body.money > free:
        raise RefusalError(x.INSUFFICIENT_FUNDS, body.money, free)
    _check_slice(world, account, x.LIMIT_LOSS, body.loss)
    _check_slice(world, account, x.LIMIT_STAKE, body.stake)
    if body.shard not in account.permits and len(account.permits) == MOST_SHARDS:
        raise RefusalError(x.CAPACITY_REACHED, MOST_SHARDS + 1, MOST_SHARDS)
    return account


def grant(world: World, body: x.GrantPermit) -> x.Outcome:
    account = _check_grant(world, body)
    permit = account.permits.setdefault(body.shard, Permit())
    account.wallet -= body.money
    world.book(account.currency).in_transit += body.money
    permit.slices += 1
    permit.money += body.money
    permit.loss, permit.stake = _grown(permit.loss, body.loss), _grown(permit.stake, body.stake)
    permit.live = True
    granted = x.PermitGranted(
        account=account.id,
        shard=body.shard,
        id=permit.slices,
        money=body.money,
        loss=body.loss,
        stake=body.stake,
        balance=account.wallet,
    )
    world.emit(x.Event(permit_granted=granted))
    return x.Outcome(id=permit.slices)


def _confirmed(world: World, account: Account, shard: int) -> None:
    permit = account.permits[shard]
    permit.live = permit.to_confirm = False
    confirmed = x.TighteningConfirmed(account=account.id, shard=shard)
    world.emit(x.Event(tightening_confirmed=confirmed))
    if not shards_to_confirm(account):
        world.emit(x.Event(tightening_in_force=x.TighteningInForce(account=account.id)))


def confirm(world: World, body: x.ConfirmTightening) -> x.Outcome:
    account = world.account(body.account)
    permit = account.permits.get(body.shard)
    if permit is None or not permit.to_confirm:
        raise RefusalError(x.PERMIT_UNKNOWN, body.shard)
    for given in (body.exposed, body.staked):
        if given < 0:
            raise RefusalError(x.PERMIT_INVALID, given, 0)
    permit.loss, permit.stake = body.exposed, body.staked
    _confirmed(world, account, body.shard)
    return x.Outcome(id=account.id)


def accept_return(world: World, body: x.AcceptReturn) -> x.Outcome:
    account = world.account(body.account)
    permit = account.permits.get(body.shard)
    if permit is None:
        raise RefusalError(x.PERMIT_UNKNOWN, body.shard)
    _check_next(body.id, permit.returns)
    if body.money < 0:
        raise RefusalError(x.AMOUNT_OUT_OF_RANGE, body.money, 0)
    check_largest(body.money, account.wallet + body.money)
    if body.staked < 0:
        raise RefusalError(x.PERMIT_INVALID, body.staked, 0)
    permit.returns += 1
    permit.money -= body.money
    account.wallet += body.money
    world.book(account.currency).in_transit -= body.money
    if body.closed:
        Usage.note(account.usage.results, body.result, world.now)
        Usage.note(account.usage.stakes, body.staked, world.now)
        permit.loss = permit.stake = 0
        permit.live = False
    accepted = x.ReturnAccepted(
        account=account.id,
        shard=body.shard,
        id=body.id,
        money=body.money,
        closed=body.closed,
        balance=account.wallet,
    )
    world.emit(x.Event(return_accepted=accepted))
    cover(world, account)
    if body.closed and permit.to_confirm:
        _confirmed(world, account, body.shard)
    return x.Outcome(id=account.id)


# ---------------------------------------------------------------- there


def _check_accept(world: World, body: x.AcceptPermit, account: Account | None) -> None:
    _check_next(body.id, account.guest.slices if account and account.guest else 0)
    check_pennies(body.money, 0)
    check_largest(body.money, body.money + (account.wallet if account else 0))
    for slice_ in (body.loss, body.stake):
        if slice_ < -1:
            raise RefusalError(x.PERMIT_INVALID, slice_, -1)
        if slice_ > LARGEST_AMOUNT:
            raise RefusalError(x.PERMIT_INVALID, slice_, LARGEST_AMOUNT)
    if body.currency > 999:
        raise RefusalError(x.CURRENCY_MISMATCH, body.currency, 999)
    if account and account.currency != body.currency:
        raise RefusalError(x.CURRENCY_MISMATCH, account.currency, body.currency)


def accept(world: World, body: x.AcceptPermit) -> x.Outcome:
    """A slice arrives; the first one opens the guest's account."""
    number = world.guests.get((body.home, body.account))
    account = world.accounts[number] if number else None
    _check_accept(world, body, account)
    if account is None:
        account = add_account(world, body.currency)
        account.verified = True
        account.guest = Guest(body.home, body.account)
        world.guests[body.home, body.account] = account.id
    guest = account.guest
    assert guest
    account.wallet += body.money
    world.book(account.currency).in_transit -= body.money
    guest.slices = body.id
    guest.loss, guest.stake = _grown(guest.loss, body.loss), _grown(guest.stake, body.stake)
    guest.stopped = False
    accepted = x.PermitAccepted(
        home=body.home,
        account=body.account,
        guest=account.id,
        id=body.id,
        money=body.money,
        loss=body.loss,
        stake=body.stake,
        balance=account.wallet,
    )
    world.emit(x.Event(permit_accepted=accepted))
    cover(world, account)
    return x.Outcome(id=account.id)


def _guest(world: World, home: int, account: int) -> tuple[Account, Guest]:
    if (home, account) not in world.guests:
        raise RefusalError(x.PERMIT_UNKNOWN, account)
    found = world.accounts[world.guests[home, account]]
    assert found.guest
    return found, found.guest


def tighten_there(world: World, body: x.TightenPermit) -> x.Outcome:
    account, guest = _guest(world, body.home, body.account)
    cancel_account(world, account.id, x.PROTECTION)
    guest.stopped = True
    tightened = x.PermitTightened(
        home=body.home,
        account=body.account,
        guest=account.id,
        exposed=guest_exposed(world, account),
        staked=guest.staked,
    )
    world.emit(x.Event(permit_tightened=tightened))
    return x.Outcome(id=account.id)


def return_(world: World, body: x.ReturnPermit) -> x.Outcome:
    """Money goes home; a stopped permit without orders and money is closed."""
    account, guest = _guest(world, body.home, body.account)
    if body.amount < 0 or body.amount % PENNY:
        raise RefusalError(x.AMOUNT_OUT_OF_RANGE, body.amount, PENNY)
    free = available(world, account.id)
    if body.amount and body.amount > free:
        raise RefusalError(x.INSUFFICIENT_FUNDS, body.amount, free)
    money = body.amount or max(0, free)
    closed = guest.stopped and not counting(world, account.id) and account.wallet == money
    if not money and not closed:
        raise RefusalError(x.INSUFFICIENT_FUNDS, 0, free)
    account.wallet -= money
    world.book(account.currency).in_transit += money
    guest.returns += 1
    returned = x.PermitReturned(
        home=body.home,
        account=body.account,
        guest=account.id,
        id=guest.returns,
        money=money,
        closed=closed,
        balance=account.wallet,
    )
    if closed:
        returned.result, returned.staked = guest.result, guest.staked
        guest.result = guest.staked = guest.loss = guest.stake = 0
    world.emit(x.Event(permit_returned=returned))
    return x.Outcome(id=guest.returns)
