//! Commands: what the log carries, as plain values of which nothing has been checked.

mod kinds;

pub use kinds::{LimitKind, LimitWindow, OrderType, Persistence, Reduction, SelfMatch, Side, TimeInForce};

use crate::key::Key;
use crate::money::Money;

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

/// What a command asks for. One variant here is one message there: exchange.proto documents them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Body {
    OpenAccount { currency: u32 },
    VerifyAccount { account: u64 },
    Deposit { amount: Money },
    Withdraw { amount: Money },
    OpenMarket(Box<Terms>),
    SetSuspension { market: u64, runner: u64, suspended: bool },
    PlaceOrder(Place),
    CancelOrder { market: u64, order: u64, reduction: Money },
    VoidRunner { market: u64, runner: u64 },
    SettleMarket { market: u64, result: Box<Outturn> },
    VoidMarket { market: u64, reason: String },
    ActivateRules { version: u32 },
    ReplaceOrder(Replace),
    UpdateOrder { market: u64, order: u64, persistence: i32 },
    CancelAll { market: u64, strategy: u32, account: u64 },
    Heartbeat { timeout_ms: u32 },
    TurnInPlay { market: u64 },
    RemoveRunner { market: u64, runner: u64, factor_bp: u32 },
    VoidBet { market: u64, trade: u64, reason: String },
    ResettleMarket { market: u64, result: Box<Outturn> },
    Tick,
    SetDiscount { account: u64, discount_bp: u32 },
    SetLimit { account: u64, kind: i32, window: i32, amount: Money },
    TakeTimeOut { account: u64, duration_ms: i64 },
    SelfExclude { account: u64, duration_ms: i64 },
    LiftExclusion,
    RequestWithdrawal { amount: Money },
    EndWithdrawal { withdrawal: u64, paid: bool },
    GrantPermit(Grant),
    AcceptPermit(Slice),
    TightenPermit { home: u32, account: u64 },
    ConfirmTightening { account: u64, shard: u32, exposed: Money, staked: Money },
    ReturnPermit { home: u32, account: u64, amount: Money },
    AcceptReturn(Return),
}

/// Who may send a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Accounts, for themselves.
    Player,
    /// The operator.
    Operator,
    /// Both; the operator names the account, a player names none.
    Either {
        /// The account named.
        account: u64,
    },
}

impl Body {
    /// Who may send it.
    #[inline]
    pub fn sender(&self) -> Sender {
        match self {
            Self::PlaceOrder(_) | Self::CancelOrder { .. } | Self::ReplaceOrder(_) | Self::UpdateOrder { .. } => {
                Sender::Player
            }
            Self::Deposit { .. } | Self::Withdraw { .. } | Self::Heartbeat { .. } => Sender::Player,
            Self::LiftExclusion | Self::RequestWithdrawal { .. } => Sender::Player,
            Self::CancelAll { account, .. } | Self::SetLimit { account, .. } => Sender::Either { account: *account },
            Self::TakeTimeOut { account, .. } | Self::SelfExclude { account, .. } => {
                Sender::Either { account: *account }
            }
            _ => Sender::Operator,
        }
    }

    /// Whether a guest may send it, of what a player may.
    pub fn is_for_guests(&self) -> bool {
        matches!(
            self,
            Self::PlaceOrder(_)
                | Self::CancelOrder { .. }
                | Self::ReplaceOrder(_)
                | Self::UpdateOrder { .. }
                | Self::CancelAll { .. }
                | Self::Heartbeat { .. }
        )
    }

    /// Whether rules 1 know it as it stands.
    pub fn is_of_rules_1(&self) -> bool {
        match self {
            Self::OpenAccount { currency } => *currency == 0,
            Self::OpenMarket(terms) => terms.rest == Rest::default(),
            Self::SetSuspension { runner, .. } => *runner == 0,
            Self::PlaceOrder(place) => place.is_plain(),
            Self::SettleMarket { result, .. } => result.dead_heat.is_empty() && result.line_result.is_none(),
            Self::VerifyAccount { .. } | Self::Deposit { .. } | Self::Withdraw { .. } => true,
            Self::CancelOrder { .. } | Self::VoidRunner { .. } => true,
            Self::VoidMarket { .. } | Self::ActivateRules { .. } => true,
            _ => false,
        }
    }
}

