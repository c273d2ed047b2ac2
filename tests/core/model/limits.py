"""Limits: what is in force, what is used of it, and how they are set."""

from __future__ import annotations

from collections.abc import Callable

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.holds import held, open_risk
from tests.core.model.state import DAY_MS, LARGEST_AMOUNT, PENNY, WINDOWS, Account, Limit, RefusalError
from tests.core.model.usage import Usage
from tests.core.model.world import World


def limit_in_force(account: Account, kind: int, window: int) -> int | None:
    """The lower of the player's own and the operator's, where there is one."""
    both = (account.limits.get((by_operator, kind, window), Limit()).amount for by_operator in (False, True))
    return min((amount for amount in both if amount), default=None)


def deposit_used(world: World, account: Account, window: int) -> int:
    return Usage.within(account.usage.deposits, window, world.now)


def stake_used(world: World, account: Account, window: int) -> int:
    slices = sum(max(0, permit.stake) for permit in account.permits.values())
    return Usage.within(account.usage.stakes, window, world.now) + open_risk(world, account.id) + slices


def loss_used(world: World, account: Account, window: int) -> int:
    slices = sum(max(0, permit.loss) for permit in account.permits.values())
    lost = max(0, -Usage.within(account.usage.results, window, world.now))
    return lost + held(world, account.id) + slices


USED: dict[int, Callable[[World, Account, int], int]] = {
    x.LIMIT_DEPOSIT: deposit_used,
    x.LIMIT_LOSS: loss_used,
    x.LIMIT_STAKE: stake_used,
}


def guest_staked(world: World, account: Account) -> int:
    assert account.guest
    return account.guest.staked + open_risk(world, account.id)


def guest_exposed(world: World, account: Account) -> int:
    """What a guest lost since its permit was opened, and may still lose."""
    assert account.guest
    return max(0, -account.guest.result) + held(world, account.id)


def _check_windows(world: World, account: Account, kind: int, code: x.Code.ValueType, more: int) -> None:
    for window in WINDOWS:
        limit = limit_in_force(account, kind, window)
        if limit is None:
            continue
        would_be = USED[kind](world, account, window) + more
        if would_be > limit:
            raise RefusalError(code, would_be, limit)


def _check_allowance(code: x.Code.ValueType, would_be: int, allowance: int) -> None:
    if allowance != -1 and would_be > allowance:
        raise RefusalError(code, would_be, allowance)


def check_deposit(world: World, account: Account, amount: int) -> None:
    _check_windows(world, account, x.LIMIT_DEPOSIT, x.DEPOSIT_LIMIT_EXCEEDED, amount)


def check_stake(world: World, account: Account, more: int) -> None:
    if account.guest:
        _check_allowance(x.STAKE_LIMIT_EXCEEDED, guest_staked(world, account) + more, account.guest.stake)
    else:
        _check_windows(world, account, x.LIMIT_STAKE, x.STAKE_LIMIT_EXCEEDED, more)


def check_loss(world: World, account: Account, more: int) -> None:
    if account.guest:
        _check_allowance(x.LOSS_LIMIT_EXCEEDED, guest_exposed(world, account) + more, account.guest.loss)
    else:
        _check_windows(world, account, x.LIMIT_LOSS, x.LOSS_LIMIT_EXCEEDED, more)


# ---------------------------------------------------------------- setting them


def whom(world: World, sender: int, account: int) -> Account:
    """For whom a protection is: the sender, or whom the operator names."""
    if sender:
        return world.accounts[sender]
    named = world.account(account)
    if named.guest:
        raise RefusalError(x.ACCOUNT_IS_GUEST, account)
    return named


def tighten(world: World, account: Account) -> None:
    """The shards of live permits have to confirm what became tighter."""
    live = [permit for permit in account.permits.values() if permit.live]
    for permit in live:
        permit.to_confirm = True
    if live:
        pending = x.TighteningPending(account=account.id, shards=shards_to_confirm(account))
        world.emit(x.Event(tightening_pending=pending))


def shards_to_confirm(account: Account) -> list[int]:
    return sorted(shard for shard, permit in account.permits.items() if permit.to_confirm)


def _check_limit(body: x.SetLimit) -> None:
    for given in (body.kind, body.window):
        if given not in (1, 2, 3):
            raise RefusalError(x.LIMIT_INVALID, given, 3)
    if body.amount < 0:
        raise RefusalError(x.LIMIT_INVALID, body.amount, 0)
    if body.amount % PENNY:
        raise RefusalError(x.LIMIT_INVALID, body.amount, PENNY)
    if body.amount > LARGEST_AMOUNT:
        raise RefusalError(x.LIMIT_INVALID, body.amount, LARGEST_AMOUNT)


def set_limit(world: World, sender: int, body: x.SetLimit) -> x.Outcome:
    """Tighter binds at once, looser after a day."""
    account = whom(world, sender, body.account)
    _check_limit(body)
    by_operator, amount = sender == 0, body.amount
    limit = account.limits.setdefault((by_operator, body.kind, body.window), Limit())
    lower = amount != 0 and (limit.amount == 0 or amount < limit.amount)
    world.drop_timer("limit", account.id, by_operator, body.kind, body.window)
    limit.next_amount = limit.next_ms = 0
    effective = world.now
    if lower or amount == limit.amount:
        limit.amount = amount
    else:
        effective = limit.next_ms = world.now + DAY_MS
        limit.next_amount = amount
        world.set_timer(effective, "limit", account.id, by_operator, body.kind, body.window)
    limit_set = x.LimitSet(
        account=account.id,
        kind=body.kind,
        window=body.window,
        amount=amount,
        effective_ms=effective,
        by_operator=by_operator,
    )
    world.emit(x.Event(limit_set=limit_set))
    if lower:
        tighten(world, account)
    return x.Outcome(id=account.id, pending=lower and bool(shards_to_confirm(account)))


def limit_comes_in_force(world: World, number: int, by_operator: int, kind: int, window: int) -> None:
    limit = world.accounts[number].limits[bool(by_operator), kind, window]
    limit.amount, limit.next_amount, limit.next_ms = limit.next_amount, 0, 0
    in_force = x.LimitInForce(account=number, amount=limit.amount, by_operator=bool(by_operator))
    in_force.kind, in_force.window = x.LimitKind.ValueType(kind), x.LimitWindow.ValueType(window)
    world.emit(x.Event(limit_in_force=in_force))
