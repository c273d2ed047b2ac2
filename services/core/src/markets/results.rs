//! Results: who won, and what a settled market came to for each account, kept until it is final.

use serde::{Deserialize, Serialize};

use crate::exposure::Position;
use crate::hash::Walk;
use crate::money::{dead_heat, Money};

/// How a market ended, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Called off: nobody won or lost.
    Void,
    /// Of a line: how many positions are at or below the result.
    Line(u32),
    /// Of runners.
    Runners {
        /// Indexes of those that won, rising.
        winners: Vec<u16>,
        /// Indexes of those in a dead heat, rising.
        dead_heat: Vec<u16>,
        /// How many places they share.
        places: usize,
    },
}

impl Verdict {
    /// Whether a runner won, alone or in a dead heat.
    pub fn is_winner(&self, runner: u16) -> bool {
        match self {
            Self::Void | Self::Line(_) => false,
            Self::Runners { winners, dead_heat, .. } => {
                winners.binary_search(&runner).is_ok() || dead_heat.binary_search(&runner).is_ok()
            }
        }
    }

    /// What matched bets come to.
    pub fn profit(&self, positions: &[Position]) -> Money {
        match self {
            Self::Void => 0,
            Self::Line(result) => positions.iter().map(|it| if *result <= it.key { it.win } else { it.lose }).sum(),
            Self::Runners { winners, dead_heat: shared, places } => {
                let is_in = |runners: &[u16], key: u32| runners.binary_search(&(key as u16)).is_ok();
                let whole = positions.iter().map(|it| if is_in(winners, it.key) { it.win } else { it.lose }).sum();
                let part = positions.iter().filter(|it| is_in(shared, it.key)).map(|it| it.win - it.lose).sum();
                match shared.len() {
                    0 => whole,
                    runners => dead_heat(whole, part, *places, runners),
                }
            }
        }
    }
}

/// What a market came to for an account that had a bet in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The account's id.
    pub account: u32,
    /// What its bets bring.
    pub positions: Box<[Position]>,
    /// What was booked.
    pub profit: Money,
    /// The commission on it.
    pub commission: Money,
    /// The account's discount when the market first ended.
    pub discount_bp: u16,
}

impl Kept {
    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.account.into(), self.profit, self.commission, self.discount_bp.into()]);
        walk.number(self.positions.len() as i64);
        self.positions.iter().for_each(|it| walk.numbers(&[it.key.into(), it.win, it.lose]));
    }
}
