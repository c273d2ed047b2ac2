"""What the core should answer to reads."""

from __future__ import annotations

from collections.abc import Iterator

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import queue
from tests.core.model.holds import held, hold, shortfall
from tests.core.model.limits import USED, shards_to_confirm
from tests.core.model.state import Account, Market, Order
from tests.core.model.world import World


class Images:
    """Images of a world as it is."""

    def __init__(self, world: World) -> None:
        self.world = world

    # ------------------------------------------------------------ accounts

    def account(self, number: int) -> x.AccountImage:
        world, account = self.world, self.world.accounts[number]
        holds = [(market.id, hold(number, market)) for market in world.open]
        on_hold = held(world, number)
        return x.AccountImage(
            account=number,
            verified=account.verified,
            balance=account.wallet,
            held=on_hold,
            available=account.wallet - on_hold,
            receivable=account.receivable,
            blocked=shortfall(world, number) > 0,
            holds=[x.MarketHold(market=market, hold=amount) for market, amount in holds if amount],
            currency=account.currency,
            discount_bp=account.discount,
            time_out_until_ms=account.time_out_ms,
            excluded=account.excluded,
            excluded_until_ms=account.excluded_until_ms,
            lifting_ms=account.lifting_ms,
            pending=bool(shards_to_confirm(account)),
            limits=self._limits(account),
            permits=[
                x.PermitImage(
                    shard=shard, money=permit.money, loss=permit.loss, stake=permit.stake, confirmed=not permit.live
                )
                for shard, permit in sorted(account.permits.items())
            ],
            heartbeat_due_ms=account.heartbeat_ms,
        )

    def _limits(self, account: Account) -> Iterator[x.LimitImage]:
        for (by_operator, kind, window), limit in sorted(account.limits.items()):
            if limit.amount or limit.next_ms:
                yield x.LimitImage(
                    kind=x.LimitKind.ValueType(kind),
                    window=x.LimitWindow.ValueType(window),
                    by_operator=by_operator,
                    amount=limit.amount,
                    next_amount=limit.next_amount,
                    next_ms=limit.next_ms,
                    used=USED[kind](self.world, account, window),
                )

    # ------------------------------------------------------------ orders

    def orders(self, account: int, market: int) -> x.OrderImages:
        orders = sorted(self.world.markets[market].orders_of(account), key=lambda order: order.id)
        return x.OrderImages(orders=[self._order(order) for order in orders])

    @staticmethod
    def _order(order: Order) -> x.OrderImage:
        return x.OrderImage(
            order=order.id,
            account=order.account,
            market=order.market,
            runner=order.runner,
            side=order.side,
            price=order.tick,
            size=order.size,
            matched=order.matched,
            matched_payout=order.payout,
            remaining=order.remaining,
            cancelled=order.cancelled,
            voided=order.voided,
            placed_ms=order.placed_ms,
            type=order.type,
            persistence=order.persistence,
            strategy=order.strategy,
            release_ms=order.release_ms,
        )

    # ------------------------------------------------------------ markets

    def market(self, number: int) -> x.MarketImage:
        market = self.world.markets[number]
        return x.MarketImage(
            market=number,
            status=market.status,
            winners=market.terms.winners,
            commission_bp=market.terms.commission_bp,
            minimum_stake=market.terms.minimum_stake,
            version=market.version,
            runners=[self._runner(market, runner) for runner in market.runners],
            in_play=market.in_play,
            terms_version=market.terms_version,
            final=market.final,
        )

    def _runner(self, market: Market, runner: int) -> x.RunnerImage:
        """Prices and volumes are told while the market is open."""
        tick, size = market.starting.get(runner, (0, 0))
        traded = {} if market.ended else market.traded.get(runner, {})
        return x.RunnerImage(
            runner=runner,
            voided=runner in market.gone,
            winner=runner in market.won,
            to_back=self._levels(queue(market, runner, x.SIDE_LAY)),
            to_lay=self._levels(queue(market, runner, x.SIDE_BACK)),
            traded=[x.PriceSize(price=price, size=stake) for price, stake in sorted(traded.items())],
            last_price=0 if market.ended else market.last.get(runner, 0),
            suspended=runner in market.suspended,
            factor_bp=market.factors.get(runner, 0),
            starting_size=size,
            starting_price=tick,
        )

    @staticmethod
    def _levels(orders: list[Order]) -> Iterator[x.PriceSize]:
        sizes: dict[int, int] = {}
        for order in orders:
            sizes[order.tick] = sizes.get(order.tick, 0) + order.remaining
        return (x.PriceSize(price=tick, size=size) for tick, size in sizes.items())
