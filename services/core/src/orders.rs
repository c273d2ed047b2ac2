//! Orders in memory: those of markets that are neither settled nor voided.
//!
//! An order *rests* (on the book, held by the in-play delay, or waiting for the starting price), is *settled down* (nothing
//! rests, something was matched: its exposure's history), or *ended* with nothing matched. Ended ones are remembered until
//! [`Limits::ended_orders`](crate::limits::Limits) later ones have ended the same way: placing and cancelling all day
//! costs no memory.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

use crate::command::{OrderType, Persistence, Side, TimeInForce};
use crate::hash::Walk;
use crate::memory::chain::{Links, Threaded};
use crate::memory::directory::{Directory, Place};
use crate::memory::ring::Ring;
use crate::memory::slab::Slab;
use crate::memory::timers::Due;
use crate::money::Money;

/// The list of orders resting at one price, oldest first.
pub const LEVEL: usize = 0;
/// The list of the orders of one account in one market that rest, or of those that are settled down.
pub const OWN: usize = 1;

/// A stake and 24 bits of something else in a word. The stake is a multiple of four parts (a penny is 100) below 2^42.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Packed(u64);

const STAKE_BITS: u32 = 40;
const STAKE_MASK: u64 = (1 << STAKE_BITS) - 1;

impl Packed {
    #[inline]
    fn new(stake: Money, other: u32) -> Self {
        debug_assert!(other < 1 << 24, "{other} takes more than 24 bits");
        Self(Self::packed(stake) | u64::from(other) << STAKE_BITS)
    }

    #[inline]
    fn packed(stake: Money) -> u64 {
        debug_assert!(stake % 4 == 0 && (0..1 << 42).contains(&stake), "{stake} is no stake");
        stake as u64 >> 2
    }

    #[inline]
    fn stake(self) -> Money {
        ((self.0 & STAKE_MASK) << 2) as Money
    }

    #[inline]
    fn is_zero(self) -> bool {
        self.0 & STAKE_MASK == 0
    }

    #[inline]
    fn set_stake(&mut self, stake: Money) {
        self.0 = self.0 & !STAKE_MASK | Self::packed(stake);
    }

    #[inline]
    fn other(self) -> u32 {
        (self.0 >> STAKE_BITS) as u32
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
    /// With the lower half of when it was accepted.
    remaining: Packed,
    /// With the upper half of that.
    matched: Packed,
    /// With the strategy.
    size: Packed,
}

impl Order {
    /// An order of which nothing is matched yet.
    #[inline]
    pub fn new(id: u64, exposure: u32, label: Label, strategy: u16, size: Money, placed_ms: i64) -> Self {
        let (early, late) = (placed_ms as u32 & 0xff_ffff, (placed_ms >> 24) as u32 & 0xff_ffff);
        Self {
            links: [Links::default(); 2],
            id,
            payout: 0,
            exposure,
            label,
            remaining: Packed::new(size, early),
            matched: Packed::new(0, late),
            size: Packed::new(size, strategy.into()),
        }
    }

    /// What was asked for: the backer's stake; of a lay on close the liability.
    #[inline]
    pub fn size(&self) -> Money {
        self.size.stake()
    }

    /// Stake matched, and not voided.
    #[inline]
    pub fn matched(&self) -> Money {
        self.matched.stake()
    }

    /// What rests of the size.
    #[inline]
    pub fn remaining(&self) -> Money {
        self.remaining.stake()
    }

    /// Sets what rests.
    #[inline]
    pub fn set_remaining(&mut self, remaining: Money) {
        self.remaining.set_stake(remaining);
    }

    /// Adds a fill (or, negative, takes one off).
    #[inline]
    pub fn add_fill(&mut self, size: Money, payout: Money) {
        self.matched.set_stake(self.matched() + size);
        self.payout += payout;
    }

    /// Its owner's own number for it.
    #[inline]
    pub fn strategy(&self) -> u16 {
        self.size.other() as u16
    }

