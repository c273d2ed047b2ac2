//! Exposure: what one account can lose in one market, over its matched bets and its resting orders.
//!
//! Per runner, W is what the matched bets bring when it wins and L when it does not; W' and L' count the resting
//! orders on their losing side too. The worst case of a market is the sum of L' plus the k smallest (W' - L') over its
//! active runners, where k is the number of winners; the hold is what that loses. A runner that the account never
//! touched has W' = L' = 0, so only touched ones are kept.

use std::ops::{Index, IndexMut};

use crate::chain::Chain;
use crate::command::Side;
use crate::hash::Walk;
use crate::money::{liability, Money};
use crate::orders::{Orders, OWN};
use crate::slab::Slab;

/// How many runners are in the market, and how many of them win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Runners that are not voided.
    pub active: usize,
    /// How many of them win.
    pub winners: usize,
}

/// One account's bets and orders on one active runner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Index of the runner in the market.
    pub runner: u16,
    /// W: what the matched bets bring when the runner wins.
    pub win: Money,
    /// L: what they bring when it does not.
    pub lose: Money,
    /// Stake of the resting backs.
    pub open_backs: Money,
    /// Liability of the resting lays, at their limits.
    pub open_lays: Money,
}

impl Position {
    /// A position that consists of one resting order.
    pub fn of_order(runner: u16, side: Side, tick: u16, size: Money) -> Self {
        let mut position = Self { runner, ..Self::default() };
        position.open(side, tick, size);
        position
    }

    /// Adds (or with a negative size takes off) resting stake.
    #[inline]
    pub fn open(&mut self, side: Side, tick: u16, size: Money) {
        match side {
            Side::Back => self.open_backs += size,
            Side::Lay => self.open_lays += liability(size, tick),
        }
    }

    /// Turns resting stake with a limit into matched stake at a price.
    #[inline]
    pub fn fill(&mut self, side: Side, limit: u16, price: u16, size: Money) {
        self.open(side, limit, -size);
        let (win, lose) = match side {
            Side::Back => (liability(size, price), -size),
            Side::Lay => (-liability(size, price), size),
        };
        self.win += win;
        self.lose += lose;
    }

    /// (W', L'): the least that it brings when the runner wins, and when it does not.
    #[inline]
    fn worst(&self) -> (Money, Money) {
        (self.win - self.open_lays, self.lose - self.open_backs)
    }

    /// The two together.
    #[inline]
    fn plus(&self, other: &Self) -> Self {
        Self {
            runner: self.runner,
            win: self.win + other.win,
            lose: self.lose + other.lose,
            open_backs: self.open_backs + other.open_backs,
            open_lays: self.open_lays + other.open_lays,
        }
    }
}

/// The hold that positions on distinct active runners need.
#[inline]
pub fn hold(positions: impl Iterator<Item = Position>, field: Field) -> Money {
    let worst = if field.winners == 1 { worst_of_one(positions, field) } else { worst_of_many(positions, field) };
    (-worst).max(0)
}

#[inline]
fn worst_of_one(positions: impl Iterator<Item = Position>, field: Field) -> Money {
    let (mut losing, mut smallest, mut touched) = (0, Money::MAX, 0);
    for (win, lose) in positions.map(|position| position.worst()) {
        losing += lose;
        smallest = smallest.min(win - lose);
        touched += 1;
    }
    if touched < field.active {
        smallest = smallest.min(0);
    }
    losing + smallest
}

fn worst_of_many(positions: impl Iterator<Item = Position>, field: Field) -> Money {
    let mut losing = 0;
    let mut differences: Vec<Money> = Vec::with_capacity(field.active.min(32));
    for (win, lose) in positions.map(|position| position.worst()) {
        losing += lose;
        differences.push(win - lose);
    }
    let untouched = field.active - differences.len();
    differences.extend(std::iter::repeat_n(0, untouched.min(field.winners)));
    if field.winners < differences.len() {
        differences.select_nth_unstable(field.winners);
    }
    losing + differences[..field.winners].iter().sum::<Money>()
}

/// One account in one open market.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// The account's id.
    pub account: u32,
    /// The market's id.
    pub market: u32,
    /// What the wallet holds back for it.
    pub hold: Money,
    /// Stake that is matched or resting.
    pub at_work: Money,
    /// Whether any bet was ever matched, voided ones included.
    pub has_bets: bool,
    /// The resting orders, oldest first.
    pub resting: Chain<OWN>,
    /// Slots of the orders that rest no more and have a matched (or then voided) part, in the order in which they
    /// stopped resting.
    pub history: Vec<u32>,
    positions: Vec<Position>,
}