/// An order, as asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The market.
    pub market: u64,
    /// The runner.
    pub runner: u64,
    /// The number of the side in the contract: 1 back, 2 lay.
    pub side: i32,
    /// The tick of the limit.
    pub price: u32,
    /// The backer's stake; of a lay on close the liability.
    pub size: Money,
    /// The number of the type in the contract.
    pub order_type: i32,
    /// The number of the persistence in the contract.
    pub persistence: i32,
    /// The number of the time in force in the contract.
    pub time_in_force: i32,
    /// FILL_OR_KILL: the least to be matched; 0: all of it.
    pub min_fill: Money,
    /// The owner's own number for it.
    pub strategy: u32,
    /// The market's `terms_version` that the sender knows; 0: any.
    pub market_version: u64,
}

impl Place {
    /// The time in force of a limit order that asks for nothing unusual, for whatever version of the market: it rests, or
    /// what is not filled at once is cancelled.
    #[inline(always)]
    pub fn time_in_force_of_a_plain_one(&self) -> Option<TimeInForce> {
        let plain = (self.order_type | self.persistence, self.min_fill, self.market_version) == (0, 0, 0);
        TimeInForce::of(self.time_in_force).filter(|asked| plain && *asked != TimeInForce::FillOrKill)
    }

    #[inline]
    fn is_plain(&self) -> bool {
        let kinds = [self.order_type, self.persistence, self.time_in_force, self.strategy as i32];
        kinds == [0; 4] && self.min_fill == 0 && self.market_version == 0
    }
}

/// What is left of a limit order, to another price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The market.
    pub market: u64,
    /// The order.
    pub order: u64,
    /// The tick of the new limit.
    pub price: u32,
    /// As in [`Place`].
    pub market_version: u64,
}

/// How a market ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outturn {
    /// Runners that won.
    pub winners: Vec<u64>,
    /// Runners that share the places left.
    pub dead_heat: Vec<u64>,
    /// On a line: how many positions are at or below the result.
    pub line_result: Option<u32>,
    /// Where the result comes from; travels through to the event.
    pub source: String,
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
    /// How many runners win: 1 to the number of runners; 0 if any number may.
    pub winners: u32,
    /// Commission in basis points of net winnings: 0 to 2 000.
    pub commission_bp: u32,
    /// The smallest stake: whole pennies.
    pub minimum_stake: Money,
    /// What rules 2 added.
    pub rest: Rest,
}

/// The terms that rules 2 added; the defaults are what rules 1 know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // one field here is one field there: exchange.proto documents them
pub struct Rest {
    pub ladder: i32,
    pub positions: u32,
    pub line_minimum: i64,
    pub line_interval: i64,
    pub inactive: bool,
    pub starting_price: bool,
    pub cross_matching: bool,
    pub self_match: i32,
    pub in_play_delay_ms: u32,
    pub passive_delay: bool,
    pub reduction: i32,
    pub currency: u32,
    pub variable_winners: bool,
}

/// A runner as announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunnerTerms {
    /// Its id within the market.
    pub id: u64,
    /// Its name; travels through.
    pub name: String,
}

/// On the home shard: a slice of an account's money and allowances, for another shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The account.
    pub account: u64,
    /// The shard where it is to bet.
    pub shard: u32,
    /// Money.
    pub money: Money,
    /// Of its loss allowance; -1: any.
    pub loss: Money,
    /// Of its stake allowance; -1: any.
    pub stake: Money,
}

/// There: the slice as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The home shard.
    pub home: u32,
    /// The account there.
    pub account: u64,
    /// Counted up by the home shard.
    pub id: u64,
    /// The account's currency.
    pub currency: u32,
    /// Money.
    pub money: Money,
    /// Of its loss allowance; -1: any.
    pub loss: Money,
    /// Of its stake allowance; -1: any.
    pub stake: Money,
}

/// On the home shard: what came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// The account.
    pub account: u64,
    /// The shard where it bet.
    pub shard: u32,
    /// Counted up by that shard.
    pub id: u64,
    /// Money.
    pub money: Money,
    /// Closed: what its markets there came to.
    pub result: Money,
    /// Closed: what it staked there.
    pub staked: Money,
    /// Whether the permit is closed.
    pub closed: bool,
}