    /// When it was accepted, in log time.
    pub fn placed_ms(&self) -> i64 {
        i64::from(self.matched.other()) << 24 | i64::from(self.remaining.other())
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

/// What is remembered of an order that ended with nothing matched.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// Its id.
    pub id: u64,
    /// Slot of the exposure that it belonged to.
    pub exposure: u32,
    /// What it was.
    pub label: Label,
    placed_ms: i64,
    size: Packed,
}

impl Ended {
    #[inline]
    fn of(order: &Order) -> Self {
        let &Order { id, exposure, label, size, .. } = order;
        Self { id, exposure, label, placed_ms: order.placed_ms(), size }
    }

    /// The order as it ended: all of it cancelled.
    pub fn order(&self) -> Order {
        let &Self { id, exposure, label, placed_ms, size } = self;
        let mut order = Order::new(id, exposure, label, size.other() as u16, size.stake(), placed_ms);
        order.set_remaining(0);
        order
    }
}

/// All orders, by slot and by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    slab: Slab<Order>,
    #[serde(skip, default = "no_directory")]
    places: Directory,
    last_id: u64,
    ended: Ring<Ended>,
    held: BTreeMap<u32, Held>,
    notes: BTreeMap<u32, Note>,
}

/// Until [`Orders::make_room`] finds the orders of a snapshot again.
fn no_directory() -> Directory {
    Directory::with_room(0)
}

impl Orders {
    /// None yet, with room for so many, and for so many of them that ended with nothing matched.
    pub fn with_room(most: u32, most_ended: u32) -> Self {
        Self {
            slab: Slab::with_room(most),
            places: Directory::with_room(most),
            last_id: 0,
            ended: Ring::with_room(most_ended),
            held: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }

    /// After a snapshot was read: finds orders by id again, and has room for so many.
    pub(crate) fn make_room(&mut self, most: u32) {
        let resting = self.slab.slots().map(|slot| (self.slab[slot].id, Place::Slot(slot)));
        let ended = self.ended.iter().map(|(nth, ended)| (ended.id, Place::Ring(nth)));
        let mut places: Vec<(u64, Place)> = resting.chain(ended).collect();
        places.sort_unstable_by_key(|(id, _)| *id);
        self.places = Directory::with_room(most);
        let Self { slab, places: directory, ended, .. } = self;
        places.into_iter().for_each(|(id, place)| directory.insert(id, place, |at| id_at(slab, ended, at)));
        self.slab.make_room(most);
    }

    /// Touches the room for so many orders, and for so many ids.
    pub(crate) fn touch(&mut self, orders: u32, ids: u32) {
        let label = Label::new(0, 0, Side::Back, Standing::Limit, Persistence::Lapse);
        self.slab.touch(orders, Order::new(0, 0, label, 0, 0, 0));
        self.places.touch(ids);
    }

    /// How many are in memory.
    #[inline]
    pub fn len(&self) -> usize {
        self.slab.len() + self.ended.len()
    }

    /// Whether none is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

    /// The slot of an order that did not end with nothing matched.
    #[inline(always)]
    pub fn find(&self, id: u64) -> Option<u32> {
        match self.places.find(id) {
            Some(Place::Slot(slot)) if self.slab[slot].id == id => Some(slot),
            _ => None,
        }
    }

    /// An order that ended with nothing matched, while it is remembered.
    pub fn find_ended(&self, id: u64) -> Option<&Ended> {
        match self.places.find(id) {
            Some(Place::Ring(nth)) => self.ended.get(nth).filter(|ended| ended.id == id),
            _ => None,
        }
    }

    /// Takes in an order that bears [`Self::next_id`].
    #[inline(always)]
    pub fn insert(&mut self, order: Order) -> u32 {
        debug_assert_eq!(order.id, self.next_id(), "orders are numbered as they come");
        self.last_id += 1;
        let slot = self.slab.insert(order);
        self.name(slot);
        slot
    }

    /// Gives the order in a slot the last id.
    #[inline(always)]
    fn name(&mut self, slot: u32) {
        let Self { slab, ended, places, last_id, .. } = self;
        places.insert(*last_id, Place::Slot(slot), |at| id_at(slab, ended, at));
    }

    /// Takes an order down as one that ended with nothing matched, and a new one into its slot, which bears
    /// [`Self::next_id`]: that is returned.
    #[inline(always)]
    pub fn renew(&mut self, slot: u32, label: Label, size: Money, placed_ms: i64) -> u64 {
        let before = &self.slab[slot];
        let (ended, links) = (Ended::of(before), before.links);
        self.last_id += 1;
        let strategy = ended.size.other() as u16;
        let order = Order::new(self.last_id, ended.exposure, label, strategy, size, placed_ms);
        self.slab[slot] = Order { links, ..order };
        self.remember(ended);
        self.name(slot);
        self.last_id
    }

    /// Forgets an order. Its place on lists is the caller's matter.
    pub fn remove(&mut self, slot: u32) {
        self.places.remove(self.slab[slot].id);
        self.free(slot);
    }

    #[inline(always)]
    fn free(&mut self, slot: u32) {
        self.slab.remove(slot);
        if !self.notes.is_empty() {
            self.notes.remove(&slot);
        }
    }

    /// Takes an order down as one that ended with nothing matched; if there are too many the oldest is forgotten.
    #[inline(always)]
    pub fn end(&mut self, slot: u32) {
        self.remember(Ended::of(&self.slab[slot]));
        self.free(slot);
    }

    #[inline(always)]
    fn remember(&mut self, ended: Ended) {
        if let Some(forgotten) = self.ended.oldest_if_full() {
            self.places.forget(forgotten.id);
        }
        match self.ended.push(ended) {
            Some(nth) => self.places.relocate(ended.id, Place::Ring(nth)),
            None => self.places.remove(ended.id),
        }
    }

    /// The orders that ended with nothing matched, in the order in which they did.
    pub fn ended(&self) -> impl Iterator<Item = &Ended> + '_ {
        self.ended.iter().map(|(_, ended)| ended)
    }

