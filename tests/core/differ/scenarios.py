"""Sequences of commands that chance alone seldom makes; each step is made of what there is when its turn comes."""

from __future__ import annotations

from collections.abc import Callable

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ import betting, operating, playing
from tests.core.differ.view import Maker, View, operator, player
from tests.core.model.holds import available
from tests.core.model.limits import USED
from tests.core.model.state import Account, Market


def _order(view: View, market: Market, runner: int, side: int, account: int = 0, **more: int) -> Maker:
    """An order that is made now and sent later."""
    body = betting.limit_order(view, market, runner, side)
    for name, value in more.items():
        setattr(body, name, value)
    account = account or view.bettor(market)
    return lambda view: player(account, place_order=body)


def _empty_wallet(account: int) -> Maker:
    def make(view: View) -> x.Command | None:
        free = available(view.world, account) // 100 * 100 if account in view.world.accounts else 0
        return player(account, withdraw=x.Withdraw(amount=free)) if free > 0 else None

    return make


def _seldom(maker: Maker) -> Maker:
    return lambda view: maker(view) if view.chance(0.3) else None


def cover_and_void(view: View) -> list[Maker]:
    """Lays that cover each other, an empty wallet, and one runner less: what was covered is not any more."""
    market = view.market()
    if market is None or len(market.active) < 2:
        return []
    layer, backer = view.bettor(market), view.bettor(market)
    price, size = view.tick(market), view.one_of((500, 1_000))
    steps: list[Maker] = []
    for runner in market.active[:3]:
        steps.append(_order(view, market, runner, 1, backer, price=price, size=size))
        steps.append(_order(view, market, runner, 2, layer, price=price, size=size))
    steps.append(_order(view, market, market.active[0], 1, layer, price=len(market.prices) - 1, size=100))
    steps.append(_empty_wallet(layer))
    ending = view.one_of((operating.void_runner, operating.remove_runner, operating.void_bet))
    return [*steps, ending, _seldom(ending), _seldom(operating.settle)]


def auction(view: View) -> list[Maker]:
    """Orders on close and others that take the starting price, then the start."""
    markets = [market for market in view.world.open if market.terms.starting_price and not market.in_play]
    if not markets:
        return []
    market = view.one_of(markets)
    steps: list[Maker] = []
    for _ in range(view.random.randint(4, 12)):
        more = view.one_of(({"type": 1}, {"type": 2}, {"type": 2}, {"persistence": 2}, {"persistence": 1}))
        if more.get("type") == x.ORDER_TYPE_MARKET_ON_CLOSE:
            more = more | {"price": 0}
        steps.append(_order(view, market, view.runner(market), view.one_of((1, 2)), **more))
    return [*steps, _turn(market)]


def cross(view: View) -> list[Maker]:
    """One side of every runner but one rests, then the order that takes them all."""
    markets = [market for market in view.world.open if market.terms.cross_matching and len(market.active) > 1]
    if not markets:
        return []
    market = view.one_of(markets)
    side, taken = view.one_of((1, 2)), view.one_of(market.active)
    steps: list[Maker] = []
    for runner in market.active:
        if runner != taken or view.chance(0.5):
            own_side = side if runner != taken else 3 - side
            steps.append(_order(view, market, runner, own_side, size=view.one_of((300, 1_000, 2_500))))
    limit = len(market.prices) // 8 if side == 1 else len(market.prices) * 7 // 8
    if view.chance(0.5):
        limit = view.tick(market)
    steps.append(_order(view, market, taken, side, price=limit, size=view.one_of((1_000, 3_000, 9_900))))
    endings = (operating.void_bet, operating.void_runner, operating.settle, *[betting.place] * 5)
    return [*steps, view.one_of(endings)]


