//! The hold: what a market's worst end would cost.
//!
//! W' and L' of a position are the least that it brings when backers win and when they lose. With k winners the worst end
//! is the sum of L' plus the k smallest (W' - L') over the active runners; with any number of winners it is the sum of
//! the smaller of the two; on a line every result splits the positions into those below it and the others. What an
//! account never touched has W' = L' = 0, so only touched positions are kept.

use serde::{Deserialize, Serialize};

use super::Position;
use crate::money::Money;

/// How a market can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// One of so many active runners wins.
    One {
        /// Active runners: at least one.
        active: usize,
    },
    /// So many of the active runners win.
    Many {
        /// Active runners.
        active: usize,
        /// How many win; at most as many.
        winners: usize,
    },
    /// Any number of runners wins.
    Any,
    /// Backers above the result win.
    Line,
}

/// How many winners are told from each other without allocating.
const FEW: usize = 8;

/// The hold that positions need, given by rising key.
#[inline(always)]
pub fn hold(positions: &[Position], field: Field) -> Money {
    let worst = match field {
        Field::One { active } => worst_of_one(positions, active),
        other => worst_of_others(positions, other),
    };
    (-worst).max(0)
}

#[inline(never)]
fn worst_of_others(positions: &[Position], field: Field) -> Money {
    match field {
        Field::One { active } => worst_of_one(positions, active),
        Field::Many { active, winners } => worst_of_many(positions, active, winners),
        Field::Any => positions.iter().map(Position::worst).map(|(win, lose)| win.min(lose)).sum(),
        Field::Line => worst_of_line(positions),
    }
}

#[inline(always)]
fn worst_of_one(positions: &[Position], active: usize) -> Money {
    let (mut losing, mut smallest) = (0, if positions.len() < active { 0 } else { Money::MAX });
    for (win, lose) in positions.iter().map(Position::worst) {
        losing += lose;
        smallest = smallest.min(win - lose);
    }
    losing + smallest
}

fn worst_of_many(positions: &[Position], active: usize, winners: usize) -> Money {
    if winners > FEW {
        return worst_of_crowd(positions, active, winners);
    }
    let (mut losing, mut smallest) = (0, [Money::MAX; FEW]);
    for (win, lose) in positions.iter().map(Position::worst) {
        losing += lose;
        insert(&mut smallest[..winners], win - lose);
    }
    for _ in 0..winners.min(active - positions.len()) {
        insert(&mut smallest[..winners], 0);
    }
    losing + smallest[..winners].iter().sum::<Money>()
}

/// Keeps the smallest, sorted.
#[inline]
fn insert(smallest: &mut [Money], difference: Money) {
    let mut carried = difference;
    for kept in smallest {
        if carried < *kept {
            std::mem::swap(kept, &mut carried);
        }
    }
}

fn worst_of_crowd(positions: &[Position], active: usize, winners: usize) -> Money {
    let mut losing = 0;
    let mut differences: Vec<Money> = Vec::with_capacity(active);
    for (win, lose) in positions.iter().map(Position::worst) {
        losing += lose;
        differences.push(win - lose);
    }
    let untouched = active - differences.len();
    differences.extend(std::iter::repeat_n(0, untouched.min(winners)));
    if winners < differences.len() {
        differences.select_nth_unstable(winners);
    }
    losing + differences[..winners].iter().sum::<Money>()
}

/// A result at or above a position makes its backers lose: from below all of them, one after the other, do.
fn worst_of_line(positions: &[Position]) -> Money {
    let (mut winning, mut change, mut least) = (0, 0, 0);
    for (win, lose) in positions.iter().map(Position::worst) {
        winning += win;
        change += lose - win;
        least = least.min(change);
    }
    winning + least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Side;

    fn resting(key: u32, side: Side, risk: Money) -> Position {
        let mut position = Position::at(key);
        position.open(side, risk);
        position
    }

    #[test]
    fn with_every_runner_winning_only_the_winning_side_counts() {
        let positions = [resting(0, Side::Back, 700), resting(1, Side::Lay, 900)];
        assert_eq!(hold(&positions, Field::Many { active: 2, winners: 2 }), 900);
        assert_eq!(hold(&positions, Field::Many { active: 3, winners: 2 }), 1_600);
        assert_eq!(hold(&[], Field::Many { active: 0, winners: 0 }), 0);
    }

    #[test]
    fn few_winners_and_many_are_counted_alike() {
        let positions: Vec<Position> = (0..30).map(|key| resting(key, Side::Lay, i64::from(key * 7 % 13))).collect();
        for winners in 1..=FEW {
            let few = worst_of_many(&positions, 32, winners);
            assert_eq!(few, worst_of_crowd(&positions, 32, winners));
        }
    }

    #[test]
    fn with_any_number_of_winners_each_runner_costs_its_worse_side() {
        let positions = [resting(0, Side::Back, 700), resting(1, Side::Lay, 900)];
        assert_eq!(hold(&positions, Field::Any), 1_600);
    }

    #[test]
    fn on_a_line_a_back_and_a_lay_cover_each_other_but_between_their_positions() {
        let bet = |key, side| {
            let mut position = Position::at(key);
            position.fill(side, 1_000, 2_000);
            position
        };
        let [back, lay] = [bet(10, Side::Back), bet(12, Side::Lay)];
        assert_eq!(hold(&[back, lay], Field::Line), 2_000, "the back at 10 loses, the lay at 12 too");
        let [lay, back] = [bet(10, Side::Lay), bet(12, Side::Back)];
        assert_eq!(hold(&[lay, back], Field::Line), 0, "between them both win");
    }
}
