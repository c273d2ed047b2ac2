//! Trades in memory: the fills of open markets, which a voided bet or a reduction factor has to find again.

use serde::{Deserialize, Serialize};

use crate::hash::Walk;
use crate::memory::chain::NIL;
use crate::memory::slab::Slab;
use crate::money::Money;

/// A fill. In a cross-match the exchange is the backer or the layer: [`NIL`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Trade {
    /// Numbers the shard's fills.
    pub number: u64,
    /// The backer's stake.
    pub size: Money,
    /// What the backer gets if it wins.
    pub payout: Money,
    /// Slot of the backer's order.
    pub backer: u32,
    /// Slot of the layer's order.
    pub layer: u32,
    next: u32,
    /// The tick at which it was made.
    pub tick: u32,
    /// Index of the runner.
    pub runner: u16,
    /// How many trades its cross-match's first one is back.
    pub group: Option<u16>,
    /// It counts no more.
    pub voided: bool,
}

impl Trade {
    /// The number of the first trade of its cross-match; its own if it is of none.
    pub fn first(&self) -> u64 {
        self.number - u64::from(self.group.unwrap_or(0))
    }
}

/// The ends of a market's list of trades.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ends {
    head: u32,
    tail: u32,
}

impl Default for Ends {
    fn default() -> Self {
        Self { head: NIL, tail: NIL }
    }
}

/// All trades of open markets, by slot.
#[derive(Debug, Serialize, Deserialize)]
pub struct Trades {
    slab: Slab<Trade>,
    last: u64,
}

impl Trades {
    /// None yet, with room for so many before they are moved.
    pub fn with_room(usual: u32) -> Self {
        Self { slab: Slab::with_room(usual), last: 0 }
    }

    /// Touches the room for so many.
    pub(crate) fn touch(&mut self, trades: u32) {
        let (backer, layer, next) = (NIL, NIL, NIL);
        let none = Trade {
            number: 0,
            size: 0,
            payout: 0,
            backer,
            layer,
            next,
            tick: 0,
            runner: 0,
            group: None,
            voided: false,
        };
        self.slab.touch(trades, none);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }

    /// Adds a market's next trade: (runner and tick), (backer's and layer's order), (size and payout). Returns its
    /// number.
    #[inline]
    pub fn add(
        &mut self,
        ends: &mut Ends,
        (runner, tick): (u16, u32),
        (backer, layer): (u32, u32),
        (size, payout): (Money, Money),
        group: Option<u16>,
    ) -> u64 {
        self.last += 1;
        let trade =
            Trade { number: self.last, size, payout, backer, layer, next: NIL, tick, runner, group, voided: false };
        let slot = self.slab.insert(trade);
        match ends.tail {
            NIL => ends.head = slot,
            tail => self.slab[tail].next = slot,
        }
        ends.tail = slot;
        self.last
    }

    /// The slots of a market's trades, in order.
    pub fn slots(&self, ends: Ends) -> impl Iterator<Item = u32> + '_ {
        let some = |slot: u32| (slot != NIL).then_some(slot);
        std::iter::successors(some(ends.head), move |slot| some(self.slab[*slot].next))
    }

    /// A trade.
    pub fn get(&self, slot: u32) -> &Trade {
        &self.slab[slot]
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, slot: u32) -> &mut Trade {
        &mut self.slab[slot]
    }

    /// Forgets a market's trades.
    pub fn forget(&mut self, ends: Ends) {
        let slots: Vec<u32> = self.slots(ends).collect();
        slots.into_iter().for_each(|slot| self.slab.remove(slot));
    }

    pub(crate) fn walk_last(&self, walk: &mut Walk) {
        walk.number(self.last as i64);
    }

    pub(crate) fn walk(&self, ends: Ends, mut id: impl FnMut(u32) -> i64, walk: &mut Walk) {
        walk.number(self.slots(ends).count() as i64);
        for slot in self.slots(ends) {
            let Trade { number, size, payout, backer, layer, tick, runner, group, voided, .. } = *self.get(slot);
            let group = group.map_or(-1, i64::from);
            walk.numbers(&[number as i64, size, payout, id(backer), id(layer), tick.into(), runner.into()]);
            walk.numbers(&[group, voided.into()]);
        }
    }
}
