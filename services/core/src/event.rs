//! Events: everything that a command brought about, as plain values. Names and meanings are the contract's.
#![allow(missing_docs)] // one field here is one field there: exchange.proto documents them

use crate::command::{Side, Terms};
use crate::money::Money;
use crate::outcome::Code;

/// Why stake was taken off the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// Its owner asked.
    Requested = 1,
    /// The remainder of an incoming order would have met an order of the same account.
    OwnOrder = 2,
    /// The account cannot cover its worst loss any more.
    Shortfall = 3,
    /// The runner was voided.
    RunnerGone = 4,
    /// The market was settled or voided.
    MarketEnded = 5,
}

/// One thing that happened. Rare and long ones are boxed, so that the frequent ones stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Refused { account: u64, code: Code, given: i64, bound: i64 },
    RulesActivated { version: u32 },
    AccountOpened { account: u64 },
    AccountVerified { account: u64 },
    Deposited { account: u64, amount: Money, balance: Money },
    Withdrawn { account: u64, amount: Money, balance: Money },
    MarketOpened { market: u64, terms: Box<Terms> },
    SuspensionSet { market: u64, suspended: bool },
    OrderAccepted { order: u64, account: u64, market: u64, runner: u64, side: Side, price: u16, size: Money },
    Matched(Fill),
    OrderCancelled { order: u64, account: u64, market: u64, size: Money, reason: CancelReason },
    HoldChanged { account: u64, market: u64, before: Money, after: Money },
    RunnerVoided { market: u64, runner: u64 },
    MarketSettled { market: u64, winners: Box<[u64]>, source: Box<str> },
    MarketVoided { market: u64, reason: Box<str> },
    AccountSettled { account: u64, market: u64, profit: Money, commission: Money, balance: Money },
    ShortfallBooked { account: u64, market: u64, amount: Money, settled: bool },
    ShortfallCovered { account: u64, amount: Money },
}

/// A fill, at the resting order's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub market: u64,
    pub runner: u64,
    pub price: u16,
    pub size: Money,
    pub resting_order: u64,
    pub resting_account: u64,
    pub incoming_order: u64,
    pub incoming_account: u64,
    pub incoming_side: Side,
}