impl Exposure {
    /// Nothing at work yet.
    pub fn new(account: u32, market: u32) -> Self {
        let (resting, history, positions) = (Chain::default(), Vec::new(), Vec::new());
        Self { account, market, hold: 0, at_work: 0, has_bets: false, resting, history, positions }
    }

    /// The slots of its orders that count: resting, or with a matched part. By id.
    pub fn orders(&self, orders: &Orders) -> Vec<u32> {
        let mut slots: Vec<u32> = self.resting.slots(orders).chain(self.history.iter().copied()).collect();
        slots.sort_unstable_by_key(|slot| orders[*slot].id);
        slots
    }

    /// The positions on touched active runners, in the market's order of runners.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The position on an active runner, made if it is the first touch.
    #[inline]
    pub fn position_mut(&mut self, runner: u16) -> &mut Position {
        let nth = match self.positions.binary_search_by_key(&runner, |position| position.runner) {
            Ok(nth) => nth,
            Err(nth) => {
                self.positions.insert(nth, Position { runner, ..Position::default() });
                nth
            }
        };
        &mut self.positions[nth]
    }

    /// Drops the position on a runner that is voided.
    pub fn drop_runner(&mut self, runner: u16) {
        self.positions.retain(|position| position.runner != runner);
    }

    /// The hold that it needs now.
    #[inline]
    pub fn needed(&self, field: Field) -> Money {
        hold(self.positions.iter().copied(), field)
    }

    /// The hold that it would need with one more order resting.
    #[inline]
    pub fn needed_with(&self, order: &Position, field: Field) -> Money {
        let is_new = self.positions.iter().all(|position| position.runner != order.runner);
        let changed =
            self.positions.iter().map(
                |position| {
                    if position.runner == order.runner {
                        position.plus(order)
                    } else {
                        *position
                    }
                },
            );
        hold(changed.chain(is_new.then_some(*order)), field)
    }

    /// What the matched bets come to when these runners win.
    pub fn profit(&self, is_winner: impl Fn(u16) -> bool) -> Money {
        self.positions
            .iter()
            .map(|position| if is_winner(position.runner) { position.win } else { position.lose })
            .sum()
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.market.into(), self.hold, self.at_work, self.has_bets.into()]);
        walk.number(self.positions.len() as i64);
        for position in &self.positions {
            walk.numbers(&[
                position.runner.into(),
                position.win,
                position.lose,
                position.open_backs,
                position.open_lays,
            ]);
        }
    }
}

/// The exposures of all accounts in all open markets, by slot; accounts and markets keep the slots.
#[derive(Debug, Default)]
pub struct Exposures(Slab<Exposure>);

impl Exposures {
    /// How many there are.
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
    use crate::ladder::CLASSIC;

    fn tick(hundredths: i64) -> u16 {
        CLASSIC.iter().position(|price| *price == hundredths).expect("on the ladder") as u16
    }

    const ONE_OF_THREE: Field = Field { active: 3, winners: 1 };

    #[test]
    fn two_lays_in_one_market_hold_11_50_together_and_21_50_once_one_runner_is_gone() {
        let mut exposure = Exposure::new(1, 1);
        exposure.position_mut(0).open(Side::Lay, tick(315), 100_000);
        exposure.position_mut(1).open(Side::Lay, tick(252), 100_000);
        exposure.position_mut(0).fill(Side::Lay, tick(315), tick(315), 100_000);
        exposure.position_mut(1).fill(Side::Lay, tick(252), tick(252), 100_000);
        assert_eq!(exposure.needed(ONE_OF_THREE), 115_000);
        exposure.drop_runner(1);
        assert_eq!(exposure.needed(Field { active: 2, winners: 1 }), 215_000);
    }

    #[test]
    fn a_resting_order_counts_on_its_losing_side_only() {
        let exposure = Exposure::new(1, 1);
        let lay = Position::of_order(0, Side::Lay, tick(300), 10_000);
        let back = Position::of_order(0, Side::Back, tick(300), 10_000);
        assert_eq!(exposure.needed_with(&lay, ONE_OF_THREE), 20_000);
        assert_eq!(exposure.needed_with(&back, ONE_OF_THREE), 10_000);
        assert_eq!(exposure.needed_with(&lay.plus(&back), ONE_OF_THREE), 20_000);
    }

    #[test]
    fn with_every_runner_winning_only_the_winning_side_counts() {
        let positions = [Position::of_order(0, Side::Back, 5, 700), Position::of_order(1, Side::Lay, tick(200), 900)];
        assert_eq!(hold(positions.into_iter(), Field { active: 2, winners: 2 }), 900);
        assert_eq!(hold(positions.into_iter(), Field { active: 3, winners: 2 }), 1_600);
        assert_eq!(hold(std::iter::empty(), Field { active: 0, winners: 0 }), 0);
    }
}
