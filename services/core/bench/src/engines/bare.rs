//! A bare ladder: an array of prices with a bitmap, orders in a slab with intrusive queues, and nothing else.
//!
//! No rules, no checks, no events, no ids of its own: orders lie at the stream's numbers. With holds, one comparison and
//! three additions a command stand for the risk. This is about the limit of what the data structure allows.

use super::Engine;
use crate::stream::{Op, Record, Side, Stream, TICKS};
use crate::tally::{Fills, Resting};

const NIL: u32 = u32::MAX;
const WORDS: usize = TICKS.div_ceil(64);
const RICH: i64 = i64::MAX / 4;

#[derive(Clone, Copy)]
struct Order {
    previous: u32,
    next: u32,
    size: u32,
    account: u32,
    tick: u16,
    side: Side,
}

const NONE: Order = Order { previous: NIL, next: NIL, size: 0, account: 0, tick: 0, side: Side::Back };

#[derive(Clone, Copy)]
struct Level {
    head: u32,
    tail: u32,
}

#[derive(Clone)]
struct Half {
    best: u16,
    occupied: [u64; WORDS],
    levels: [Level; TICKS],
}

#[derive(Clone, Copy, Default)]
struct Account {
    available: i64,
    held: i64,
    won: i64,
    lost: i64,
}

/// The bare ladder, with plain holds or without.
pub struct Bare<const HOLDS: bool> {
    orders: Vec<Order>,
    halves: Vec<[Half; 2]>,
    accounts: Vec<Account>,
    fills: Fills,
}

impl Half {
    fn new() -> Self {
        Self { best: u16::MAX, occupied: [0; WORDS], levels: [Level { head: NIL, tail: NIL }; TICKS] }
    }

    #[inline]
    fn next(&self, side: Side, tick: u16) -> u16 {
        let (word, bit) = (usize::from(tick) / 64, usize::from(tick) % 64);
        match side {
            Side::Back => {
                let here = self.occupied[word] >> bit;
                if here != 0 {
                    return tick + here.trailing_zeros() as u16;
                }
                let ahead = (word + 1..WORDS).find(|word| self.occupied[*word] != 0);
                ahead.map_or(u16::MAX, |word| (word * 64) as u16 + self.occupied[word].trailing_zeros() as u16)
            }
            Side::Lay => {
                let here = self.occupied[word] << (63 - bit);
                if here != 0 {
                    return tick - here.leading_zeros() as u16;
                }
                let behind = (0..word).rev().find(|word| self.occupied[*word] != 0);
                behind.map_or(u16::MAX, |word| (word * 64 + 63) as u16 - self.occupied[word].leading_zeros() as u16)
            }
        }
    }
}

#[inline]
fn is_better(side: Side, tick: u16, best: u16) -> bool {
    best == u16::MAX
        || match side {
            Side::Back => tick < best,
            Side::Lay => tick > best,
        }
}

#[inline]
fn risk(side: Side, size: u32, tick: u16) -> i64 {
    match side {
        Side::Back => i64::from(size),
        Side::Lay => i64::from(size) * i64::from(tick + 1),
    }
}

impl<const HOLDS: bool> Bare<HOLDS> {
    #[inline]
    fn hold(&mut self, account: u32, amount: i64) {
        if HOLDS {
            let account = &mut self.accounts[account as usize];
            assert!(account.available >= amount, "the stream's accounts are rich");
            account.available -= amount;
            account.held += amount;
        }
    }

    #[inline]
    fn settle(&mut self, account: u32, side: Side, size: u32, at: u16, limit: u16) {
        if HOLDS {
            let account = &mut self.accounts[account as usize];
            let held = risk(side, size, limit);
            account.held -= held;
            account.available += held - risk(side, size, at);
            match side {
                Side::Back => account.won += i64::from(size) * i64::from(at + 1),
                Side::Lay => account.lost += i64::from(size) * i64::from(at + 1),
            }
        }
    }

    #[inline]
    fn sweep(&mut self, record: &Record) -> u32 {
        let (other, mut left) = (1 - record.side as usize, record.size);
        let book = record.market as usize - 1;
        let opposite = if record.side == Side::Back { Side::Lay } else { Side::Back };
        while left > 0 {
            let best = self.halves[book][other].best;
            let within = match record.side {
                Side::Back => best != u16::MAX && best >= record.tick,
                Side::Lay => best <= record.tick,
            };
            if !within {
                break;
            }
            let slot = self.halves[book][other].levels[usize::from(best)].head;
            let Order { account, size, .. } = self.orders[slot as usize];
            let met = size.min(left);
            left -= met;
            self.fills.add(met.into(), best.into());
            self.settle(account, opposite, met, best, best);
            self.settle(record.account, record.side, met, best, record.tick);
            if met == size {
                self.take(book, slot);
            } else {
                self.orders[slot as usize].size -= met;
            }
        }
        left
    }

