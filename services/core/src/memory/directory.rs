//! From an order's id to its slot: ids are given out in order, so a table of pages does, and neighbours lie together.

use std::collections::VecDeque;

use crate::memory::chain::NIL;

const PAGE: usize = 256;

/// The slots of 256 consecutive ids.
#[derive(Clone, Debug)]
struct Page {
    slots: [u32; PAGE],
    used: u32,
}

/// Slots by id. A page lives while an order of its ids does.
#[derive(Debug, Default)]
pub struct Directory {
    pages: VecDeque<Option<Box<Page>>>,
    /// The number of the first page kept.
    first: u64,
    length: usize,
}

impl Directory {
    /// How many ids have a slot.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no id has a slot.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The slot of an id.
    #[inline]
    pub fn find(&self, id: u64) -> Option<u32> {
        let (number, place) = split(id);
        let nth = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let slot = self.pages.get(nth)?.as_ref()?.slots[place];
        (slot != NIL).then_some(slot)
    }

    /// Notes the slot of an id above all before it.
    #[inline]
    pub fn insert(&mut self, id: u64, slot: u32) {
        let (number, place) = split(id);
        if self.pages.is_empty() {
            self.first = number;
        }
        if (number - self.first) as usize == self.pages.len() {
            self.begin_page();
        }
        let page = self.pages.back_mut().and_then(Option::as_mut).expect("the last page is always there");
        page.slots[place] = slot;
        page.used += 1;
        self.length += 1;
    }

    /// Forgets an id that has a slot.
    #[inline]
    pub fn remove(&mut self, id: u64) {
        let (number, place) = split(id);
        let nth = (number - self.first) as usize;
        let page = self.pages[nth].as_mut().expect("an id with a slot has a page");
        page.slots[place] = NIL;
        page.used -= 1;
        self.length -= 1;
        if page.used == 0 && nth + 1 < self.pages.len() {
            self.pages[nth] = None;
            self.trim();
        }
    }

    /// The slots of ids, given by rising id, when ids up to `last` have been given out.
    pub fn rebuilt(slots: impl Iterator<Item = (u64, u32)>, last: u64) -> Self {
        let mut directory = Self::default();
        for (id, slot) in slots {
            let (number, place) = split(id);
            directory.reach(number);
            let page = directory.pages.back_mut().and_then(Option::as_mut).expect("the last page is always there");
            page.slots[place] = slot;
            page.used += 1;
            directory.length += 1;
        }
        directory.reach(split(last).0);
        directory
    }

    /// Has pages up to a number, the last of them there.
    fn reach(&mut self, number: u64) {
        if self.pages.is_empty() {
            self.first = number;
        }
        while (number - self.first) as usize >= self.pages.len() {
            self.begin_page();
        }
    }

    fn begin_page(&mut self) {
        if let Some(last) = self.pages.back_mut() {
            if last.as_ref().is_some_and(|page| page.used == 0) {
                *last = None;
            }
        }
        self.pages.push_back(Some(Box::new(Page { slots: [NIL; PAGE], used: 0 })));
        self.trim();
    }

    fn trim(&mut self) {
        while self.pages.front().is_some_and(Option::is_none) {
            self.pages.pop_front();
            self.first += 1;
        }
    }
}

#[inline]
fn split(id: u64) -> (u64, usize) {
    (id / PAGE as u64, id as usize % PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_was_inserted_and_not_removed_and_keeps_no_empty_page() {
        let mut directory = Directory::default();
        for id in 1..=10_000 {
            directory.insert(id, id as u32 * 2);
            if id % 1_000 != 7 {
                directory.remove(id);
            }
        }
        let kept: Vec<u64> = (0..=10_001).filter(|id| directory.find(*id).is_some()).collect();
        assert_eq!(kept, (0..10).map(|nth| nth * 1_000 + 7).collect::<Vec<u64>>());
        assert_eq!((directory.find(7), directory.len()), (Some(14), 10));
        assert_eq!(directory.pages.iter().flatten().count(), 11, "ten in use and the last");
        (0..9).for_each(|nth| directory.remove(nth * 1_000 + 7));
        assert_eq!(directory.first, 9_007 / PAGE as u64, "leading pages are dropped");
    }
}
