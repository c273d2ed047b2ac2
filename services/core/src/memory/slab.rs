//! A slab: items in slots that are used again, handed out in a fixed order.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// Items by slot.
#[derive(Debug, Serialize, Deserialize)]
pub struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// An empty slab with room for so many items: reserved, and touched only as it fills, so that growing never moves
    /// what is there.
    pub fn with_room(most: u32) -> Self {
        Self { items: Vec::with_capacity(most as usize), free: Vec::new() }
    }

    /// How many slots are in use.
    pub fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// Whether no slot is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts an item into a free slot: the one freed last, or a new one.
    #[inline(always)]
    pub fn insert(&mut self, item: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.items[slot as usize] = item;
            return slot;
        }
        self.items.push(item);
        (self.items.len() - 1) as u32
    }

    /// The slots in use, rising.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        let mut free = vec![false; self.items.len()];
        self.free.iter().for_each(|slot| free[*slot as usize] = true);
        (0..self.items.len() as u32).filter(move |slot| !free[*slot as usize])
    }

    /// Has room for so many items, as [`Self::with_room`].
    pub fn make_room(&mut self, most: u32) {
        self.items.reserve_exact((most as usize).saturating_sub(self.items.len()));
    }

    /// Touches the room for so many items of an empty slab, so that none pays for the first touch of a page.
    pub fn touch(&mut self, items: u32, filler: T)
    where
        T: Clone,
    {
        if self.items.is_empty() {
            self.items.resize((items as usize).min(self.items.capacity()), filler);
            self.items.clear();
        }
    }

    /// Frees a slot. The item stays in it, unread, until the slot is used again.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) {
        self.free.push(slot);
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, slot: u32) -> &T {
        &self.items[slot as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.items[slot as usize]
    }
}
