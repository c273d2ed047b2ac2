"""What protects a player: time-outs, exclusions, heartbeats."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import cancel_account
from tests.core.model.limits import shards_to_confirm, tighten, whom
from tests.core.model.state import DAY_MS, Account, RefusalError
from tests.core.model.world import World

LONGEST_TIME_OUT_MS = 42 * DAY_MS
SHORTEST_EXCLUSION_MS = 183 * DAY_MS
LONGEST_EXCLUSION_MS = 36_500 * DAY_MS


def check_protection(world: World, account: Account) -> None:
    if account.excluded:
        raise RefusalError(x.SELF_EXCLUDED, 0, account.excluded_until_ms)
    if world.now < account.time_out_ms:
        raise RefusalError(x.TIMED_OUT, 0, account.time_out_ms)
    if account.guest and account.guest.stopped:
        raise RefusalError(x.PERMIT_STOPPED, account.id)


# ---------------------------------------------------------------- time-outs and exclusions


def _check_duration(duration: int, least: int, most: int) -> None:
    if duration < least:
        raise RefusalError(x.DURATION_INVALID, duration, least)
    if duration > most:
        raise RefusalError(x.DURATION_INVALID, duration, most)


def _begin(world: World, account: Account) -> x.Outcome:
    """A time-out or an exclusion begins: nothing of the account rests any more, here or elsewhere."""
    cancel_account(world, account.id, x.PROTECTION)
    tighten(world, account)
    return x.Outcome(id=account.id, pending=bool(shards_to_confirm(account)))


def take_time_out(world: World, sender: int, body: x.TakeTimeOut) -> x.Outcome:
    account = whom(world, sender, body.account)
    _check_duration(body.duration_ms, DAY_MS, LONGEST_TIME_OUT_MS)
    account.time_out_ms = max(account.time_out_ms, world.now + body.duration_ms)
    taken = x.TimeOutTaken(account=account.id, until_ms=account.time_out_ms)
    world.emit(x.Event(time_out_taken=taken))
    return _begin(world, account)


def self_exclude(world: World, sender: int, body: x.SelfExclude) -> x.Outcome:
    """An exclusion is never shortened, and takes back that it was asked to be lifted."""
    account = whom(world, sender, body.account)
    if body.duration_ms:
        _check_duration(body.duration_ms, SHORTEST_EXCLUSION_MS, LONGEST_EXCLUSION_MS)
    until = world.now + body.duration_ms if body.duration_ms else 0
    if account.excluded:
        until = max(until, account.excluded_until_ms) if until and account.excluded_until_ms else 0
    earliest = world.now + (body.duration_ms or SHORTEST_EXCLUSION_MS)
    account.earliest_ms = max(account.earliest_ms, earliest)
    account.excluded, account.excluded_until_ms, account.lifting_ms = True, until, 0
    world.drop_timer("lifting", account.id)
    world.emit(x.Event(self_excluded=x.SelfExcluded(account=account.id, until_ms=until)))
    return _begin(world, account)


def lift_exclusion(world: World, sender: int) -> x.Outcome:
    account = world.accounts[sender]
    if not account.excluded:
        raise RefusalError(x.NOT_EXCLUDED, sender)
    if world.now < account.earliest_ms:
        raise RefusalError(x.EXCLUSION_STANDS, 0, account.earliest_ms)
    if account.lifting_ms:
        raise RefusalError(x.EXCLUSION_STANDS, 0, account.lifting_ms)
    account.lifting_ms = world.now + (DAY_MS if account.excluded_until_ms else 7 * DAY_MS)
    world.set_timer(account.lifting_ms, "lifting", sender)
    world.emit(x.Event(lifting_asked=x.LiftingAsked(account=sender, effective_ms=account.lifting_ms)))
    return x.Outcome(id=sender)


def lift(world: World, number: int) -> None:
    account = world.accounts[number]
    account.excluded = False
    account.excluded_until_ms = account.lifting_ms = account.earliest_ms = 0
    world.emit(x.Event(exclusion_lifted=x.ExclusionLifted(account=number)))


# ---------------------------------------------------------------- heartbeats


def heartbeat(world: World, sender: int, body: x.Heartbeat) -> x.Outcome:
    account, timeout = world.accounts[sender], body.timeout_ms
    if timeout and timeout < 10_000:
        raise RefusalError(x.HEARTBEAT_INVALID, timeout, 10_000)
    if timeout > 300_000:
        raise RefusalError(x.HEARTBEAT_INVALID, timeout, 300_000)
    world.drop_timer("heartbeat", sender)
    account.heartbeat_ms = world.now + timeout if timeout else 0
    if timeout:
        world.set_timer(account.heartbeat_ms, "heartbeat", sender)
    world.emit(x.Event(heartbeat_set=x.HeartbeatSet(account=sender, due_ms=account.heartbeat_ms)))
    return x.Outcome(id=sender)


def heartbeat_expires(world: World, number: int) -> None:
    world.accounts[number].heartbeat_ms = 0
    world.emit(x.Event(heartbeat_expired=x.HeartbeatExpired(account=number)))
    cancel_account(world, number, x.HEARTBEAT_LOST)
