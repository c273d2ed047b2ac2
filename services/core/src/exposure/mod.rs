//! Exposure: what one account can lose in one open market, over its matched bets and its resting orders.

mod position;
mod worst;

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use position::{risk, Position};
pub use worst::{hold, Field};

use crate::hash::Walk;
use crate::memory::chain::{Chain, Stack};
use crate::memory::slab::Slab;
use crate::money::Money;
use crate::orders::{Orders, OWN};

/// One account in one open market. What every order touches lies in two lines of the processor's cache: most accounts bet
/// on one runner of a market.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Exposure {
    /// The account's id.
    pub account: u32,
    /// The market's id.
    pub market: u32,
    /// The epoch in which its orders may take the express lane.
    #[serde(skip)]
    pub pass: u64,
    positions: SmallVec<[Position; 1]>,
    /// What the wallet holds back for it.
    pub hold: Money,
    /// Stake that is matched or resting; a lay on close counts with the stake it could have at the lowest price.
    pub at_work: Money,
    /// The orders that rest, oldest first.
    pub resting: Chain<OWN>,
    /// The orders that rest no more and have a matched (or then voided) part.
    pub history: Stack<OWN>,
    /// Whether any bet was ever matched, voided ones included.
    pub has_bets: bool,
}

impl Exposure {
    /// Nothing at work yet.
    pub fn new(account: u32, market: u32) -> Self {
        let (resting, history, positions) = (Chain::default(), Stack::default(), SmallVec::new());
        Self { account, market, hold: 0, at_work: 0, resting, history, has_bets: false, pass: 0, positions }
    }

    /// The slots of its orders that count: resting, or with a matched part. By id.
    pub fn orders(&self, orders: &Orders) -> Vec<u32> {
        let mut slots: Vec<u32> = self.resting.slots(orders).chain(self.history.slots(orders)).collect();
        slots.sort_unstable_by_key(|slot| orders[*slot].id);
        slots
    }

    /// The touched positions, by key.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The position of a key, made if it is the first touch.
    #[inline(always)]
    pub fn position_mut(&mut self, key: u32) -> &mut Position {
        if self.positions.as_slice().first().is_none_or(|first| first.key != key) {
            return self.search_or_begin(key);
        }
        &mut self.positions.as_mut_slice()[0]
    }

    #[cold]
    #[inline(never)]
    fn search_or_begin(&mut self, key: u32) -> &mut Position {
        let nth = self.search(key).unwrap_or_else(|nth| {
            self.positions.insert(nth, Position::at(key));
            nth
        });
        &mut self.positions[nth]
    }

    fn search(&self, key: u32) -> Result<usize, usize> {
        self.positions.binary_search_by_key(&key, |position| position.key)
    }

    /// The position of a key, if it was touched.
    #[inline]
    pub fn position(&self, key: u32) -> Option<&Position> {
        self.search(key).ok().map(|nth| &self.positions[nth])
    }

    /// Drops the position on a runner that is gone.
    pub fn drop_position(&mut self, key: u32) {
        self.positions.retain(|position| position.key != key);
    }

    /// The hold that it needs now.
    #[inline(always)]
    pub fn needed(&self, field: Field) -> Money {
        hold(&self.positions, field)
    }

    /// The hold that it would need with a change of one position.
    #[inline(always)]
    pub fn needed_with(&mut self, change: &Position, field: Field) -> Money {
        let positions = self.positions.as_mut_slice();
        if positions.first().is_none_or(|first| first.key != change.key) {
            return self.needed_with_another(change, field);
        }
        let before = positions[0];
        positions[0] = before.plus(change);
        let needed = hold(positions, field);
        positions[0] = before;
        needed
    }

    /// The same for a position that is not the first, if there is one yet.
    #[cold]
    #[inline(never)]
    fn needed_with_another(&mut self, change: &Position, field: Field) -> Money {
        match self.search(change.key) {
            Ok(nth) => {
                let before = self.positions[nth];
                self.positions[nth] = before.plus(change);
                let needed = hold(&self.positions, field);
                self.positions[nth] = before;
                needed
            }
            Err(nth) => {
                self.positions.insert(nth, *change);
                let needed = hold(&self.positions, field);
                self.positions.remove(nth);
                needed
            }
        }
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.market.into(), self.hold, self.at_work, self.has_bets.into()]);
        walk.number(self.positions.len() as i64);
        for position in &self.positions {
            let Position { key, win, lose, open_backs, open_lays } = *position;
            walk.numbers(&[key.into(), win, lose, open_backs, open_lays]);
        }
    }
}

/// The exposures of all accounts in all open markets, by slot; accounts and markets keep the slots.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exposures(Slab<Exposure>);

impl Exposures {
    /// None yet, with room for so many.
    pub fn with_room(most: u32) -> Self {
        Self(Slab::with_room(most))
    }

    /// Has room for so many, as [`Self::with_room`].
    pub(crate) fn make_room(&mut self, most: u32) {
        self.0.make_room(most);
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one in.
    pub fn insert(&mut self, exposure: Exposure) -> u32 {
        self.0.insert(exposure)
    }

    /// Frees a slot.
    pub fn remove(&mut self, slot: u32) {
        self.0[slot].positions = SmallVec::new();
        self.0.remove(slot);
    }
}

impl Index<u32> for Exposures {
    type Output = Exposure;

    #[inline]
    fn index(&self, slot: u32) -> &Exposure {
        &self.0[slot]
    }
}

impl IndexMut<u32> for Exposures {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Exposure {
        &mut self.0[slot]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Side;
    use crate::money::{liability, payout};

    const ONE_OF_THREE: Field = Field::One { active: 3 };

    #[test]
    fn two_lays_in_one_market_hold_11_50_together_and_21_50_once_one_runner_is_gone() {
        let mut exposure = Exposure::new(1, 1);
        exposure.position_mut(0).fill(Side::Lay, 100_000, payout(100_000, 315));
        exposure.position_mut(1).fill(Side::Lay, 100_000, payout(100_000, 252));
        assert_eq!(exposure.needed(ONE_OF_THREE), 115_000);
        exposure.drop_position(1);
        assert_eq!(exposure.needed(Field::One { active: 2 }), 215_000);
    }

    #[test]
    fn a_resting_order_counts_on_its_losing_side_only() {
        let mut exposure = Exposure::new(1, 1);
        let (mut lay, mut back) = (Position::at(0), Position::at(0));
        lay.open(Side::Lay, liability(10_000, 300));
        back.open(Side::Back, 10_000);
        assert_eq!(exposure.needed_with(&lay, ONE_OF_THREE), 20_000);
        assert_eq!(exposure.needed_with(&back, ONE_OF_THREE), 10_000);
        assert_eq!(exposure.needed_with(&lay.plus(&back), ONE_OF_THREE), 20_000);
    }
}
