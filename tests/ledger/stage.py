"""Scenes under rules 2: short stories, each with players and markets of its own, that a recording holds."""

from __future__ import annotations

from typing import Any

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.ledger.recording import Recording
from tests.matching.betting import new_key

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EVENS, THREE = 99, 149
"""Ticks of 2.0 and 3.0."""


class Stage:
    """Sends commands that must succeed, each in a record of its own, under keys as old as the log."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        if recording.replica.core.rules() == 1:
            self.do(activate_rules=x.ActivateRules(version=2))

    def do(self, account: int = 0, *, after_ms: int = 1_000, **body: Any) -> x.Outcome:  # noqa: ANN401
        """One command, from an account or the operator."""
        time_ms = self.recording.time_ms + after_ms
        command = x.Command(key=new_key(time_ms), account=account, **body)
        (outcome,) = self.recording.submit_at(time_ms, command)
        assert outcome.code == x.OK, f"{x.Code.Name(outcome.code)}({outcome.given}, {outcome.bound}): {body}"
        return outcome

    def wait(self, after_ms: int) -> None:
        """Time passes, and brings about what was due."""
        self.do(after_ms=after_ms, tick=x.Tick())

    def player(self, money: int = 1_000_000, currency: int = 0) -> int:
        """A new account with money."""
        account = self.do(open_account=x.OpenAccount(currency=currency)).id
        self.do(verify_account=x.VerifyAccount(account=account))
        if money:
            self.do(account, deposit=x.Deposit(amount=money))
        return account

    def market(self, runners: int = 3, *, winners: int = 1, **terms: Any) -> int:  # noqa: ANN401
        """A new market of runners 1, 2, ..."""
        opening = x.OpenMarket(
            name="Winner",
            event="Derby",
            event_type="Racing",
            runners=[x.Runner(id=number, name=f"Runner {number}") for number in range(1, runners + 1)],
            winners=winners,
            minimum_stake=100,
            **terms,
        )
        return self.do(open_market=opening).id

    def back(self, account: int, market: int, runner: int, price: int, size: int, **more: Any) -> int:  # noqa: ANN401
        """A back order's number."""
        return self._place(account, x.SIDE_BACK, market=market, runner=runner, price=price, size=size, **more)

    def lay(self, account: int, market: int, runner: int, price: int, size: int, **more: Any) -> int:  # noqa: ANN401
        """A lay order's number."""
        return self._place(account, x.SIDE_LAY, market=market, runner=runner, price=price, size=size, **more)

    def _place(self, account: int, side: x.Side.ValueType, **terms: Any) -> int:  # noqa: ANN401
        return self.do(account, place_order=x.PlaceOrder(side=side, **terms)).id

    def settle(self, market: int, *winners: int, dead_heat: tuple[int, ...] = ()) -> None:
        """The result."""
        self.do(settle_market=x.SettleMarket(market=market, winners=winners, source="judge", dead_heat=dead_heat))

    def resettle(self, market: int, *winners: int) -> None:
        """Another result."""
        self.do(resettle_market=x.ResettleMarket(market=market, winners=winners, source="stewards"))

    def void_market(self, market: int) -> None:
        """No result."""
        self.do(void_market=x.VoidMarket(market=market, reason="abandoned"))


# ---------------------------------------------------------------- scenes


def changed_result(stage: Stage) -> tuple[int, int, int]:
    """Runner 1 won, at a commission with a discount; then it is found that runner 2 did. Backer, layer, market."""
    backer, layer = stage.player(), stage.player()
    market = stage.market(commission_bp=500)
    stage.do(set_discount=x.SetDiscount(account=backer, discount_bp=2_000))
    stage.lay(layer, market, 1, THREE, 10_000)
    stage.back(backer, market, 1, THREE, 10_000)
    stage.settle(market, 1)
    stage.resettle(market, 2)
    return backer, layer, market


def dead_heat(stage: Stage) -> tuple[int, list[int]]:
    """Three runners share two places, and two bets do not divide by three. The market, and who bet."""
    players = [stage.player(currency=978) for _ in range(3)]
    market = stage.market(4, winners=2, currency=978)
    for runner, size in ((1, 100), (2, 500)):
        stage.lay(players[0], market, runner, EVENS, size)
        stage.back(players[runner], market, runner, EVENS, size)
    stage.settle(market, dead_heat=(1, 2, 3))
    return market, players


def cross_match(stage: Stage) -> tuple[int, list[int], list[int]]:
    """One back meets the backs of all other runners, at odd prices. The market, who bet, and their orders."""
    players = [stage.player(currency=978) for _ in range(3)]
    market = stage.market(3, cross_matching=True, currency=978)
    orders = [
        stage.back(players[0], market, 1, THREE, 10_000),
        stage.back(players[1], market, 2, THREE + 1, 7_300),
        stage.back(players[2], market, 3, 100, 9_900),
    ]
    return market, players, orders


