//! Orders in memory: those of markets that are neither settled nor voided.
//!
//! An order is *resting* (on the book), *settled down* (nothing rests, something was matched: its exposure's history),
//! or *ended* with nothing matched. Ended ones are remembered until [`Limits::ended_orders`](crate::limits::Limits)
//! later ones have ended the same way: placing and cancelling all day costs no memory.

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

use crate::chain::{Links, Threaded};
use crate::command::Side;
use crate::directory::Directory;
use crate::hash::Walk;
use crate::money::Money;
use crate::slab::Slab;

/// The list of orders resting at one price, oldest first.
pub const LEVEL: usize = 0;
/// The list of the resting orders of one account in one market, oldest first.
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
    slots: Directory,
    last_id: u64,
    ended: VecDeque<u32>,
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
