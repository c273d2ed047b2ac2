//! Orders in memory: those of markets that are neither settled nor voided.
//!
//! An order that ended with nothing matched is remembered until [`Limits::ended_orders`](crate::limits::Limits) later
//! ones have ended the same way: placing and cancelling all day costs no memory.

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

use rustc_hash::FxHashMap;

use crate::chain::{Links, Threaded};
use crate::command::Side;
use crate::hash::Walk;
use crate::money::Money;
use crate::slab::Slab;

/// The list of orders resting at one price, oldest first.
pub const LEVEL: usize = 0;
/// The list of all orders of one account in one market, oldest first.
pub const OWN: usize = 1;

/// An order. At any time size = matched + remaining + cancelled + voided.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id: orders are numbered as they are accepted.
    pub id: u64,
    /// Slot of the exposure (account and market) that it belongs to.
    pub exposure: u32,
    /// Index of its runner in the market.
    pub runner: u16,
    /// The tick of its limit.
    pub tick: u16,
    /// Back or lay.
    pub side: Side,
    /// Backer's stake asked for.
    pub size: Money,
    /// Stake matched.
    pub matched: Money,
    /// Sum of stake x price over its fills.
    pub payout: Money,
    /// Stake on the book.
    pub remaining: Money,
    /// Stake taken off the book unmatched.
    pub cancelled: Money,
    /// Stake that had been matched on a runner that was then voided.
    pub voided: Money,
    /// When it was accepted, in log time.
    pub placed_ms: i64,
    pub(crate) links: [Links; 2],
}

impl Order {
    /// Whether it ended and left nothing behind that counts.
    pub fn ended_unmatched(&self) -> bool {
        self.remaining == 0 && self.matched == 0 && self.voided == 0
    }
}

/// All orders, by slot and by id.
#[derive(Debug, Default)]
pub struct Orders {
    slab: Slab<Order>,
    slots: FxHashMap<u64, u32>,
    last_id: u64,
    ended: VecDeque<u64>,
}

impl Orders {
    /// How many are in memory.
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
        self.slots.get(&id).copied()
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
        self.slots.remove(&self.slab[slot].id);
        self.slab.remove(slot);
    }

    /// Notes that an order ended unmatched. Returns the slot of the order that must be forgotten for it, if any.
    pub fn note_ended(&mut self, id: u64, most: u32) -> Option<u32> {
        self.ended.push_back(id);
        if self.ended.len() <= most as usize {
            return None;
        }
        let oldest = self.ended.pop_front()?;
        self.find(oldest)
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.last_id as i64, self.len() as i64, self.ended.len() as i64]);
        for id in &self.ended {
            walk.number(*id as i64);
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

impl Order {
    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.id as i64, self.runner.into(), self.side as i64, self.tick.into(), self.size]);
        walk.numbers(&[self.matched, self.payout, self.remaining, self.cancelled, self.voided, self.placed_ms]);
    }
}
