//! Orders in memory: those of markets that are neither settled nor voided.
//!
//! An order *rests* (on the book, held by the in-play delay, or waiting for the starting price), is *settled down* (nothing
//! rests, something was matched: its exposure's history), or *ended* with nothing matched. Ended ones are remembered until
//! [`Limits::ended_orders`](crate::limits::Limits) later ones have ended the same way: placing and cancelling all day
//! costs no memory.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

use crate::command::{OrderType, Persistence, Side, TimeInForce};
use crate::hash::Walk;
use crate::memory::chain::{Links, Threaded};
use crate::memory::directory::Directory;
use crate::memory::slab::Slab;
use crate::memory::timers::Due;
use crate::money::Money;

/// The list of orders resting at one price, oldest first.
pub const LEVEL: usize = 0;
/// The list of the orders of one account in one market that rest, or of those that are settled down.
pub const OWN: usize = 1;

/// A stake in five bytes: a multiple of four parts (a penny is 100) below 2^42.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stake([u8; 5]);

impl Stake {
    #[inline]
    fn new(amount: Money) -> Self {
        debug_assert!(amount % 4 == 0 && (0..1 << 42).contains(&amount), "{amount} is no stake");
        let [a, b, c, d, e, ..] = ((amount as u64) >> 2).to_le_bytes();
        Self([a, b, c, d, e])
    }

    #[inline]
    fn get(self) -> Money {
        let [a, b, c, d, e] = self.0;
        (u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]) << 2) as Money
    }
}

/// What an order is, as far as it never changes but for its standing: in four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label(u32);

const TICK_BITS: u32 = 17;
const RUNNER_BITS: u32 = 10;
const RUNNER_SHIFT: u32 = TICK_BITS;
const SIDE_SHIFT: u32 = RUNNER_SHIFT + RUNNER_BITS;
const STANDING_SHIFT: u32 = SIDE_SHIFT + 1;
const PERSISTENCE_SHIFT: u32 = STANDING_SHIFT + 2;

/// How an order stands in its market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A limit order on the book, or that was there.
    Limit = 0,
    /// Waits for the starting price, with a limit.
    LimitOnClose = 1,
    /// Waits for the starting price, whatever it is.
    MarketOnClose = 2,
    /// A limit order held by the in-play delay.
    Held = 3,
}

impl Label {
    /// A label.
    #[inline]
    pub fn new(tick: u32, runner: u16, side: Side, standing: Standing, persistence: Persistence) -> Self {
        let side = u32::from(side == Side::Lay);
        let kind = (standing as u32) << STANDING_SHIFT | (persistence as u32) << PERSISTENCE_SHIFT;
        Self(tick | u32::from(runner) << RUNNER_SHIFT | side << SIDE_SHIFT | kind)
    }

    /// The tick of its limit; 0 without one.
    #[inline]
    pub fn tick(self) -> u32 {
        self.0 & ((1 << TICK_BITS) - 1)
    }

    /// The index of its runner in the market.
    #[inline]
    pub fn runner(self) -> u16 {
        (self.0 >> RUNNER_SHIFT) as u16 & ((1 << RUNNER_BITS) - 1)
    }

    /// Back or lay.
    #[inline]
    pub fn side(self) -> Side {
        if self.0 >> SIDE_SHIFT & 1 == 0 {
            Side::Back
        } else {
            Side::Lay
        }
    }

    /// How it stands.
    #[inline]
    pub fn standing(self) -> Standing {
        match self.0 >> STANDING_SHIFT & 3 {
            0 => Standing::Limit,
            1 => Standing::LimitOnClose,
            2 => Standing::MarketOnClose,
            _ => Standing::Held,
        }
    }

    /// Whether it waits for the starting price.
    #[inline]
    pub fn on_close(self) -> bool {
        matches!(self.standing(), Standing::LimitOnClose | Standing::MarketOnClose)
    }

    /// Its type in the contract.
    pub fn order_type(self) -> OrderType {
        match self.standing() {
            Standing::Limit | Standing::Held => OrderType::Limit,
            Standing::LimitOnClose => OrderType::LimitOnClose,
            Standing::MarketOnClose => OrderType::MarketOnClose,
        }
    }

    /// What becomes of it when its market turns in play.
    #[inline]
    pub fn persistence(self) -> Persistence {
        Persistence::ALL[(self.0 >> PERSISTENCE_SHIFT) as usize]
    }

    /// The same with another persistence.
    pub fn with_persistence(self, persistence: Persistence) -> Self {
        Self::new(self.tick(), self.runner(), self.side(), self.standing(), persistence)
    }

    /// The same, standing otherwise.
    #[inline]
    pub fn with_standing(self, standing: Standing) -> Self {
        Self::new(self.tick(), self.runner(), self.side(), standing, self.persistence())
    }
}