def fill_or_kill(view: View) -> list[Maker]:
    """A deep side, and an order whose limit bounds the average of what it takes."""
    market = view.market()
    if market is None or not market.active:
        return []
    runner, side = view.one_of(market.active), view.one_of((1, 2))
    makers = [_order(view, market, runner, 3 - side) for _ in range(view.random.randint(2, 5))]
    size, fill = view.one_of((1_000, 2_500, 6_000)), view.one_of((0, 100, 700))
    return [*makers, _order(view, market, runner, side, size=size, time_in_force=1, min_fill=fill)]


def change_result(view: View) -> list[Maker]:
    """The winners take their money out, then it is found that they lost."""
    market = view.market()
    if market is None:
        return []
    empty = [_empty_wallet(account) for account in market.accounts()]
    return [operating.settle, *empty, operating.resettle, betting.place, operating.resettle, operating.void_market]


def in_play(view: View) -> list[Maker]:
    """Orders held by the delay, and what may reach them meanwhile."""
    markets = [market for market in view.world.open if market.terms.in_play_delay_ms]
    if not markets:
        return []
    market = view.one_of(markets)
    steps: list[Maker] = [] if market.in_play else [_turn(market)]
    steps += [_taker(market) for _ in range(view.random.randint(2, 6))]
    meanwhile = (betting.cancel, betting.replace, betting.update, betting.cancel_all, operating.suspend)
    return [*steps, view.one_of(meanwhile), view.one_of((*meanwhile, operating.remove_runner)), _taker(market)]


def _turn(market: Market) -> Maker:
    return lambda view: operator(turn_in_play=x.TurnInPlay(market=market.id))


def _taker(market: Market) -> Maker:
    def make(view: View) -> x.Command | None:
        if market.ended:
            return None
        body = betting.limit_order(view, market, view.runner(market), view.one_of((1, 2)))
        body.time_in_force = x.TimeInForce.ValueType(view.one_of((0, 0, 0, 1, 2)))
        return player(view.bettor(market), place_order=body)

    return make


def near_limit(view: View) -> list[Maker]:
    """A limit a little above what is used, and bets that come to it."""
    account = view.home_account()
    if account not in view.world.accounts or view.world.accounts[account].guest:
        return []
    kind, window = view.one_of((2, 3)), view.one_of((1, 2, 3))

    def limit(view: View) -> x.Command:
        used = USED[kind](view.world, view.world.accounts[account], window)
        body = x.SetLimit(amount=used // 100 * 100 + view.one_of((100, 1_000, 3_000)))
        body.kind, body.window = x.LimitKind.ValueType(kind), x.LimitWindow.ValueType(window)
        return player(account, set_limit=body)

    def bet(view: View) -> x.Command | None:
        command = betting.place(view)
        if command:
            command.account = account
        return command

    def replace(view: View) -> x.Command | None:
        own = [order for market in view.world.open for order in market.orders_of(account) if order.remaining]
        if not own:
            return None
        order = view.one_of(own)
        tick = view.tick(view.world.markets[order.market])
        return player(account, replace_order=x.ReplaceOrder(market=order.market, order=order.id, price=tick))

    return [limit, bet, bet, replace, bet, replace, bet, playing.lose_limits]


def tightening(view: View) -> list[Maker]:
    """Slices to several shards, a tighter limit, confirmations."""
    account = view.home_account()
    if account not in view.world.accounts:
        return []

    def grant(view: View) -> x.Command:
        body = x.GrantPermit(account=account, shard=view.one_of((1, 2, 3)), money=100, loss=100, stake=100)
        return operator(grant_permit=body)

    def tighter(view: View) -> x.Command:
        body = x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_WEEK, amount=view.one_of((500, 5_000, 50_000)))
        return player(account, set_limit=body)

    return [grant, grant, tighter, grant, playing.confirm, playing.accept_return, playing.confirm, grant]


def guest(view: View) -> list[Maker]:
    """A guest bets, is stopped and goes home."""
    guests = [account for account in view.world.accounts.values() if account.guest]
    if not guests:
        return [playing.accept_permit]
    account = view.one_of(guests)

    def bet(view: View) -> x.Command | None:
        command = betting.place(view)
        if command:
            command.account = account.id
        return command

    back = [playing.tighten, playing.return_permit, bet, playing.return_permit, playing.return_permit]
    return [playing.accept_permit, bet, bet, bet, *(back if view.chance(0.3) else [])]


