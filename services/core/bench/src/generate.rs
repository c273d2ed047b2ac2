//! The stream: 60 % moves, 22 % new orders, 8 % immediate-or-cancel and 10 % cancels, around a target of resting orders.
//!
//! Backs come from odd accounts and lays from even ones, so that nobody meets itself and no policy about that matters.

use crate::engines::bare::Bare;
use crate::engines::Engine;
use crate::random::Random;
use crate::stream::{Op, Record, Side, Stream, TICKS};

/// How far from the ends of the ladder orders are moved.
const MARGIN: u16 = 50;
/// Pairs of a backer and a layer that bet on one of several markets.
const FEW_PAIRS: u32 = 10;
/// Commands between two looks at how many orders rest.
const LOOK: usize = 1_000;

/// What a stream is like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Measured commands.
    pub commands: u32,
    /// Markets, each as busy as the others.
    pub markets: u32,
    /// Accounts; even.
    pub accounts: u32,
    /// Orders that rest before the measured commands, and about as many throughout.
    pub resting: u32,
    /// Of the random numbers.
    pub seed: u64,
}

/// The published comparison's: one market, 2 000 accounts, 1 000 resting orders, 3 000 000 commands.
impl Default for Shape {
    fn default() -> Self {
        Self { commands: 3_000_000, markets: 1, accounts: 2_000, resting: 1_000, seed: 1 }
    }
}

struct Generator {
    random: Random,
    shape: Shape,
    book: Bare<false>,
    middles: Vec<u16>,
    resting: Vec<(u32, u32)>,
    crowded: bool,
    last: u32,
    records: Vec<Record>,
}

/// A stream of that shape: the same on every machine.
pub fn generate(shape: Shape) -> Stream {
    let size = Stream { markets: shape.markets, accounts: shape.accounts, ..Stream::default() };
    let mut generator = Generator {
        random: Random::seeded(shape.seed),
        shape,
        book: Bare::fresh(&size),
        middles: vec![TICKS as u16 / 2; shape.markets as usize],
        resting: Vec::new(),
        crowded: false,
        last: 0,
        records: Vec::new(),
    };
    while generator.resting.len() < shape.resting as usize {
        generator.place();
    }
    let setup = std::mem::take(&mut generator.records);
    for nth in 0..shape.commands as usize {
        if nth % LOOK == 0 {
            generator.look();
        }
        generator.step();
    }
    Stream { setup, measured: generator.records, ..size }
}

impl Generator {
    fn look(&mut self) {
        let book = &self.book;
        self.resting.retain(|(order, _)| book.left(*order) > 0);
        self.crowded = self.resting.len() > self.shape.resting as usize;
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=59 => self.move_one(),
            60..=81 => self.place(),
            82..=89 => self.take(),
            _ => self.cancel(),
        }
    }

    /// A market and its middle, which wanders.
    fn market(&mut self) -> (u32, u16) {
        let market = self.random.below(self.shape.markets.into()) as u32 + 1;
        let middle = &mut self.middles[market as usize - 1];
        if self.random.below(1_000) == 0 {
            *middle = (*middle + self.random.below(3) as u16 - 1).clamp(100, 250);
        }
        (market, *middle)
    }

    /// An account of those that bet on a market: all on the only one, else few on each.
    fn side(&mut self, market: u32) -> (Side, u32) {
        let pairs = self.shape.accounts / 2;
        let pair = match self.shape.markets {
            1 => self.random.below(pairs.into()) as u32,
            _ => (market * FEW_PAIRS + self.random.below(FEW_PAIRS.into()) as u32) % pairs,
        };
        match self.random.below(2) {
            0 => (Side::Back, 2 * pair + 1),
            _ => (Side::Lay, 2 * pair + 2),
        }
    }

    /// 1 to 126 units, mostly few: exchange-core's draw.
    fn size(&mut self) -> u32 {
        1 + (self.random.below(6) * self.random.below(6) * self.random.below(6)) as u32
    }

    fn place(&mut self) {
        let (market, middle) = self.market();
        let (side, account) = self.side(market);
        let offset = 1 + (self.random.below(8) * self.random.below(8)) as u16;
        let tick = if side == Side::Back { middle + offset } else { middle - offset };
        let size = self.size();
        self.new_order(Op::Place, (market, side, tick, account), size);
    }

    /// At a price that takes the best orders of the other side: larger while too many rest.
    fn take(&mut self) {
        let (market, middle) = self.market();
        let (side, account) = self.side(market);
        let tick = if side == Side::Back { middle - 20 } else { middle + 20 };
        let size = self.size() * if self.crowded { 3 } else { 1 };
        self.new_order(Op::ImmediateOrCancel, (market, side, tick, account), size);
    }

    fn new_order(&mut self, op: Op, (market, side, tick, account): (u32, Side, u16, u32), size: u32) {
        self.last += 1;
        self.book.make_room(self.last);
        self.send(Record { op, side, tick, size, order: self.last, account, market });
        if self.book.left(self.last) > 0 {
            self.resting.push((self.last, market));
        }
    }

    /// One tick nearer to the middle or away from it, as often the one as the other.
    fn move_one(&mut self) {
        let Some(record) = self.pick(Op::Move) else { return self.place() };
        let towards = (record.tick < self.middles[record.market as usize - 1]) == (self.random.below(2) == 0);
        let tick = if towards { record.tick + 1 } else { record.tick - 1 };
        self.send(Record { tick: tick.clamp(MARGIN, TICKS as u16 - MARGIN), ..record });
    }

    fn cancel(&mut self) {
        match self.pick(Op::Cancel) {
            Some(record) => self.send(record),
            None => self.place(),
        }
    }

    /// A resting order, whichever.
    fn pick(&mut self, op: Op) -> Option<Record> {
        while !self.resting.is_empty() {
            let nth = self.random.below(self.resting.len() as u64) as usize;
            let (order, market) = self.resting[nth];
            if self.book.left(order) > 0 {
                return Some(self.book.describe(op, order, market));
            }
            self.resting.swap_remove(nth);
        }
        None
    }

    fn send(&mut self, record: Record) {
        self.book.apply(&record);
        self.records.push(record);
    }
}
