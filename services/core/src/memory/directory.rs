//! From an order's id to where it is kept.
//!
//! Ids are given out in order, so an id's last bits name a cell of a table, and orders that are young together lie
//! together. An id whose cell a later one needs, because its order lived that long, moves to a map. A cell may go on
//! naming a place that another order has by now: whoever looks up compares the id that is kept there.

use std::collections::BTreeMap;

/// Where an order is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this slot.
    Slot(u32),
    /// At this place of the ring of ended orders.
    Ring(u32),
}

/// A place in a cell: one more than it, and its highest bit for the ring; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell(u32);

const RING: u32 = 1 << 31;

impl Cell {
    #[inline]
    fn of(place: Place) -> Self {
        match place {
            Place::Slot(slot) => Self(slot + 1),
            Place::Ring(nth) => Self((nth + 1) | RING),
        }
    }

    #[inline]
    fn place(self) -> Option<Place> {
        match self.0 {
            0 => None,
            slot if slot & RING == 0 => Some(Place::Slot(slot - 1)),
            nth => Some(Place::Ring((nth & !RING) - 1)),
        }
    }
}

/// Places by id.
#[derive(Debug)]
pub struct Directory {
    cells: Vec<Cell>,
    old: BTreeMap<u64, Place>,
}

impl Directory {
    /// Empty, for so many orders at a time.
    pub fn with_room(most: u32) -> Self {
        let cells = (most as usize).clamp(1, 1 << 30).next_power_of_two();
        Self { cells: vec![Cell::default(); cells], old: BTreeMap::new() }
    }

    /// Touches the cells of the first so many ids.
    pub fn touch(&mut self, ids: u32) {
        let cells = (ids as usize).min(self.cells.len());
        if self.old.is_empty() && self.cells.iter().all(|cell| *cell == Cell::default()) {
            self.cells[..cells].fill(Cell(1));
            self.cells[..cells].fill(Cell::default());
        }
    }

    #[inline]
    fn cell(&self, id: u64) -> usize {
        id as usize & (self.cells.len() - 1)
    }

    /// Where the order of an id would be, if it is anywhere.
    #[inline(always)]
    pub fn find(&self, id: u64) -> Option<Place> {
        if !self.old.is_empty() {
            if let Some(place) = self.old.get(&id) {
                return Some(*place);
            }
        }
        self.cells[self.cell(id)].place()
    }

    /// Notes the place of an id above all before it; `id_at`: the id of the order that is kept at a place, if one is.
    #[inline(always)]
    pub fn insert(&mut self, id: u64, place: Place, id_at: impl FnOnce(Place) -> Option<u64>) {
        let cell = self.cell(id);
        if let Some(before) = self.cells[cell].place() {
            self.displace(cell, before, id_at(before));
        }
        self.cells[cell] = Cell::of(place);
    }

    #[inline]
    fn displace(&mut self, cell: usize, place: Place, id: Option<u64>) {
        if let Some(id) = id.filter(|id| self.cell(*id) == cell) {
            self.old.insert(id, place);
        }
    }

    /// Notes that an order is kept elsewhere now.
    #[inline(always)]
    pub fn relocate(&mut self, id: u64, place: Place) {
        if !self.old.is_empty() {
            if let Some(old) = self.old.get_mut(&id) {
                *old = place;
                return;
            }
        }
        let cell = self.cell(id);
        self.cells[cell] = Cell::of(place);
    }

    /// Forgets an id.
    #[inline]
    pub fn remove(&mut self, id: u64) {
        if self.old.is_empty() || self.old.remove(&id).is_none() {
            let cell = self.cell(id);
            self.cells[cell] = Cell::default();
        }
    }

    /// Forgets an id whose place is about to be taken by another order.
    #[inline]
    pub fn forget(&mut self, id: u64) {
        if !self.old.is_empty() {
            self.old.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_however_many_later_ones_need_its_cell() {
        let mut directory = Directory::with_room(4);
        let kept = [1, 6, 7];
        let id_at = |place| match place {
            Place::Slot(slot) => kept.contains(&slot).then_some(u64::from(slot)),
            Place::Ring(_) => None,
        };
        for id in 1..=20 {
            directory.insert(id, Place::Slot(id as u32), id_at);
        }
        for id in kept {
            assert_eq!(directory.find(id.into()), Some(Place::Slot(id)));
        }
        assert_eq!(directory.find(20), Some(Place::Slot(20)));
        assert_eq!(directory.find(16), Some(Place::Slot(20)), "an id that is gone names what its cell names now");
        assert_eq!(directory.old.len(), kept.len());
        directory.relocate(6, Place::Ring(0));
        directory.relocate(20, Place::Ring(1));
        assert_eq!((directory.find(6), directory.find(20)), (Some(Place::Ring(0)), Some(Place::Ring(1))));
        directory.remove(7);
        directory.remove(20);
        directory.forget(6);
        assert_eq!((directory.old.len(), directory.find(20), directory.find(7)), (1, None, Some(Place::Slot(19))));
    }
}