/// An order, in one line of the processor's cache.
///
/// At any time size = matched + remaining + cancelled + voided; but the size of a lay on close is a liability, and what is
/// matched of it a stake: of that, [`Orders::cancelled`] is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Order {
    pub(crate) links: [Links; 2],
    /// Its id: orders are numbered as they are accepted.
    pub id: u64,
    /// What its fills pay together if its runner wins, stakes included.
    pub payout: Money,
    /// Slot of the exposure (account and market) that it belongs to.
    pub exposure: u32,
    /// Its runner, side, limit and standing.
    pub label: Label,
    placed: [u8; 6],
    /// Its owner's own number for it.
    pub strategy: u16,
    remaining: Stake,
    matched: Stake,
    size: Stake,
}

impl Order {
    /// An order of which nothing is matched yet.
    #[inline]
    pub fn new(id: u64, exposure: u32, label: Label, strategy: u16, size: Money, placed_ms: i64) -> Self {
        let [a, b, c, d, e, f, ..] = (placed_ms as u64).to_le_bytes();
        let size = Stake::new(size);
        Self {
            links: [Links::default(); 2],
            id,
            payout: 0,
            exposure,
            label,
            placed: [a, b, c, d, e, f],
            strategy,
            remaining: size,
            matched: Stake::default(),
            size,
        }
    }

    /// What was asked for: the backer's stake; of a lay on close the liability.
    #[inline]
    pub fn size(&self) -> Money {
        self.size.get()
    }

    /// Stake matched, and not voided.
    #[inline]
    pub fn matched(&self) -> Money {
        self.matched.get()
    }

    /// What rests of the size.
    #[inline]
    pub fn remaining(&self) -> Money {
        self.remaining.get()
    }

    /// Sets what rests.
    #[inline]
    pub fn set_remaining(&mut self, remaining: Money) {
        self.remaining = Stake::new(remaining);
    }

    /// Adds a fill (or, negative, takes one off).
    #[inline]
    pub fn add_fill(&mut self, size: Money, payout: Money) {
        self.matched = Stake::new(self.matched() + size);
        self.payout += payout;
    }

    /// When it was accepted, in log time.
    pub fn placed_ms(&self) -> i64 {
        let [a, b, c, d, e, f] = self.placed;
        u64::from_le_bytes([a, b, c, d, e, f, 0, 0]) as i64
    }

    /// Whether its size is a liability.
    #[inline]
    pub fn by_liability(&self) -> bool {
        self.label.on_close() && self.label.side() == Side::Lay
    }
}

/// An order held by the in-play delay.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Held {
    /// When it is released.
    pub due: Due,
    /// Its time in force.
    pub time_in_force: TimeInForce,
    /// FILL_OR_KILL: the least to be matched.
    pub min_fill: Money,
}

/// What few orders have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    voided: Money,
    cancelled: Money,
}

/// All orders, by slot and by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    slab: Slab<Order>,
    #[serde(skip)]
    slots: Directory,
    last_id: u64,
    ended: VecDeque<u32>,
    held: BTreeMap<u32, Held>,
    notes: BTreeMap<u32, Note>,
}

impl Orders {
    /// None yet, with room for so many.
    pub fn with_room(most: u32) -> Self {
        Self {
            slab: Slab::with_room(most),
            slots: Directory::default(),
            last_id: 0,
            ended: VecDeque::new(),
            held: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }

    /// After a snapshot was read: finds orders by id again, and has room for so many.
    pub(crate) fn make_room(&mut self, most: u32) {
        let mut slots: Vec<(u64, u32)> = self.slab.slots().map(|slot| (self.slab[slot].id, slot)).collect();
        slots.sort_unstable();
        self.slots = Directory::rebuilt(slots.into_iter(), self.last_id);
        self.slab.make_room(most);
    }

    /// How many are in memory.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is in memory.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many ids have been given out.
    pub fn last_id(&self) -> u64 {
        self.last_id
    }

    /// The id that the next order gets.
    #[inline]
    pub fn next_id(&self) -> u64 {
        self.last_id + 1
    }

    /// The slot of an order.
    #[inline]
    pub fn find(&self, id: u64) -> Option<u32> {
        self.slots.find(id)
    }

    /// Takes in an order that bears [`Self::next_id`].
    #[inline]
    pub fn insert(&mut self, order: Order) -> u32 {
        self.last_id += 1;
        assert_eq!(order.id, self.last_id, "orders are numbered as they come");
        let id = order.id;
        let slot = self.slab.insert(order);
        self.slots.insert(id, slot);
        slot
    }

    /// Forgets an order. Its place on lists is the caller's matter.
    pub fn remove(&mut self, slot: u32) {
        self.slots.remove(self.slab[slot].id);
        self.slab.remove(slot);
        if !self.notes.is_empty() {
            self.notes.remove(&slot);
        }
    }

    /// Takes in an order that ended with nothing matched; beyond `most` of them the oldest is forgotten.
    #[inline]
    pub fn end(&mut self, slot: u32, most: u32) {
        self.ended.push_back(slot);
        if self.ended.len() > most as usize {
            let oldest = self.ended.pop_front().expect("one was just taken in");
            self.remove(oldest);
        }
    }

    /// The orders that ended with nothing matched, in the order in which they did.
    pub fn ended(&self) -> impl Iterator<Item = u32> + '_ {
        self.ended.iter().copied()
    }

