"""Commands about wallets, protection and permits."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.view import UNKNOWN, View, operator, player
from tests.core.model.holds import available
from tests.core.model.limits import USED

DAY_MS = 86_400_000
SHARDS = (1, 2, 3)


def open_account(view: View) -> x.Command:
    currency = view.one_of((0, 0, 0, 978))
    if view.chance(0.05):
        currency = view.one_of((840, 826, 999, 1_000, *range(900, 920)))
    return operator(open_account=x.OpenAccount(currency=currency))


def verify(view: View) -> x.Command:
    fresh = [account.id for account in view.world.accounts.values() if not account.verified]
    account = view.one_of(fresh) if fresh and view.chance(0.9) else view.account()
    return operator(verify_account=x.VerifyAccount(account=account))


def deposit(view: View) -> x.Command:
    return player(view.home_account(), deposit=x.Deposit(amount=view.amount()))


def _amount_out(view: View, account: int) -> int:
    """Often all there is, so that an account has nothing left for what gets worse."""
    if account == UNKNOWN or view.chance(0.5):
        return view.amount()
    free = available(view.world, account) // 100 * 100
    return free + view.one_of((0, 0, 0, -100, 100))


def withdraw(view: View) -> x.Command:
    account = view.home_account()
    return player(account, withdraw=x.Withdraw(amount=_amount_out(view, account)))


def request_withdrawal(view: View) -> x.Command:
    account = view.home_account()
    return player(account, request_withdrawal=x.RequestWithdrawal(amount=_amount_out(view, account)))


def end_withdrawal(view: View) -> x.Command:
    waiting = list(view.world.withdrawals)
    number = view.one_of(waiting) if waiting and view.chance(0.95) else view.below(view.world.last_withdrawal + 2)
    return operator(end_withdrawal=x.EndWithdrawal(withdrawal=number, paid=view.chance(0.5)))


def set_discount(view: View) -> x.Command:
    discount = view.one_of((0, 100, 2_500, 3_333, 10_000, 10_001))
    return operator(set_discount=x.SetDiscount(account=view.account(), discount_bp=discount))


# ---------------------------------------------------------------- protection


def _for_whom(view: View) -> tuple[int, int]:
    """The sender, and the account that the body names."""
    account = view.home_account()
    sender = account if view.chance(0.7) else 0
    return sender, account if not sender or view.chance(0.02) else 0


def set_limit(view: View) -> x.Command:
    """Often close to what is used."""
    sender, named = _for_whom(view)
    kind, window = view.one_of((1, 2, 3)), view.one_of((1, 2, 3))
    account = view.world.accounts.get(sender or named)
    amount = view.one_of((0, 0, 100, 2_000, 5_000, 50_000, 10**9))
    if account and view.chance(0.5):
        amount = USED[kind](view.world, account, window) // 100 * 100 + view.one_of((0, 500, 2_000, 10_000))
    body = x.SetLimit(account=named, amount=amount)
    body.kind, body.window = x.LimitKind.ValueType(kind), x.LimitWindow.ValueType(window)
    if view.chance(0.05):
        wrong = view.below(3)
        if wrong == 0:
            body.kind = x.LimitKind.ValueType(view.one_of((-1, 0, 4)))
        elif wrong == 1:
            body.window = x.LimitWindow.ValueType(view.one_of((-1, 0, 4)))
        else:
            body.amount = view.one_of((-100, 50, 10**15 + 100))
    return player(sender, set_limit=body)


def lose_limits(view: View) -> x.Command | None:
    """Takes a limit away, so that betting goes on a day later."""
    for account in view.world.accounts.values():
        for (by_operator, kind, window), limit in account.limits.items():
            if limit.amount and not limit.next_ms and view.chance(0.3):
                body = x.SetLimit(account=account.id if by_operator else 0)
                body.kind, body.window = x.LimitKind.ValueType(kind), x.LimitWindow.ValueType(window)
                return player(0 if by_operator else account.id, set_limit=body)
    return None


def take_time_out(view: View) -> x.Command:
    sender, named = _for_whom(view)
    duration = view.one_of((DAY_MS, DAY_MS, 3 * DAY_MS, 42 * DAY_MS))
    if view.chance(0.1):
        duration = view.one_of((-1, 0, DAY_MS - 1, 42 * DAY_MS + 1))
    return player(sender, take_time_out=x.TakeTimeOut(account=named, duration_ms=duration))


def self_exclude(view: View) -> x.Command:
    sender, named = _for_whom(view)
    duration = view.one_of((0, 183 * DAY_MS, 183 * DAY_MS, 400 * DAY_MS))
    if view.chance(0.1):
        duration = view.one_of((-1, 1, 183 * DAY_MS - 1, 36_500 * DAY_MS, 36_500 * DAY_MS + 1))
    return player(sender, self_exclude=x.SelfExclude(account=named, duration_ms=duration))


def lift_exclusion(view: View) -> x.Command:
    excluded = [account.id for account in view.world.accounts.values() if account.excluded]
    account = view.one_of(excluded) if excluded and view.chance(0.9) else view.account()
    return player(account, lift_exclusion=x.LiftExclusion())


# ---------------------------------------------------------------- permits, at home


def _allowance(view: View) -> int:
    return view.one_of((-2, 10**15 + 1)) if view.chance(0.03) else view.one_of((-1, -1, 0, 500, 2_000, 10_000))


def grant(view: View) -> x.Command:
    money = view.one_of((-100, 50)) if view.chance(0.03) else view.one_of((0, 100, 500, 2_000))
    shard = view.below(80) if view.chance(0.1) else view.one_of(SHARDS)
    body = x.GrantPermit(account=view.home_account(), shard=shard, money=money)
    body.loss, body.stake = _allowance(view), _allowance(view)
    return operator(grant_permit=body)


def _permit(view: View) -> tuple[int, int] | None:
    """An account and a shard where it has a permit, mostly one that has to confirm."""
    accounts = view.world.accounts.values()
    permits = [(account.id, shard, permit) for account in accounts for shard, permit in account.permits.items()]
    pending = [(account, shard) for account, shard, permit in permits if permit.to_confirm]
    if pending and view.chance(0.9):
        return view.one_of(pending)
    return view.one_of([(account, shard) for account, shard, _ in permits]) if permits else None


def confirm(view: View) -> x.Command | None:
    permit = _permit(view)
    if permit is None:
        return None
    amounts = (0, 500, 3_000) if view.chance(0.95) else (-1,)
    body = x.ConfirmTightening(account=permit[0], shard=permit[1] if view.chance(0.97) else 99)
    body.exposed, body.staked = view.one_of(amounts), view.one_of(amounts)
    return operator(confirm_tightening=body)


def accept_return(view: View) -> x.Command | None:
    permit = _permit(view)
    if permit is None:
        return None
    account, shard = permit
    last = view.world.accounts[account].permits[shard].returns
    money = view.one_of((-100, 10**15)) if view.chance(0.03) else view.one_of((0, 100, 333, 2_000))
    body = x.AcceptReturn(account=account, shard=shard, id=_next_id(view, last), money=money)
    body.closed = view.chance(0.4)
    if body.closed or view.chance(0.1):
        body.result, body.staked = view.one_of((-3_000, -1, 0, 500)), view.one_of((0, 500, 3_000, 3_000))
    if view.chance(0.02):
        body.staked = -1
    return operator(accept_return=body)


def _next_id(view: View, last: int) -> int:
    return last + 1 if view.chance(0.94) else max(0, last + view.one_of((-1, 0, 2)))


# ---------------------------------------------------------------- permits, there


def accept_permit(view: View) -> x.Command:
    home, account = view.one_of((7, 8)), view.one_of((1, 1, 1, 2))
    number = view.world.guests.get((home, account))
    guest = view.world.accounts[number].guest if number else None
    money = view.one_of((-100, 50, 10**15)) if view.chance(0.03) else view.one_of((0, 1_000, 5_000, 20_000))
    body = x.AcceptPermit(home=home, account=account, id=_next_id(view, guest.slices if guest else 0), money=money)
    body.currency = view.world.accounts[number].currency if number else view.one_of((0, 0, 978))
    if view.chance(0.03):
        body.currency = view.one_of((0, 826, 1_000))
    body.loss, body.stake = _allowance(view), _allowance(view)
    return operator(accept_permit=body)


def _guest(view: View) -> tuple[int, int] | None:
    guests = list(view.world.guests)
    return (9, 9) if view.chance(0.02) else view.one_of(guests) if guests else None


def tighten(view: View) -> x.Command | None:
    guest = _guest(view)
    if guest is None:
        return None
    return operator(tighten_permit=x.TightenPermit(home=guest[0], account=guest[1]))


def return_permit(view: View) -> x.Command | None:
    guest = _guest(view)
    if guest is None:
        return None
    amount = view.one_of((-100, 50)) if view.chance(0.03) else view.one_of((0, 0, 100, 1_000))
    return operator(return_permit=x.ReturnPermit(home=guest[0], account=guest[1], amount=amount))
