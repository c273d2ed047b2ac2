//! The newest so many of what comes: each kept at one place until as many others have come.

use serde::{Deserialize, Serialize};

/// A ring.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ring<T> {
    items: Vec<T>,
    oldest: u32,
    most: u32,
}

impl<T> Ring<T> {
    /// An empty ring of so many.
    pub fn with_room(most: u32) -> Self {
        Self { items: Vec::with_capacity(most as usize), oldest: 0, most }
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What is kept at a place.
    #[inline]
    pub fn get(&self, nth: u32) -> Option<&T> {
        self.items.get(nth as usize)
    }

    /// What makes room for the next, if nothing else does.
    #[inline(always)]
    pub fn oldest_if_full(&self) -> Option<&T> {
        if self.items.len() < self.most as usize {
            return None;
        }
        self.items.get(self.oldest as usize)
    }

    /// Takes one in, in the oldest one's place if it is full. Returns where; `None` if there is room for none at all.
    #[inline(always)]
    pub fn push(&mut self, item: T) -> Option<u32> {
        if self.items.len() < self.most as usize {
            self.items.push(item);
            return Some(self.items.len() as u32 - 1);
        }
        let nth = self.oldest;
        *self.items.get_mut(nth as usize)? = item;
        self.oldest = if nth + 1 == self.most { 0 } else { nth + 1 };
        Some(nth)
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.items.clear();
        self.oldest = 0;
    }

    /// All with their places, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let (newer, older) = self.items.split_at(self.oldest as usize);
        (self.oldest..).zip(older).chain((0..).zip(newer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_newest_each_where_it_was() {
        let mut ring = Ring::with_room(3);
        let places: Vec<Option<u32>> = (1..=5).map(|item| ring.push(item)).collect();
        assert_eq!(places, [Some(0), Some(1), Some(2), Some(0), Some(1)]);
        assert_eq!(ring.iter().collect::<Vec<_>>(), [(2, &3), (0, &4), (1, &5)]);
        assert_eq!((ring.oldest_if_full(), ring.get(0), ring.len()), (Some(&3), Some(&4), 3));
        ring.clear();
        assert_eq!((ring.push(6), ring.oldest_if_full()), (Some(0), None));
        assert_eq!((Ring::with_room(0).push(1), Ring::<u8>::with_room(0).oldest_if_full()), (None, None));
    }
}
