"""What the exchange remembers: accounts, markets, orders, bets and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import CLASSIC
from tests.core.model.usage import Usage

PENNY = 100
LARGEST_AMOUNT = 10**15
LARGEST_STAKE = 10**12
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
NEWEST_RULES = 2
ENDED = (x.SETTLED, x.VOIDED)
WINDOWS = (x.LIMIT_DAY, x.LIMIT_WEEK, x.LIMIT_MONTH)

DEFAULT_LIMITS = {
    "accounts": 1_000_000,
    "markets": 1_000_000,
    "open_markets": 4_096,
    "runners": 32_768,
    "exposures": 2_000_000,
    "orders": 4_000_000,
    "orders_per_account": 100_000,
    "ended_orders": 4_096,
    "keys": 2_000_000,
    "kept_results": 500_000,
    "withdrawals": 100_000,
}


class RefusalError(Exception):
    """The command is refused: code, the value given, the bound that it broke."""

    def __init__(self, code: x.Code.ValueType, given: int = 0, bound: int = 0) -> None:
        super().__init__(code, given, bound)
        self.code, self.given, self.bound = code, given, bound

    def __str__(self) -> str:
        return f"{x.Code.Name(self.code)}({self.given}, {self.bound})"


@dataclass(eq=False, slots=True)
class Order:
    """An order: what is matched, rests, was cancelled and was voided of it. A lay on close counts its liability."""

    id: int
    account: int
    market: int
    runner: int
    side: x.Side.ValueType
    tick: int
    size: int
    placed_ms: int
    remaining: int
    type: x.OrderType.ValueType = x.ORDER_TYPE_LIMIT
    persistence: x.Persistence.ValueType = x.PERSISTENCE_LAPSE
    force: x.TimeInForce.ValueType = x.TIME_IN_FORCE_DAY
    min_fill: int = 0
    strategy: int = 0
    replaces: int = 0
    release_ms: int = 0
    """Held by the in-play delay until then; 0: it is not held."""
    rested: int = 0
    """Its place in time on the book; 0: it is not on the book (held, on close, or not there yet)."""
    matched: int = 0
    payout: int = 0
    cancelled: int = 0
    voided: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    """LINE_RANGE: the matched stake by the position of the bet."""

    @property
    def is_back(self) -> bool:
        return self.side == x.SIDE_BACK

    @property
    def is_limit(self) -> bool:
        return self.type == x.ORDER_TYPE_LIMIT

    @property
    def counts(self) -> bool:
        """Whether it rests or has a matched or voided part."""
        return bool(self.remaining or self.matched or self.voided)


@dataclass(eq=False, slots=True)
class Trade:
    """A fill: of a resting and an incoming order (None: the exchange, in a cross-match)."""

    runner: int
    tick: int
    size: int
    payout: int
    resting: Order | None
    incoming: Order | None
    incoming_side: x.Side.ValueType
    group: int = 0
    number: int = 0
    void: bool = False

    @property
    def orders(self) -> list[Order]:
        return [order for order in (self.resting, self.incoming) if order]

    @property
    def backer(self) -> Order | None:
        return self.incoming if self.incoming_side == x.SIDE_BACK else self.resting

    @property
    def layer(self) -> Order | None:
        return self.resting if self.incoming_side == x.SIDE_BACK else self.incoming


@dataclass(eq=False, slots=True)
class Kept:
    """What an ended market came to for one account, until that is final."""

    orders: list[Order]
    discount: int
    profit: int
    commission: int


@dataclass(eq=False)
class Market:
    """A market, its orders and its bets; both are forgotten when it ends."""

    id: int
    terms: x.OpenMarket
    status: x.MarketStatus.ValueType = x.OPEN
    version: int = 1
    terms_version: int = 1
    in_play: bool = False
    final: bool = False
    gone: set[int] = field(default_factory=set)
    """Runners that were voided or removed."""
    factors: dict[int, int] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    won: set[int] = field(default_factory=set)
    traded: dict[int, dict[int, int]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    starting: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By runner: the starting price's tick and what was matched there."""
    orders: dict[int, Order] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    """Accounts that ever had an order accepted here."""
    trades: dict[int, Trade] = field(default_factory=dict)
    kept: dict[int, Kept] = field(default_factory=dict)
    known_holds: dict[int, int] = field(default_factory=dict)
    """Holds that were worked out since the account's orders here changed last."""

    def __post_init__(self) -> None:
        self.runners = [runner.id for runner in self.terms.runners]
        self.prices: Sequence[int] = CLASSIC
        if self.terms.ladder == x.LADDER_FINEST:
            self.prices = range(101, 100_001)
        elif self.is_line:
            self.prices = [200] * self.terms.positions

    @property
    def is_line(self) -> bool:
        return self.terms.ladder == x.LADDER_LINE_RANGE

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def active(self) -> list[int]:
        return [runner for runner in self.runners if runner not in self.gone]

    @property
    def places(self) -> int:
        """How many active runners win, where that is not variable."""
        return min(self.terms.winners, len(self.active))

    def orders_of(self, account: int) -> list[Order]:
        return [order for order in self.orders.values() if order.account == account]

    def accounts(self) -> list[int]:
        """Who has orders here, ascending."""
        return sorted({order.account for order in self.orders.values()})

    def resting(self) -> list[Order]:
        """Whatever rests, on close and held too, by id."""
        return [order for _, order in sorted(self.orders.items()) if order.remaining]


@dataclass(eq=False, slots=True)
class Limit:
    """A limit of one kind and window, by one of the two who set limits; amount 0: there is none."""

    amount: int = 0
    next_amount: int = 0
    next_ms: int = 0
    """When the change that waits comes in force; 0: none waits."""


@dataclass(eq=False, slots=True)
class Permit:
    """At home: what an account may do on another shard."""

    slices: int = 0
    returns: int = 0
    money: int = 0
    loss: int = 0
    stake: int = 0
    live: bool = False
    """Granted to since it was last confirmed or closed."""
    to_confirm: bool = False


@dataclass(eq=False, slots=True)
class Guest:
    """There: whose guest an account is, and what it may still do."""

    home: int
    account: int
    slices: int = 0
    returns: int = 0
    loss: int = 0
    stake: int = 0
    result: int = 0
    staked: int = 0
    stopped: bool = False


@dataclass(eq=False)
class Account:
    """A wallet and its protection; holds are never stored."""

    id: int
    currency: int = 0
    verified: bool = False
    wallet: int = 0
    receivable: int = 0
    discount: int = 0
    usage: Usage = field(default_factory=Usage)
    limits: dict[tuple[bool, int, int], Limit] = field(default_factory=dict)
    """By whether the operator set it, kind and window."""
    time_out_ms: int = 0
    excluded: bool = False
    excluded_until_ms: int = 0
    """0: no end."""
    earliest_ms: int = 0
    """From when lifting the exclusion may be asked for."""
    lifting_ms: int = 0
    heartbeat_ms: int = 0
    permits: dict[int, Permit] = field(default_factory=dict)
    guest: Guest | None = None


@dataclass(eq=False, slots=True)
class Book:
    """The shard's money in one currency, but for wallets and withdrawals that wait."""

    deposited: int = 0
    withdrawn: int = 0
    in_transit: int = 0
    commission: int = 0
    house: int = 0
    rounding: int = 0
