//! Outcomes: the answers to commands.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// What came of a command. Everything but `Ok` is a refusal that changed nothing. Numbers are the contract's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
#[allow(missing_docs)] // exchange.proto documents each
pub enum Code {
    #[default]
    Ok = 1,
    Malformed = 2,
    KeyInvalid = 3,
    KeyReused = 4,
    KeyTooOld = 5,
    RulesUnknown = 6,
    AccountUnknown = 10,
    AccountNotVerified = 11,
    AccountBlocked = 12,
    AmountOutOfRange = 13,
    InsufficientFunds = 14,
    MarketUnknown = 20,
    MarketSuspended = 21,
    MarketClosed = 22,
    MarketInvalid = 23,
    RunnerUnknown = 24,
    RunnerVoided = 25,
    WinnersInvalid = 26,
    PriceInvalid = 30,
    SizeInvalid = 31,
    OrderUnknown = 32,
    OrderComplete = 33,
    AccountAlreadyVerified = 34,
    SideInvalid = 35,
    CapacityReached = 36,
    MarketInactive = 40,
    MarketInPlay = 41,
    MarketVersionChanged = 42,
    ExchangeSuspended = 43,
    RunnerSuspended = 44,
    CurrencyMismatch = 45,
    OrderTypeInvalid = 46,
    PersistenceInvalid = 47,
    TimeInForceInvalid = 48,
    OrdersOverlap = 49,
    OrderDelayed = 50,
    LadderInvalid = 51,
    LineResultInvalid = 52,
    DeadHeatInvalid = 53,
    FactorInvalid = 54,
    TradeUnknown = 55,
    NotSettled = 56,
    ResultFinal = 57,
    HeartbeatInvalid = 58,
    DiscountInvalid = 59,
    WithdrawalUnknown = 60,
    SelfExcluded = 61,
    TimedOut = 62,
    DepositLimitExceeded = 63,
    LossLimitExceeded = 64,
    StakeLimitExceeded = 65,
    LimitInvalid = 66,
    DurationInvalid = 67,
    ExclusionStands = 68,
    NotExcluded = 69,
    ProtectionPending = 70,
    AccountIsGuest = 71,
    PermitUnknown = 72,
    PermitSeen = 73,
    PermitStopped = 74,
    PermitInvalid = 75,
}

/// Why a command is refused: the code, the value that was wrong and the bound that it broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub code: Code,
    /// The value that was wrong (ids as they were sent).
    pub given: i64,
    /// The bound that it broke, where there is one; otherwise 0.
    pub bound: i64,
}

impl Refusal {
    /// A refusal with all its parts.
    #[inline]
    pub fn new(code: Code, given: i64, bound: i64) -> Self {
        Self { code, given, bound }
    }

    /// A refusal that names an id. Ids beyond `i64` wrap: they are names, not quantities.
    #[inline]
    pub fn of(code: Code, id: u64) -> Self {
        Self::new(code, id as i64, 0)
    }

    /// A refusal unless a count stays within its bound.
    #[inline]
    pub fn unless_within(would_be: i64, most: i64) -> Result<(), Self> {
        if would_be > most {
            return Err(Self::capacity(would_be, most));
        }
        Ok(())
    }

    /// A bound of the shard: the count that would have been, and the most there may be.
    pub fn capacity(would_be: i64, most: i64) -> Self {
        Self::new(Code::CapacityReached, would_be, most)
    }
}

/// The answer to a command, kept with its key. Whether it is given for the first time is the [`Answer`]'s matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What came of it.
    pub code: Code,
    /// The account, market or order made or touched; 0 for a refusal.
    pub id: u64,
    /// Orders: stake matched at once.
    pub matched: Money,
    /// Orders: sum of stake x price over those fills.
    pub matched_payout: Money,
    /// Orders: stake left resting.
    pub remaining: Money,
    /// Orders: stake cancelled by this command.
    pub cancelled: Money,
    /// Refusals: the value that was wrong.
    pub given: i64,
    /// Refusals: the bound that it broke.
    pub bound: i64,
    /// ReplaceOrder: stake taken off the order before.
    pub replaced: Money,
    /// In force here; everywhere only when every permit's shard has confirmed it.
    pub pending: bool,
    /// The actor's wallet afterwards; 0 for the operator.
    pub balance: Money,
    /// The actor's wallet less its holds; negative while a shortfall is open.
    pub available: Money,
}

impl Outcome {
    /// Success, with what was made or touched.
    #[inline]
    pub fn done(id: u64) -> Self {
        Self { id, ..Self::default() }
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, given: refusal.given, bound: refusal.bound, ..Self::default() }
    }
}

/// An outcome as it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What came of the command.
    pub outcome: Outcome,
    /// From memory: the key had been used before with the same payload.
    pub repeated: bool,
}
