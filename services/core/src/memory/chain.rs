//! Doubly linked lists threaded through a slab: constant-time removal, no allocation, slots instead of pointers.

use serde::{Deserialize, Serialize};

/// No slot.
pub const NIL: u32 = u32::MAX;

/// An item's neighbours in one list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Links {
    /// The item before it.
    pub previous: u32,
    /// The item after it.
    pub next: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self { previous: NIL, next: NIL }
    }
}

/// Where the links of the items lie: a slab gives them by slot. `WHICH` tells the lists an item is on apart.
pub trait Threaded<const WHICH: usize> {
    /// The links of the item in a slot.
    fn links(&self, slot: u32) -> Links;
    /// The same, to be changed.
    fn links_mut(&mut self, slot: u32) -> &mut Links;
}

/// A list that only grows, from its last item back to its first: adding one touches no other.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stack<const WHICH: usize> {
    last: u32,
}

impl<const WHICH: usize> Default for Stack<WHICH> {
    fn default() -> Self {
        Self { last: NIL }
    }
}

impl<const WHICH: usize> Stack<WHICH> {
    /// Adds a slot.
    #[inline(always)]
    pub fn push(&mut self, slab: &mut impl Threaded<WHICH>, slot: u32) {
        *slab.links_mut(slot) = Links { previous: self.last, next: NIL };
        self.last = slot;
    }

    /// The slots, last to first.
    pub fn slots<'a>(&self, slab: &'a impl Threaded<WHICH>) -> impl Iterator<Item = u32> + 'a {
        let some = |slot: u32| (slot != NIL).then_some(slot);
        std::iter::successors(some(self.last), move |slot| some(slab.links(*slot).previous))
    }
}

/// The two ends of a list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Chain<const WHICH: usize> {
    /// The first slot, or [`NIL`].
    pub head: u32,
    /// The last slot, or [`NIL`].
    pub tail: u32,
}

impl<const WHICH: usize> Default for Chain<WHICH> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const WHICH: usize> Chain<WHICH> {
    /// A list with nothing on it.
    pub const EMPTY: Self = Self { head: NIL, tail: NIL };

    /// Whether there is nothing on it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.head == NIL
    }

    /// Appends a slot.
    #[inline(always)]
    pub fn push(&mut self, slab: &mut impl Threaded<WHICH>, slot: u32) {
        *slab.links_mut(slot) = Links { previous: self.tail, next: NIL };
        match self.tail {
            NIL => self.head = slot,
            tail => slab.links_mut(tail).next = slot,
        }
        self.tail = slot;
    }

    /// Takes a slot out.
    #[inline(always)]
    pub fn remove(&mut self, slab: &mut impl Threaded<WHICH>, slot: u32) {
        let Links { previous, next } = slab.links(slot);
        match previous {
            NIL => self.head = next,
            previous => slab.links_mut(previous).next = next,
        }
        match next {
            NIL => self.tail = previous,
            next => slab.links_mut(next).previous = previous,
        }
    }

    /// The slots, first to last.
    pub fn slots<'a>(&self, slab: &'a impl Threaded<WHICH>) -> impl Iterator<Item = u32> + 'a {
        let some = |slot: u32| (slot != NIL).then_some(slot);
        std::iter::successors(some(self.head), move |slot| some(slab.links(*slot).next))
    }
}
