//! Events: everything that a command brought about, as plain values. Names and meanings are the contract's.
#![allow(missing_docs)] // one field here is one field there: exchange.proto documents them

use crate::command::{LimitKind, LimitWindow, OrderType, Outturn, Persistence, Side, Terms, TimeInForce};
use crate::money::Money;
use crate::outcome::Code;

/// Why stake was taken off the book. Numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CancelReason {
    /// Its owner asked.
    Requested = 1,
    /// The remainder of an incoming order would have met an order of the same account.
    OwnOrder = 2,
    /// The account cannot cover its worst loss any more.
    Shortfall = 3,
    /// The runner was voided or removed.
    RunnerGone = 4,
    /// The market was settled or voided.
    MarketEnded = 5,
    /// Another order took its place.
    Replaced = 6,
    /// Not filled at once, as its time in force asked.
    Killed = 7,
    /// Not meant for a market in play, or not matched at the starting price.
    TurnedInPlay = 8,
    /// Suspended: good till halted, or still held by the delay.
    Halted = 9,
    /// Its owner went silent.
    HeartbeatLost = 10,
    /// Its owner is timed out or excluded, or the permit was stopped.
    Protection = 11,
    /// An unmatched lay, and a runner with a large reduction factor was removed.
    Reduction = 12,
}

/// One thing that happened. Rare and long ones are boxed, so that the frequent ones stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Refused { account: u64, code: Code, given: i64, bound: i64 },
    RulesActivated { version: u32 },
    AccountOpened { account: u32, currency: u32 },
    AccountVerified { account: u32 },
    Deposited { account: u32, amount: Money, balance: Money },
    Withdrawn { account: u32, amount: Money, balance: Money },
    MarketOpened { market: u32, terms: Box<Terms> },
    SuspensionSet { market: u32, suspended: bool, runner: u64 },
    OrderAccepted(Accepted),
    Matched(Fill),
    OrderCancelled { order: u64, account: u32, market: u32, size: Money, reason: CancelReason },
    HoldChanged { account: u32, market: u32, before: Money, after: Money },
    RunnerVoided { market: u32, runner: u64 },
    MarketSettled { market: u32, result: Box<Outturn> },
    MarketVoided { market: u32, reason: Box<str> },
    AccountSettled { account: u32, market: u32, profit: Money, commission: Money, balance: Money },
    ShortfallBooked { account: u32, market: u32, amount: Money, settled: bool },
    ShortfallCovered { account: u32, amount: Money },
    OrderReleased { order: u64, account: u32, market: u32 },
    OrderUpdated { order: u64, account: u32, market: u32, persistence: Persistence },
    OrderReduced { order: u64, account: u32, market: u32, matched_payout: Money },
    HeartbeatSet { account: u32, due_ms: i64 },
    HeartbeatExpired { account: u32 },
    TurnedInPlay { market: u32 },
    StartingPrice { market: u32, runner: u64, price: u32, size: Money },
    RunnerRemoved { market: u32, runner: u64, factor_bp: u32 },
    BetVoided(Box<VoidedBet>),
    MarketResettled { market: u32, result: Box<Outturn>, voided: bool },
    AccountResettled(Box<Resettled>),
    MarketFinal { market: u32 },
    RoundingBooked { market: u32, amount: Money },
    DiscountSet { account: u32, discount_bp: u16 },
    LimitSet(LimitChange),
    LimitInForce(LimitChange),
    TimeOutTaken { account: u32, until_ms: i64 },
    SelfExcluded { account: u32, until_ms: i64 },
    LiftingAsked { account: u32, effective_ms: i64 },
    ExclusionLifted { account: u32 },
    WithdrawalRequested { account: u32, withdrawal: u64, amount: Money, balance: Money },
    WithdrawalEnded { account: u32, withdrawal: u64, amount: Money, paid: bool, balance: Money },
    PermitGranted(Box<Granted>),
    PermitAccepted(Box<Granted>),
    PermitTightened { home: u32, account: u64, guest: u32, exposed: Money, staked: Money },
    TighteningPending { account: u32, shards: Box<[u32]> },
    TighteningConfirmed { account: u32, shard: u32 },
    TighteningInForce { account: u32 },
    PermitReturned(Box<Returned>),
    ReturnAccepted { account: u32, shard: u32, id: u64, money: Money, closed: bool, balance: Money },
}

/// An order as it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub order: u64,
    pub account: u32,
    pub market: u32,
    pub runner: u64,
    pub side: Side,
    pub order_type: OrderType,
    pub persistence: Persistence,
    pub time_in_force: TimeInForce,
    pub price: u32,
    pub size: Money,
    pub min_fill: Money,
    pub strategy: u16,
    pub replaces: u64,
    pub release_ms: i64,
}

/// A fill, at the resting order's price; in a cross-match one of the two orders is the exchange's own, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub market: u32,
    pub price: u32,
    pub runner: u64,
    pub size: Money,
    /// 0 under rules 1, whose contract does not tell it.
    pub payout: Money,
    pub resting_order: u64,
    pub incoming_order: u64,
    pub resting_account: u32,
    pub incoming_account: u32,
    pub incoming_side: Side,
    /// 0 under rules 1.
    pub trade: u64,
    /// How many trades its cross-match's first one is back; absent for a direct fill.
    pub group: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoidedBet {
    pub market: u32,
    pub trade: u64,
    pub runner: u64,
    pub size: Money,
    pub payout: Money,
    pub backer: (u64, u32),
    pub layer: (u64, u32),
    pub reason: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resettled {
    pub account: u32,
    pub market: u32,
    pub profit_before: Money,
    pub commission_before: Money,
    pub profit: Money,
    pub commission: Money,
    pub balance: Money,
}

/// A limit set, or come in force; `effective_ms` is of the former only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitChange {
    pub account: u32,
    pub kind: LimitKind,
    pub window: LimitWindow,
    pub by_operator: bool,
    pub amount: Money,
    pub effective_ms: i64,
}

/// A slice granted (`shard`: where to) or accepted (`shard`: from where; `account`: there).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    pub account: u64,
    pub guest: u32,
    pub shard: u32,
    pub id: u64,
    pub money: Money,
    pub loss: Money,
    pub stake: Money,
    pub balance: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    pub home: u32,
    pub account: u64,
    pub guest: u32,
    pub id: u64,
    pub money: Money,
    pub result: Money,
    pub staked: Money,
    pub closed: bool,
    pub balance: Money,
}