    /// Forgets those ended orders that are not to be kept.
    pub fn retain_ended(&mut self, keep: impl Fn(&Ended) -> bool) {
        let all: Vec<Ended> = self.ended().copied().collect();
        self.ended.clear();
        for ended in all {
            if keep(&ended) {
                self.remember(ended);
            } else {
                self.places.remove(ended.id);
            }
        }
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
    #[inline(always)]
    pub fn ended_unmatched(&self, slot: u32) -> bool {
        self.slab[slot].remaining.is_zero() && self.is_untouched(slot)
    }

    /// Whether nothing of an order was ever matched.
    #[inline(always)]
    pub fn is_untouched(&self, slot: u32) -> bool {
        self.slab[slot].matched.is_zero() && self.voided(slot) == 0
    }

    pub(crate) fn walk(&self, slot: u32, walk: &mut Walk) {
        let order = &self.slab[slot];
        walk_order(order, self.cancelled(slot), self.voided(slot), walk);
        if let Some(held) = self.held(slot) {
            walk.numbers(&[held.due.at_ms, held.due.number as i64, held.time_in_force as i64, held.min_fill]);
        }
    }

    pub(crate) fn walk_ended(&self, ended: &Ended, walk: &mut Walk) {
        walk_order(&ended.order(), ended.size.stake(), 0, walk);
    }
}

fn walk_order(order: &Order, cancelled: Money, voided: Money, walk: &mut Walk) {
    walk.numbers(&[order.id as i64, order.label.0.into(), order.strategy().into(), order.size(), order.matched()]);
    walk.numbers(&[order.payout, order.remaining(), cancelled, voided, order.placed_ms()]);
}

/// The id of the order that is kept at a place.
fn id_at(slab: &Slab<Order>, ended: &Ring<Ended>, place: Place) -> Option<u64> {
    match place {
        Place::Slot(slot) => Some(slab[slot].id),
        Place::Ring(nth) => ended.get(nth).map(|ended| ended.id),
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
            assert_eq!(Packed::new(amount, 0xff_ffff).stake(), amount);
            assert_eq!(Packed::new(amount, 0xff_ffff).other(), 0xff_ffff);
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
