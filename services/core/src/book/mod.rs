//! The book of one runner: the orders resting at each price, and what was traded there.

mod half;
mod levels;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use half::{Half, Level};

use crate::command::Side;
use crate::ladder::{Ladder, PRICES};
use crate::money::Money;

/// The book of one runner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Book {
    backs: Half,
    lays: Half,
    traded: Traded,
    /// The tick of the last fill; meaningful when something was traded.
    pub last_tick: u32,
}

/// Stake traded, by tick.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Sparse", from = "Sparse")]
enum Traded {
    Flat(Box<[Money; PRICES]>),
    Deep(BTreeMap<u32, Money>),
}

impl Traded {
    fn sizes(&self) -> Box<dyn Iterator<Item = (u32, Money)> + '_> {
        match self {
            Self::Flat(sizes) => {
                Box::new(sizes.iter().zip(0..).filter(|(size, _)| **size > 0).map(|(size, tick)| (tick, *size)))
            }
            Self::Deep(sizes) => Box::new(sizes.iter().map(|(tick, size)| (*tick, *size))),
        }
    }
}

/// As a snapshot has it: whether it lies flat, and the ticks at which something was traded.
type Sparse = (bool, BTreeMap<u32, Money>);

impl From<Traded> for Sparse {
    fn from(traded: Traded) -> Self {
        (matches!(traded, Traded::Flat(_)), traded.sizes().collect())
    }
}

impl From<Sparse> for Traded {
    fn from((flat, sizes): Sparse) -> Self {
        if !flat {
            return Self::Deep(sizes);
        }
        let mut all = Box::new([0; PRICES]);
        sizes.into_iter().for_each(|(tick, size)| all[tick as usize] = size);
        Self::Flat(all)
    }
}

impl Book {
    /// An empty book.
    pub fn new(ladder: Ladder) -> Self {
        let flat = ladder.ticks() as usize <= PRICES;
        let traded = if flat { Traded::Flat(Box::new([0; PRICES])) } else { Traded::Deep(BTreeMap::new()) };
        Self { backs: Half::new(Side::Back, ladder), lays: Half::new(Side::Lay, ladder), traded, last_tick: 0 }
    }

    /// The resting orders of a side: backs are what a layer can take, lays what a backer can.
    #[inline]
    pub fn half(&self, side: Side) -> &Half {
        match side {
            Side::Back => &self.backs,
            Side::Lay => &self.lays,
        }
    }

    /// The same, to be changed.
    #[inline]
    pub fn half_mut(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Back => &mut self.backs,
            Side::Lay => &mut self.lays,
        }
    }

    /// Notes a fill.
    #[inline]
    pub fn trade(&mut self, tick: u32, size: Money) {
        match &mut self.traded {
            Traded::Flat(sizes) => sizes[tick as usize] += size,
            Traded::Deep(sizes) => *sizes.entry(tick).or_default() += size,
        }
        self.last_tick = tick;
    }

    /// The ticks at which something was traded, rising, with the stake.
    pub fn traded(&self) -> impl Iterator<Item = (u32, Money)> + '_ {
        self.traded.sizes()
    }
}
