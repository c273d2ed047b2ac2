//! Positions: what one account's bets and resting orders bring, by runner or by position of a line.

use serde::{Deserialize, Serialize};

use crate::command::Side;
use crate::money::{liability, Money};

/// One account's bets and orders on one active runner, or at one position of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Index of the runner in the market; on a line the tick.
    pub key: u32,
    /// W: what the matched bets bring when backers win.
    pub win: Money,
    /// L: what they bring when backers lose.
    pub lose: Money,
    /// Stake of the resting backs.
    pub open_backs: Money,
    /// Liability of the resting lays, at their limits.
    pub open_lays: Money,
}

impl Position {
    /// Nothing yet.
    #[inline]
    pub fn at(key: u32) -> Self {
        Self { key, ..Self::default() }
    }

    /// Adds (or, negative, takes off) the risk of a resting order: a back's stake, a lay's liability.
    #[inline]
    pub fn open(&mut self, side: Side, risk: Money) {
        match side {
            Side::Back => self.open_backs += risk,
            Side::Lay => self.open_lays += risk,
        }
    }

    /// Adds a fill (or takes one off, with both negative).
    #[inline]
    pub fn fill(&mut self, side: Side, size: Money, payout: Money) {
        let (win, lose) = match side {
            Side::Back => (payout - size, -size),
            Side::Lay => (size - payout, size),
        };
        self.win += win;
        self.lose += lose;
    }

    /// (W', L'): the least that it brings when backers win, and when they lose.
    #[inline]
    pub fn worst(&self) -> (Money, Money) {
        (self.win - self.open_lays, self.lose - self.open_backs)
    }

    /// The two together.
    #[inline]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            key: self.key,
            win: self.win + other.win,
            lose: self.lose + other.lose,
            open_backs: self.open_backs + other.open_backs,
            open_lays: self.open_lays + other.open_lays,
        }
    }
}

/// What a resting limit order risks: a back its stake, a lay its liability at its limit.
#[inline]
pub fn risk(side: Side, size: Money, price: i64) -> Money {
    match side {
        Side::Back => size,
        Side::Lay => liability(size, price),
    }
}