def fill_shards(view: View) -> list[Maker]:
    """Permits on as many shards as there may be."""
    account = view.home_account()
    bodies = [x.GrantPermit(account=account, shard=shard, loss=0, stake=0) for shard in range(100, 166)]
    return [_granting(body) for body in bodies]


def _granting(body: x.GrantPermit) -> Maker:
    return lambda view: operator(grant_permit=body)


def fill_books(view: View) -> list[Maker]:
    """Markets in as many currencies as there may be books, each over at once."""
    runners = [x.Runner(id=1), x.Runner(id=2)]
    terms = [
        x.OpenMarket(runners=runners, winners=1, minimum_stake=100, currency=currency) for currency in range(901, 918)
    ]
    return [step for body in terms for step in (_opening(body), _void_newest)]


def _opening(body: x.OpenMarket) -> Maker:
    return lambda view: operator(open_market=body)


def _void_newest(view: View) -> x.Command:
    return operator(void_market=x.VoidMarket(market=len(view.world.markets)))


def rush(view: View) -> list[Maker]:
    """A plain market, plain accounts, and nothing but orders for a while: what the core's express lane is for."""
    runners = [x.Runner(id=1), x.Runner(id=2), x.Runner(id=3)]
    body = x.OpenMarket(runners=runners, winners=1, minimum_stake=100)
    body.self_match = x.SelfMatch.ValueType(view.one_of((0, 0, 1, 2)))
    steps: list[Maker] = [_opening(body)]
    plain = [account for account in view.world.accounts.values() if _is_plain_account(account)]
    for _ in range(2 - len(plain)):
        steps += [lambda view: operator(open_account=x.OpenAccount()), _verify_newest, _enrich_newest]
    return steps + [_rushed] * view.random.randint(30, 120)


def _verify_newest(view: View) -> x.Command:
    return operator(verify_account=x.VerifyAccount(account=len(view.world.accounts)))


def _enrich_newest(view: View) -> x.Command:
    return player(len(view.world.accounts), deposit=x.Deposit(amount=view.one_of((5_000, 20_000, 500_000))))


def _is_plain_account(account: Account) -> bool:
    return account.verified and not account.limits and account.guest is None and account.wallet >= 5_000


def _is_plain(market: Market) -> bool:
    terms = market.terms
    unusual = terms.cross_matching or terms.ladder or terms.variable_winners or terms.winners != 1 or terms.currency
    return market.status == x.OPEN and not market.in_play and not unusual and not market.suspended


def _rushed(view: View) -> x.Command | None:
    """An order, a replacement or a cancellation, in the newest plain market, by one of the newest plain accounts."""
    markets = [market for market in view.world.open if _is_plain(market)]
    accounts = [account.id for account in view.world.accounts.values() if _is_plain_account(account)]
    if not markets or not accounts:
        return None
    market, what = markets[-1], view.below(10)
    resting = [order for order in market.orders.values() if order.remaining and order.is_limit]
    if what < 4 or not resting:
        body = betting.limit_order(view, market, view.runner(market), view.one_of((1, 2)))
        if view.chance(0.2):
            body.time_in_force = x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL
        return player(view.one_of(accounts[-4:]), place_order=body)
    order = view.one_of(resting)
    named = {"market": market.id, "order": order.id}
    if what < 8:
        return player(order.account, replace_order=x.ReplaceOrder(price=view.tick(market), **named))
    return player(order.account, cancel_order=x.CancelOrder(**named))


SCENARIOS: list[tuple[int, Callable[[View], list[Maker]]]] = [
    (8, cover_and_void),
    (20, auction),
    (18, cross),
    (10, fill_or_kill),
    (8, change_result),
    (12, in_play),
    (8, near_limit),
    (5, tightening),
    (6, guest),
    (6, rush),
]
