//! The terms of a market: checked once, when it opens.

use serde::{Deserialize, Serialize};

use crate::accounts::LARGEST_CURRENCY;
use crate::command::{Reduction, Rest, SelfMatch, Terms};
use crate::ladder::Ladder;
use crate::money::{LARGEST_STAKE, PENNY};
use crate::outcome::{Code, Refusal};

/// The most runners one market may have.
pub const RUNNERS_PER_MARKET: usize = 1_000;
/// The most runners that a market with cross-matching may have.
const RUNNERS_CROSSED: usize = 100;
/// The most commission a market may charge, in basis points of net winnings.
const LARGEST_COMMISSION_BP: u32 = 2_000;
/// The most positions that a line may have.
const LARGEST_LINE: u32 = 10_000;
/// The longest in-play delay.
const LONGEST_DELAY_MS: u32 = 60_000;

/// How many runners win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Winners {
    /// So many, or all that are active if they are fewer.
    Fixed(u32),
    /// Any number.
    Variable,
}

/// What a market is like, checked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// Its prices.
    pub ladder: Ladder,
    /// How many runners win.
    pub winners: Winners,
    /// Orders of one account.
    pub self_match: SelfMatch,
    /// Factors of removed runners.
    pub reduction: Reduction,
    /// Whether there is a starting price.
    pub starting_price: bool,
    /// Whether runners are matched with each other.
    pub cross_matching: bool,
    /// How long an order is held in play.
    pub in_play_delay_ms: u32,
    /// Whether only takers are.
    pub passive_delay: bool,
}

fn invalid(given: impl Into<i64>, bound: impl Into<i64>) -> Result<(), Refusal> {
    Err(Refusal::new(Code::MarketInvalid, given.into(), bound.into()))
}

fn at_most(given: impl Into<i64>, most: impl Into<i64>) -> Result<(), Refusal> {
    let (given, most) = (given.into(), most.into());
    if given > most || given < 0 {
        return invalid(given, most);
    }
    Ok(())
}

/// Checks terms.
///
/// # Errors
/// `MARKET_INVALID`, with the value that is out of range and its bound.
pub fn check(terms: &Terms) -> Result<Rules, Refusal> {
    check_runners(terms)?;
    at_most(terms.commission_bp, LARGEST_COMMISSION_BP)?;
    if terms.minimum_stake < PENNY || terms.minimum_stake % PENNY != 0 {
        invalid(terms.minimum_stake, PENNY)?;
    }
    at_most(terms.minimum_stake, LARGEST_STAKE)?;
    let rest = &terms.rest;
    let ladder = check_ladder(terms)?;
    if rest.cross_matching {
        check_crossing(terms)?;
    }
    at_most(rest.self_match, SelfMatch::ALL.len() as i64 - 1)?;
    at_most(rest.in_play_delay_ms, LONGEST_DELAY_MS)?;
    at_most(rest.reduction, Reduction::ALL.len() as i64 - 1)?;
    let reduction = Reduction::of(rest.reduction).unwrap_or_default();
    if reduction == Reduction::Win && terms.winners != 1 {
        invalid(terms.winners, 1)?;
    }
    at_most(rest.currency, LARGEST_CURRENCY)?;
    Ok(Rules {
        ladder,
        winners: if rest.variable_winners { Winners::Variable } else { Winners::Fixed(terms.winners) },
        self_match: SelfMatch::of(rest.self_match).unwrap_or_default(),
        reduction,
        starting_price: rest.starting_price,
        cross_matching: rest.cross_matching,
        in_play_delay_ms: rest.in_play_delay_ms,
        passive_delay: rest.passive_delay,
    })
}

fn check_runners(terms: &Terms) -> Result<(), Refusal> {
    let count = terms.runners.len();
    if count == 0 || count > RUNNERS_PER_MARKET {
        invalid(count as i64, if count == 0 { 1 } else { RUNNERS_PER_MARKET as i64 })?;
    }
    let mut ids: Vec<u64> = terms.runners.iter().map(|runner| runner.id).collect();
    ids.sort_unstable();
    let repeated = ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    if let Some(id) = repeated.or((ids[0] == 0).then_some(0)) {
        invalid(id as i64, 0)?;
    }
    if terms.rest.variable_winners {
        return at_most(terms.winners, 0);
    }
    if terms.winners == 0 {
        invalid(0, 1)?;
    }
    at_most(terms.winners, count as i64)
}

fn check_ladder(terms: &Terms) -> Result<Ladder, Refusal> {
    let Rest { ladder, positions, starting_price, cross_matching, reduction, .. } = terms.rest;
    at_most(ladder, 2)?;
    let line = ladder == 2;
    if !line {
        at_most(positions, 0)?;
    } else {
        if terms.runners.len() != 1 {
            invalid(terms.runners.len() as i64, 1)?;
        }
        if terms.winners != 1 {
            invalid(terms.winners, 1)?;
        }
        if positions == 0 {
            invalid(0, 1)?;
        }
        at_most(positions, LARGEST_LINE)?;
        if starting_price || cross_matching || reduction != 0 {
            invalid(ladder, 0)?;
        }
    }
    if starting_price && ladder != 0 {
        invalid(ladder, 0)?;
    }
    Ok(match ladder {
        0 => Ladder::Classic,
        1 => Ladder::Finest,
        _ => Ladder::Line(positions),
    })
}

fn check_crossing(terms: &Terms) -> Result<(), Refusal> {
    let count = terms.runners.len();
    if terms.winners != 1 {
        invalid(terms.winners, 1)?;
    }
    if count < 2 {
        invalid(count as i64, 2)?;
    }
    at_most(count as i64, RUNNERS_CROSSED as i64)
}