    /// Forgets those ended orders that are not to be kept.
    pub fn retain_ended(&mut self, keep: impl Fn(&Order) -> bool) {
        let ended = std::mem::take(&mut self.ended).into_iter();
        let (kept, dropped): (VecDeque<u32>, VecDeque<u32>) = ended.partition(|slot| keep(&self.slab[*slot]));
        self.ended = kept;
        dropped.into_iter().for_each(|slot| self.remove(slot));
    }

    /// Notes that an order is held by the delay.
    pub fn hold(&mut self, slot: u32, held: Held) {
        self.slab[slot].label = self.slab[slot].label.with_standing(Standing::Held);
        self.held.insert(slot, held);
    }

    /// How an order is held, if it is.
    pub fn held(&self, slot: u32) -> Option<&Held> {
        self.held.get(&slot)
    }

    /// Lets a held order go: it is a plain limit order then.
    pub fn let_go(&mut self, slot: u32) -> Held {
        self.slab[slot].label = self.slab[slot].label.with_standing(Standing::Limit);
        self.held.remove(&slot).expect("a held order is noted")
    }

    /// Stake of an order that had been matched and was then voided.
    #[inline]
    pub fn voided(&self, slot: u32) -> Money {
        if self.notes.is_empty() {
            return 0;
        }
        self.notes.get(&slot).map_or(0, |note| note.voided)
    }

    /// Turns matched stake, and what it pays, into voided stake.
    pub fn void(&mut self, slot: u32, size: Money, payout: Money) {
        self.slab[slot].add_fill(-size, -payout);
        self.notes.entry(slot).or_default().voided += size;
    }

    /// Notes what was cancelled of a lay on close; of other orders it follows from the rest.
    #[inline]
    pub fn note_cancelled(&mut self, slot: u32, size: Money) {
        if self.slab[slot].by_liability() {
            self.notes.entry(slot).or_default().cancelled += size;
        }
    }

    /// What was cancelled, or lapsed, of an order.
    pub fn cancelled(&self, slot: u32) -> Money {
        let order = &self.slab[slot];
        if order.by_liability() {
            return self.notes.get(&slot).map_or(0, |note| note.cancelled);
        }
        order.size() - order.matched() - order.remaining() - self.voided(slot)
    }

    /// Whether an order ended and left nothing behind that counts.
    #[inline]
    pub fn ended_unmatched(&self, slot: u32) -> bool {
        let order = &self.slab[slot];
        order.remaining == Stake::default() && order.matched == Stake::default() && self.voided(slot) == 0
    }

    pub(crate) fn walk(&self, slot: u32, walk: &mut Walk) {
        let order = &self.slab[slot];
        walk.numbers(&[order.id as i64, order.label.0.into(), order.strategy.into(), order.size(), order.matched()]);
        walk.numbers(&[order.payout, order.remaining(), self.cancelled(slot), self.voided(slot), order.placed_ms()]);
        if let Some(held) = self.held(slot) {
            walk.numbers(&[held.due.at_ms, held.due.number as i64, held.time_in_force as i64, held.min_fill]);
        }
    }
}

impl Index<u32> for Orders {
    type Output = Order;

    #[inline]
    fn index(&self, slot: u32) -> &Order {
        &self.slab[slot]
    }
}

impl IndexMut<u32> for Orders {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Order {
        &mut self.slab[slot]
    }
}

impl<const WHICH: usize> Threaded<WHICH> for Orders {
    #[inline]
    fn links(&self, slot: u32) -> Links {
        self.slab[slot].links[WHICH]
    }

    #[inline]
    fn links_mut(&mut self, slot: u32) -> &mut Links {
        &mut self.slab[slot].links[WHICH]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::LARGEST_STAKE;

    #[test]
    fn an_order_takes_64_bytes() {
        assert_eq!(std::mem::size_of::<Order>(), 64);
    }

    #[test]
    fn the_packed_parts_keep_their_largest_values() {
        for amount in [0, 100, LARGEST_STAKE, 100 * LARGEST_STAKE / 25] {
            assert_eq!(Stake::new(amount).get(), amount);
        }
        for persistence in Persistence::ALL {
            let label = Label::new(99_899, 999, Side::Lay, Standing::MarketOnClose, persistence);
            assert_eq!((label.tick(), label.runner(), label.side()), (99_899, 999, Side::Lay));
            assert_eq!((label.standing(), label.persistence()), (Standing::MarketOnClose, persistence));
            assert_eq!(label.with_standing(Standing::Held).standing(), Standing::Held);
        }
        let placed_ms = (1 << 48) - 1;
        assert_eq!(Order::new(1, 0, Label(0), 0, 100, placed_ms).placed_ms(), placed_ms);
    }
}