    #[inline]
    fn rest(&mut self, record: &Record, size: u32) {
        let &Record { side, tick, order, account, .. } = record;
        let half = &mut self.halves[record.market as usize - 1][side as usize];
        let level = &mut half.levels[usize::from(tick)];
        let previous = level.tail;
        self.orders[order as usize] = Order { previous, next: NIL, size, account, tick, side };
        level.tail = order;
        if previous == NIL {
            level.head = order;
            half.occupied[usize::from(tick) / 64] |= 1 << (tick % 64);
            if is_better(side, tick, half.best) {
                half.best = tick;
            }
        } else {
            self.orders[previous as usize].next = order;
        }
    }

    #[inline]
    fn take(&mut self, book: usize, slot: u32) {
        let Order { previous, next, tick, side, .. } = self.orders[slot as usize];
        self.orders[slot as usize].size = 0;
        let half = &mut self.halves[book][side as usize];
        let level = &mut half.levels[usize::from(tick)];
        if previous == NIL {
            level.head = next;
        } else {
            self.orders[previous as usize].next = next;
        }
        if next == NIL {
            level.tail = previous;
        } else {
            self.orders[next as usize].previous = previous;
        }
        if level.head == NIL {
            half.occupied[usize::from(tick) / 64] &= !(1 << (tick % 64));
            if tick == half.best {
                half.best = half.next(side, tick);
            }
        }
    }

    /// What rests of an order: for whoever draws a stream.
    pub fn left(&self, order: u32) -> u32 {
        self.orders[order as usize].size
    }

    /// A command about a resting order, as it rests.
    pub fn describe(&self, op: Op, order: u32, market: u32) -> Record {
        let Order { size, account, tick, side, .. } = self.orders[order as usize];
        Record { op, side, tick, size, order, account, market }
    }

    /// Has room for orders up to a number.
    pub fn make_room(&mut self, most: u32) {
        self.orders.resize((most as usize + 1).max(self.orders.len()), NONE);
    }

    /// Carries a command out.
    #[inline]
    pub fn apply(&mut self, record: &Record) {
        let book = record.market as usize - 1;
        if matches!(record.op, Op::Move | Op::Cancel) {
            let Order { tick, side, size, account, .. } = self.orders[record.order as usize];
            self.take(book, record.order);
            self.hold(account, -risk(side, size, tick));
            if record.op == Op::Cancel {
                return;
            }
        }
        self.hold(record.account, risk(record.side, record.size, record.tick));
        let left = self.sweep(record);
        if left > 0 {
            if record.op == Op::ImmediateOrCancel {
                self.hold(record.account, -risk(record.side, left, record.tick));
            } else {
                self.rest(record, left);
            }
        }
    }
}

impl<const HOLDS: bool> Engine for Bare<HOLDS> {
    type Prepared = Vec<Record>;

    fn prepare(_: &Stream, records: &[Record]) -> Vec<Record> {
        records.to_vec()
    }

    fn fresh(stream: &Stream) -> Self {
        let most = stream.setup.iter().chain(&stream.measured).map(|record| record.order).max().unwrap_or(0);
        Self {
            orders: vec![NONE; most as usize + 1],
            halves: vec![[Half::new(), Half::new()]; stream.markets as usize],
            accounts: vec![Account { available: RICH, ..Account::default() }; stream.accounts as usize + 1],
            fills: Fills::default(),
        }
    }

    fn play(&mut self, prepared: &Vec<Record>) {
        prepared.iter().for_each(|record| self.apply(record));
    }

    fn fills(&self) -> Fills {
        self.fills
    }

    fn resting(&self) -> Vec<Resting> {
        let mut resting = Vec::new();
        for (market, halves) in (1..).zip(&self.halves) {
            for (side, half) in [Side::Back, Side::Lay].into_iter().zip(halves) {
                for (tick, level) in (0..).zip(&half.levels) {
                    let mut slot = level.head;
                    while slot != NIL {
                        let Order { next, size, account, .. } = self.orders[slot as usize];
                        resting.push(Resting { market, side, tick, order: slot, account, size });
                        slot = next;
                    }
                }
            }
        }
        resting
    }
}
