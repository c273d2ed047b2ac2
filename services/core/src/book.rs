//! The book of one runner: the orders resting at each price, and what was traded there.

use crate::chain::Chain;
use crate::command::Side;
use crate::ladder::PRICES;
use crate::money::Money;
use crate::orders::{Orders, LEVEL};

const WORDS: usize = PRICES.div_ceil(64);

/// The prices at which something rests: a bit a tick.
#[derive(Clone, Debug, Default)]
struct Occupied([u64; WORDS]);

impl Occupied {
    #[inline]
    fn set(&mut self, tick: u16) {
        self.0[usize::from(tick) / 64] |= 1 << (tick % 64);
    }

    #[inline]
    fn clear(&mut self, tick: u16) {
        self.0[usize::from(tick) / 64] &= !(1 << (tick % 64));
    }

    #[inline]
    fn lowest(&self) -> Option<u16> {
        let word = self.0.iter().position(|bits| *bits != 0)?;
        Some((word * 64) as u16 + self.0[word].trailing_zeros() as u16)
    }

    #[inline]
    fn highest(&self) -> Option<u16> {
        let word = self.0.iter().rposition(|bits| *bits != 0)?;
        Some((word * 64) as u16 + 63 - self.0[word].leading_zeros() as u16)
    }
}

/// The orders resting at one price, oldest first, and their stake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Level {
    /// The orders.
    pub queue: Chain<LEVEL>,
    /// The sum of what remains of them.
    pub size: Money,
}

/// The resting orders of one side.
#[derive(Clone, Debug)]
pub struct Half {
    side: Side,
    occupied: Occupied,
    levels: [Level; PRICES],
}

impl Half {
    fn new(side: Side) -> Self {
        Self { side, occupied: Occupied::default(), levels: [Level::default(); PRICES] }
    }

    /// The tick that an order of the other side meets first: the highest lay, the lowest back.
    #[inline]
    pub fn best(&self) -> Option<u16> {
        match self.side {
            Side::Back => self.occupied.lowest(),
            Side::Lay => self.occupied.highest(),
        }
    }

    /// The best tick, if an order of the other side with that limit may be filled there.
    #[inline]
    pub fn best_within(&self, limit: u16) -> Option<u16> {
        self.best().filter(|tick| match self.side {
            Side::Back => *tick <= limit,
            Side::Lay => *tick >= limit,
        })
    }

    /// What rests at a tick.
    #[inline]
    pub fn level(&self, tick: u16) -> &Level {
        &self.levels[usize::from(tick)]
    }

    /// The ticks with something resting, best first, with what rests there.
    pub fn levels(&self) -> impl Iterator<Item = (u16, &Level)> {
        let count = PRICES as u16;
        let ticks = (0..count).map(move |nth| if self.side == Side::Back { nth } else { count - 1 - nth });
        ticks.map(|tick| (tick, self.level(tick))).filter(|(_, level)| !level.queue.is_empty())
    }

    /// Whether the bit of every tick says what the level says.
    pub fn is_indexed(&self) -> bool {
        let bit = |tick: usize| self.occupied.0[tick / 64] >> (tick % 64) & 1 == 1;
        self.levels.iter().enumerate().all(|(tick, level)| bit(tick) != level.queue.is_empty())
    }

    /// Puts an order at the end of the queue of its price.
    #[inline]
    pub fn rest(&mut self, orders: &mut Orders, slot: u32) {
        let (tick, remaining) = (orders[slot].tick, orders[slot].remaining);
        let level = &mut self.levels[usize::from(tick)];
        level.queue.push(orders, slot);
        level.size += remaining;
        self.occupied.set(tick);
    }

    /// Takes stake of an order off the book, and the order with its last stake. The order keeps its place in time.
    #[inline]
    pub fn reduce(&mut self, orders: &mut Orders, slot: u32, size: Money) {
        let order = &mut orders[slot];
        order.remaining -= size;
        let (tick, left) = (order.tick, order.remaining);
        let level = &mut self.levels[usize::from(tick)];
        level.size -= size;
        if left == 0 {
            level.queue.remove(orders, slot);
            if level.queue.is_empty() {
                self.occupied.clear(tick);
            }
        }
    }
}

/// The book of one runner.
#[derive(Clone, Debug)]
pub struct Book {
    /// Unmatched backs: what a layer can take.
    pub backs: Half,
    /// Unmatched lays: what a backer can take.
    pub lays: Half,
    /// Stake traded, by tick.
    pub traded: [Money; PRICES],
    /// The tick of the last fill; meaningful when something was traded.
    pub last_tick: u16,
}

impl Book {
    /// An empty book.
    pub fn new() -> Self {
        Self { backs: Half::new(Side::Back), lays: Half::new(Side::Lay), traded: [0; PRICES], last_tick: 0 }
    }

    /// The resting orders of a side.
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
    pub fn trade(&mut self, tick: u16, size: Money) {
        self.traded[usize::from(tick)] += size;
        self.last_tick = tick;
    }
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}
