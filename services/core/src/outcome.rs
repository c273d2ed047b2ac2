//! Outcomes: the answers to commands.

use crate::money::Money;

/// What came of a command. Everything but `Ok` is a refusal that changed nothing. Numbers are the contract's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    pub fn new(code: Code, given: i64, bound: i64) -> Self {
        Self { code, given, bound }
    }

    /// A refusal that names an id. Ids beyond `i64` wrap: they are names, not quantities.
    pub fn of(code: Code, id: u64) -> Self {
        Self::new(code, id as i64, 0)
    }

    /// A bound of the shard: the count that would have been, and the most there may be.
    pub fn capacity(would_be: i64, most: i64) -> Self {
        Self::new(Code::CapacityReached, would_be, most)
    }
}

/// The answer to a command, kept with its key. Whether it is given for the first time is the [`Answer`]'s matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// The actor's wallet afterwards; 0 for the operator.
    pub balance: Money,
    /// The actor's wallet less its holds; negative while a shortfall is open.
    pub available: Money,
}

impl Outcome {
    /// Success, with what was made or touched.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What came of the command.
    pub outcome: Outcome,
    /// From memory: the key had been used before with the same payload.
    pub repeated: bool,
}
