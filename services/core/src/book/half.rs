//! One side of a runner's book: the orders resting at each price.

use serde::{Deserialize, Serialize};

use super::levels::Levels;
use crate::command::Side;
use crate::ladder::Ladder;
use crate::memory::chain::Chain;
use crate::money::Money;
use crate::orders::{Orders, LEVEL};

/// No tick.
pub const NONE: u32 = u32::MAX;

/// The orders resting at one price, oldest first, and their stake.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Level {
    /// The orders.
    pub queue: Chain<LEVEL>,
    /// The sum of what remains of them.
    pub size: Money,
}

/// The resting orders of one side.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Half {
    side: Side,
    best: u32,
    levels: Levels,
}

impl Half {
    /// Nothing rests.
    pub fn new(side: Side, ladder: Ladder) -> Self {
        Self { side, best: NONE, levels: Levels::new(ladder) }
    }

    /// The tick that an order of the other side meets first: the highest lay, the lowest back.
    #[inline]
    pub fn best(&self) -> Option<u32> {
        (self.best != NONE).then_some(self.best)
    }

    /// The best tick, if an order of the other side with that limit may be filled there.
    #[inline(always)]
    pub fn best_within(&self, limit: u32) -> Option<u32> {
        self.best().filter(|tick| self.is_within(*tick, limit))
    }

    /// Whether an order of the other side with that limit may be filled at a tick.
    #[inline(always)]
    pub fn is_within(&self, tick: u32, limit: u32) -> bool {
        match self.side {
            Side::Back => tick <= limit,
            Side::Lay => tick >= limit,
        }
    }

    /// The oldest order at the best tick.
    #[inline]
    pub fn head(&self) -> Option<u32> {
        self.best().map(|tick| self.level(tick).queue.head)
    }

    /// What rests at a tick.
    #[inline]
    pub fn level(&self, tick: u32) -> &Level {
        self.levels.get(tick)
    }

    /// The ticks with something resting, best first, with what rests there.
    pub fn levels(&self) -> impl Iterator<Item = (u32, &Level)> {
        let ticks = std::iter::successors(self.best(), |tick| self.next(*tick));
        ticks.map(|tick| (tick, self.level(tick)))
    }

    /// The next worse tick with something resting.
    #[inline]
    fn next(&self, tick: u32) -> Option<u32> {
        match self.side {
            Side::Back => self.levels.above(tick),
            Side::Lay => self.levels.below(tick),
        }
    }

    /// Puts an order at the end of the queue of a price, with what remains of it.
    #[inline(always)]
    pub fn rest(&mut self, orders: &mut Orders, slot: u32, tick: u32, size: Money) {
        let level = self.levels.occupy(tick);
        level.queue.push(orders, slot);
        level.size += size;
        if self.best == NONE || self.is_better(tick) {
            self.best = tick;
        }
    }

    #[inline]
    fn is_better(&self, tick: u32) -> bool {
        match self.side {
            Side::Back => tick < self.best,
            Side::Lay => tick > self.best,
        }
    }

    /// Takes stake of an order off the book, and the order with its last stake; what is left keeps its place in time, and
    /// is returned.
    #[inline(always)]
    pub fn reduce(&mut self, orders: &mut Orders, slot: u32, size: Money) -> Money {
        let order = &mut orders[slot];
        let (tick, left) = (order.label.tick(), order.remaining() - size);
        order.set_remaining(left);
        let level = self.levels.get_mut(tick);
        level.size -= size;
        if left == 0 {
            level.queue.remove(orders, slot);
            if level.queue.is_empty() {
                self.empty(tick);
            }
        }
        left
    }

    #[inline(always)]
    fn empty(&mut self, tick: u32) {
        self.levels.vacate(tick);
        if tick == self.best {
            self.best = self.next(tick).unwrap_or(NONE);
        }
    }

    /// Whether the best tick and the index say what the levels say.
    pub fn is_indexed(&self) -> bool {
        let mut best = None;
        for (tick, level, marked) in self.levels.all() {
            if marked == level.queue.is_empty() || marked != (level.size > 0) {
                return false;
            }
            if marked && (best.is_none() || self.side == Side::Lay) {
                best = Some(tick);
            }
        }
        best == self.best()
    }
}
