//! Price ladders: a price is named by its tick, its index on the market's ladder.
//!
//! CLASSIC has 350 prices from 1.01 to 1000, in steps that widen; FINEST every hundredth between them. The positions of a
//! LINE_RANGE are no prices: all bets on them are at even money.

use serde::{Deserialize, Serialize};

/// How many prices the CLASSIC ladder has.
pub const PRICES: usize = 350;

/// The lowest and the highest price of CLASSIC and FINEST, in hundredths.
pub const LOWEST: i64 = 101;
/// See [`LOWEST`].
pub const HIGHEST: i64 = 100_000;

/// Even money, in hundredths: the price of every bet on a line.
pub const EVEN_MONEY: i64 = 200;

/// Where a step begins, where it ends (exclusive) and how wide it is, in hundredths: the published ladder.
const STEPS: [(i64, i64, i64); 10] = [
    (101, 200, 1),
    (200, 300, 2),
    (300, 400, 5),
    (400, 600, 10),
    (600, 1_000, 20),
    (1_000, 2_000, 50),
    (2_000, 3_000, 100),
    (3_000, 5_000, 200),
    (5_000, 10_000, 500),
    (10_000, 100_001, 1_000),
];

/// Price in hundredths by tick: `CLASSIC[0]` = 101, `CLASSIC[349]` = 100 000.
pub static CLASSIC: [i64; PRICES] = build();

const fn build() -> [i64; PRICES] {
    let mut prices = [0; PRICES];
    let (mut tick, mut step) = (0, 0);
    while step < STEPS.len() {
        let (mut price, end, width) = STEPS[step];
        while price < end {
            prices[tick] = price;
            tick += 1;
            price += width;
        }
        step += 1;
    }
    assert!(tick == PRICES, "the steps do not make 350 prices");
    prices
}

/// The prices of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ladder {
    /// 350 prices.
    Classic,
    /// Every hundredth.
    Finest,
    /// So many positions of a line.
    Line(u32),
}

impl Ladder {
    /// The number of the ladder in the contract.
    pub fn number(self) -> u32 {
        match self {
            Self::Classic => 0,
            Self::Finest => 1,
            Self::Line(_) => 2,
        }
    }

    /// How many ticks it has.
    #[inline]
    pub fn ticks(self) -> u32 {
        match self {
            Self::Classic => PRICES as u32,
            Self::Finest => (HIGHEST - LOWEST + 1) as u32,
            Self::Line(positions) => positions,
        }
    }

    /// The highest tick.
    #[inline]
    pub fn last(self) -> u32 {
        self.ticks() - 1
    }

    /// The price at a tick, in hundredths.
    #[inline]
    pub fn price(self, tick: u32) -> i64 {
        match self {
            Self::Classic => CLASSIC[tick as usize],
            Self::Finest => LOWEST + i64::from(tick),
            Self::Line(_) => EVEN_MONEY,
        }
    }

    /// The highest tick of which the price passes a test that the lower prices pass and the higher ones do not.
    pub fn last_that(self, passes: impl Fn(i64) -> bool) -> Option<u32> {
        let (mut low, mut high) = (0, self.ticks());
        while low < high {
            let middle = (low + high) / 2;
            if passes(self.price(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_strictly_from_1_01_to_1000() {
        assert!(CLASSIC.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((CLASSIC[0], CLASSIC[99], CLASSIC[PRICES - 1]), (101, 200, 100_000));
        assert_eq!((Ladder::Finest.price(0), Ladder::Finest.price(Ladder::Finest.last())), (LOWEST, HIGHEST));
    }

    #[test]
    fn the_last_tick_at_or_below_a_price_is_found() {
        for ladder in [Ladder::Classic, Ladder::Finest] {
            assert_eq!(ladder.last_that(|price| price <= 100), None);
            assert_eq!(ladder.last_that(|price| price <= 200).map(|tick| ladder.price(tick)), Some(200));
            assert_eq!(ladder.last_that(|price| price <= 1_000_000), Some(ladder.last()));
        }
        assert_eq!(Ladder::Classic.last_that(|price| price <= 304).map(|tick| CLASSIC[tick as usize]), Some(300));
    }
}
