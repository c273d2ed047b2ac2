//! Commands: what the log carries, as plain values.

use crate::key::Key;
use crate::money::Money;

/// Which way a bet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// For the runner: wins stake x (price - 1) when it wins.
    Back = 1,
    /// Against the runner: wins the backer's stake when it does not win.
    Lay = 2,
}

impl Side {
    /// The side that this one is matched with.
    #[inline]
    pub fn other(self) -> Self {
        match self {
            Self::Back => Self::Lay,
            Self::Lay => Self::Back,
        }
    }
}

/// One instruction. `account` is who acts (0: the operator); (account, key) names the command for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Chosen by the client.
    pub key: Key,
    /// Who acts; 0 is the operator.
    pub account: u64,
    /// What is to be done.
    pub body: Body,
}

/// What a command asks for. The operator's bodies and the players' are told apart by [`Body::is_for_operator`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Opens an account, unverified and empty.
    OpenAccount,
    /// Marks an account's holder as verified (KYC-1): before it the account can neither be funded nor bet.
    VerifyAccount {
        /// The account.
        account: u64,
    },
    /// Pays into the actor's wallet.
    Deposit {
        /// In whole pennies.
        amount: Money,
    },
    /// Pays out of the actor's wallet.
    Withdraw {
        /// In whole pennies.
        amount: Money,
    },
    /// Opens a market.
    OpenMarket(Box<Terms>),
    /// Suspends a market, or takes it up again.
    SetSuspension {
        /// The market.
        market: u64,
        /// Whether it is to be suspended.
        suspended: bool,
    },
    /// Places a limit order.
    PlaceOrder(Place),
    /// Cancels what is left of an order, or part of it.
    CancelOrder {
        /// The order's market.
        market: u64,
        /// The order.
        order: u64,
        /// Stake to take off; 0: all that is left.
        reduction: Money,
    },
    /// Takes a runner out of a market: its bets are void.
    VoidRunner {
        /// The market.
        market: u64,
        /// The runner.
        runner: u64,
    },
    /// Pays a market out.
    SettleMarket {
        /// The market.
        market: u64,
        /// Runners that won.
        winners: Vec<u64>,
        /// Where the result comes from; travels through to the event.
        source: String,
    },
    /// Calls a market off: every bet is void.
    VoidMarket {
        /// The market.
        market: u64,
        /// Travels through to the event.
        reason: String,
    },
    /// Puts a version of the rules in force.
    ActivateRules {
        /// The version.
        version: u32,
    },
}

impl Body {
    /// Whether only the operator may send it; the others only an account may.
    pub fn is_for_operator(&self) -> bool {
        !matches!(self, Self::Deposit { .. } | Self::Withdraw { .. } | Self::PlaceOrder(_) | Self::CancelOrder { .. })
    }
}

/// A limit order, as asked for: nothing about it has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The market.
    pub market: u64,
    /// The runner.
    pub runner: u64,
    /// The number of the side in the contract: 1 back, 2 lay.
    pub side: i32,
    /// The tick of the limit.
    pub price: u32,
    /// The backer's stake.
    pub size: Money,
}

/// The terms on which a market opens. Names travel through to the event; the core keeps ids only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The market's name.
    pub name: String,
    /// The event's name.
    pub event: String,
    /// The sport.
    pub event_type: String,
    /// When the event starts, in milliseconds since the Unix epoch; travels through.
    pub start_time_ms: i64,
    /// 1 to 1 000 runners, ids unique and not 0.
    pub runners: Vec<RunnerTerms>,
    /// How many runners win: 1 to the number of runners.
    pub winners: u32,
    /// Commission in basis points of net winnings: 0 to 2 000.
    pub commission_bp: u32,
    /// The smallest stake: whole pennies.
    pub minimum_stake: Money,
}

/// A runner as announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunnerTerms {
    /// Its id within the market.
    pub id: u64,
    /// Its name; travels through.
    pub name: String,
}