def removed_runner(stage: Stage) -> tuple[int, list[int]]:
    """Bets on two runners, direct and across; one is removed, with a factor. The market and the orders."""
    players = [stage.player() for _ in range(3)]
    market = stage.market(3, cross_matching=True, reduction=x.REDUCTION_WIN)
    orders = [
        stage.lay(players[0], market, 1, THREE, 5_000),
        stage.back(players[1], market, 1, THREE, 5_000),
        stage.lay(players[0], market, 2, THREE, 2_000),
        stage.back(players[1], market, 2, THREE, 2_000),
        stage.back(players[0], market, 1, THREE, 10_000),
        stage.back(players[1], market, 2, THREE, 10_000),
        stage.back(players[2], market, 3, 100, 9_900),
    ]
    stage.do(remove_runner=x.RemoveRunner(market=market, runner=1, factor_bp=2_500))
    return market, orders


def start(stage: Stage) -> tuple[int, dict[str, int]]:
    """A market with a starting price turns in play; then an order is held, and released. The market and the orders."""
    first, second = stage.player(), stage.player()
    market = stage.market(starting_price=True, in_play_delay_ms=5_000, inactive=True)
    stage.do(set_suspension=x.SetSuspension(market=market))
    close = x.ORDER_TYPE_MARKET_ON_CLOSE
    orders = {
        "back on close": stage.back(first, market, 1, 0, 10_000, type=close),
        "lay on close": stage.lay(second, market, 1, 0, 30_000, type=close),
        "lay that takes the price": stage.lay(second, market, 1, THREE, 2_000),
        "back that persists": stage.back(first, market, 2, EVENS, 4_000),
        "back that lapses": stage.back(first, market, 3, EVENS, 4_000),
    }
    for name, persistence in (
        ("lay that takes the price", x.PERSISTENCE_MARKET_ON_CLOSE),
        ("back that persists", x.PERSISTENCE_PERSIST),
    ):
        update = x.UpdateOrder(market=market, order=orders[name], persistence=persistence)
        stage.do(first if name.startswith("back") else second, update_order=update)
    stage.do(turn_in_play=x.TurnInPlay(market=market))
    orders["held"] = stage.lay(second, market, 2, EVENS, 1_000)
    orders["waiting"] = stage.lay(second, market, 3, EVENS, 1_000, strategy=7)
    stage.wait(4_000)
    return market, orders


def withdrawals(stage: Stage) -> int:
    """Two are asked for: one is paid, the other refused. The player."""
    player = stage.player(100_000)
    for amount, paid in ((30_000, True), (20_000, False)):
        asked = stage.do(player, request_withdrawal=x.RequestWithdrawal(amount=amount))
        stage.do(end_withdrawal=x.EndWithdrawal(withdrawal=asked.id, paid=paid))
    return player


def protection(stage: Stage) -> int:
    """A heartbeat is lost, a limit is set and loosened, a time-out and an exclusion begin and end. The player."""
    player = stage.player()
    stage.do(player, heartbeat=x.Heartbeat(timeout_ms=10_000))
    stage.wait(11_000)
    for amount in (50_000, 80_000):
        stage.do(player, set_limit=x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_WEEK, amount=amount))
    stage.wait(DAY_MS)
    stage.do(player, take_time_out=x.TakeTimeOut(duration_ms=DAY_MS))
    stage.do(player, self_exclude=x.SelfExclude(duration_ms=183 * DAY_MS))
    stage.do(player, after_ms=184 * DAY_MS, lift_exclusion=x.LiftExclusion())
    stage.wait(DAY_MS)
    return player


def permit_at_home(stage: Stage) -> int:
    """Two slices go to shard 5; a limit gets tighter, and that shard confirms; some money comes back. The player."""
    player = stage.player()
    for loss in (20_000, 10_000):
        stage.do(grant_permit=x.GrantPermit(account=player, shard=5, money=30_000, loss=loss, stake=-1))
    stage.do(player, set_limit=x.SetLimit(kind=x.LIMIT_STAKE, window=x.LIMIT_DAY, amount=500_000))
    stage.do(confirm_tightening=x.ConfirmTightening(account=player, shard=5, exposed=7_000, staked=9_000))
    stage.do(accept_return=x.AcceptReturn(account=player, shard=5, id=1, money=13_000, result=-2_000, closed=True))
    return player


def permit_there(stage: Stage, home: int = 7) -> int:
    """A guest in another currency bets, wins, is stopped and goes home. Its account here."""
    permit: dict[str, int] = {"home": home, "account": 3}
    accept = x.AcceptPermit(**permit, id=1, currency=826, money=50_000, loss=40_000, stake=-1)
    guest = stage.do(accept_permit=accept).id
    other = stage.player(currency=826)
    market = stage.market(currency=826)
    stage.lay(other, market, 1, THREE, 10_000)
    stage.back(guest, market, 1, THREE, 10_000)
    stage.settle(market, 1)
    stage.do(tighten_permit=x.TightenPermit(**permit))
    stage.do(return_permit=x.ReturnPermit(**permit))
    return guest


def finality(stage: Stage) -> int:
    """A market is settled, and a week goes by. The market."""
    market = stage.market()
    stage.settle(market, 2)
    stage.wait(7 * DAY_MS)
    return market


def all_scenes(stage: Stage) -> None:
    """One after the other."""
    changed_result(stage)
    dead_heat(stage)
    cross_match(stage)
    removed_runner(stage)
    start(stage)
    withdrawals(stage)
    protection(stage)
    permit_at_home(stage)
    permit_there(stage)
    finality(stage)
