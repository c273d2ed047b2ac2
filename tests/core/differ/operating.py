"""Commands about markets, their results and single bets."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.view import View, operator
from tests.core.model.state import Market

CLASSIC, FINEST, LINE = x.LADDER_CLASSIC, x.LADDER_FINEST, x.LADDER_LINE_RANGE


def terms(view: View) -> x.OpenMarket:
    """A market of any kind."""
    kind = view.one_of(("win", "win", "cross", "cross", "cross", "cross", "place", "variable", "line", "price"))
    count = 1 if kind == "line" else view.one_of((1, 2, 2, 3, 3, 3, 4))
    body = x.OpenMarket(
        name="market",
        runners=[x.Runner(id=number) for number in view.random.sample(range(1, 20), count)],
        winners=1,
        commission_bp=view.one_of((0, 0, 200, 500, 333, 2_000)),
        minimum_stake=view.one_of((100, 100, 100, 300)),
        inactive=view.chance(0.1),
        self_match=x.SelfMatch.ValueType(view.one_of((0, 0, 1, 2))),
        in_play_delay_ms=view.one_of((0, 0, 0, 5, 1_000, 60_000)),
        passive_delay=view.chance(0.5),
        currency=_currency(view),
    )
    if kind == "line":
        body.ladder, body.positions = LINE, view.one_of((1, 2, 5, 12, 10_000))
        body.line_minimum, body.line_interval = 500, 1_000
        return body
    body.ladder = view.one_of((CLASSIC, CLASSIC, FINEST))
    body.cross_matching = kind == "cross" and count > 1
    body.starting_price = body.ladder == CLASSIC and (kind == "price" or view.chance(0.4))
    body.reduction = x.Reduction.ValueType(view.one_of((0, 1, 1, 2)))
    if kind in ("place", "variable"):
        body.winners = view.one_of(range(1, count + 1)) if kind == "place" else 0
        body.variable_winners = kind == "variable"
        body.reduction = x.Reduction.ValueType(view.one_of((0, 2) if body.winners != 1 else (0, 1, 2)))
    return body


def _currency(view: View) -> int:
    """Mostly one that two accounts have."""
    currencies = [account.currency for account in view.world.accounts.values() if account.verified]
    common = [currency for currency in currencies if currencies.count(currency) > 1]
    return view.one_of(common) if common and view.chance(0.97) else view.one_of((0, 978))


def open_market(view: View) -> x.Command:
    body = terms(view)
    if view.chance(0.12):
        _spoil(view, body)
    return operator(open_market=body)


def _spoil(view: View, body: x.OpenMarket) -> None:
    """One term, or two, that may be wrong."""
    wrongs: list[tuple[str, tuple[int, ...]]] = [
        ("winners", (0, 1, 2, 5)),
        ("commission_bp", (2_001,)),
        ("minimum_stake", (0, -100, 150, 10**12, 10**12 + 100)),
        ("ladder", (-1, 1, 2, 3)),
        ("positions", (0, 1, 10_001)),
        ("starting_price", (0, 1)),
        ("cross_matching", (0, 1)),
        ("self_match", (-1, 3)),
        ("in_play_delay_ms", (60_001,)),
        ("reduction", (-1, 1, 2, 3)),
        ("currency", (999, 1_000)),
        ("variable_winners", (0, 1)),
    ]
    for _ in range(view.one_of((1, 1, 2))):
        name, values = view.one_of(wrongs)
        value = view.one_of(values)
        setattr(body, name, bool(value) if isinstance(getattr(body, name), bool) else value)
    if view.chance(0.1):
        del body.runners[:]
        body.runners.extend(x.Runner(id=view.below(3)) for _ in range(view.one_of((0, 1, 2, 3, 101, 1_001))))


def suspend(view: View) -> x.Command:
    """Mostly takes up again what is suspended."""
    body = x.SetSuspension(suspended=view.chance(0.6))
    halted = [market for market in view.world.open if market.status != x.OPEN or market.suspended]
    if view.world.suspended and view.chance(0.8):
        return operator(set_suspension=x.SetSuspension())
    if halted and view.chance(0.5):
        market = view.one_of(halted)
        runner = view.one_of(sorted(market.suspended)) if market.suspended and market.status == x.OPEN else 0
        return operator(set_suspension=x.SetSuspension(market=market.id, runner=runner))
    body.market = 0 if view.chance(0.05) else view.market_id()
    if view.chance(0.4) and body.market in view.world.markets:
        body.runner = view.runner(view.world.markets[body.market])
    return operator(set_suspension=body)


def turn_in_play(view: View) -> x.Command:
    return operator(turn_in_play=x.TurnInPlay(market=view.market_id()))


def void_runner(view: View) -> x.Command | None:
    market = _losable(view)
    if market is None:
        return None
    return operator(void_runner=x.VoidRunner(market=market.id, runner=view.runner(market)))


def remove_runner(view: View) -> x.Command | None:
    market = _losable(view)
    if market is None:
        return None
    factor = 0
    if market.terms.reduction or view.chance(0.05):
        factor = view.one_of((0, 1, 249, 250, 399, 400, 1_000, 2_500, 5_000, 9_999, 9_999))
    factor = 10_000 if view.chance(0.03) else factor
    body = x.RemoveRunner(market=market.id, runner=view.runner(market), factor_bp=factor)
    return operator(remove_runner=body)


def _losable(view: View) -> Market | None:
    """A market that mostly has runners to lose."""
    market = view.market()
    return market if market is None or len(market.active) > 1 or view.chance(0.1) else None


def void_bet(view: View) -> x.Command | None:
    market = view.market()
    if market is None:
        return None
    good = [number for number, trade in market.trades.items() if not trade.void]
    trade = view.one_of(good) if good and view.chance(0.9) else view.below(view.world.last_trade + 2)
    return operator(void_bet=x.VoidBet(market=market.id, trade=trade, reason="palpable error"))


# ---------------------------------------------------------------- results


def _result(view: View, market: Market, body: x.SettleMarket | x.ResettleMarket) -> None:
    """Mostly one that is right."""
    body.market, body.source = market.id, "judge"
    wrong = view.chance(0.08)
    if market.is_line:
        if not wrong or view.chance(0.5):
            body.line_result = market.terms.positions + 1 if wrong else view.below(market.terms.positions + 1)
        if wrong and view.chance(0.3):
            body.winners.append(1)
        return
    active = view.random.sample(market.active, len(market.active))
    count = view.below(len(active) + 1) if market.terms.variable_winners or wrong else market.places
    body.winners.extend(active[:count])
    if view.chance(0.25) and not market.terms.variable_winners and len(active) > market.places > 0:
        del body.winners[:]
        alone = view.below(market.places)
        body.winners.extend(active[:alone])
        together = view.random.randint(market.places - alone + 1, len(active) - alone)
        body.dead_heat.extend(active[alone : alone + together])
    if wrong:
        _spoil_result(view, market, body)


def _spoil_result(view: View, market: Market, body: x.SettleMarket | x.ResettleMarket) -> None:
    what = view.below(4)
    if what == 0:
        body.winners.append(view.one_of(market.runners))
    elif what == 1:
        body.dead_heat.append(view.one_of((*market.runners, 99)))
    elif what == 2:
        body.line_result = 0
    elif body.winners:
        body.winners.append(body.winners[0])


def settle(view: View) -> x.Command | None:
    empty = [market for market in view.world.open if not market.active]
    market = view.one_of(empty) if empty and view.chance(0.7) else view.market()
    if market is None:
        return None
    body = x.SettleMarket()
    _result(view, market, body)
    if view.chance(0.02):
        body.market = view.market_id()
    return operator(settle_market=body)


def resettle(view: View) -> x.Command | None:
    kept = view.world.not_final if view.chance(0.95) else list(view.world.markets.values())
    if not kept:
        return None
    body = x.ResettleMarket()
    _result(view, view.one_of(kept[-5:]), body)
    return operator(resettle_market=body)


def void_market(view: View) -> x.Command:
    market = view.market_id()
    if view.world.not_final and view.chance(0.5):
        market = view.one_of(view.world.not_final).id
    return operator(void_market=x.VoidMarket(market=market, reason="abandoned"))
