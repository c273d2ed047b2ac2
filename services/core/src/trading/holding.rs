//! Holds, brought up to date.

use crate::events::Events;
use crate::exchange::Exchange;
use crate::money::Money;

/// Exposures whose holds a command may have changed, told in the order of their accounts.
#[derive(Default)]
pub(crate) struct Concerned(Vec<u32>);

impl Concerned {
    /// One more.
    pub fn add(&mut self, exposure: u32) {
        self.0.push(exposure);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The slots, each once, by account.
    pub fn by_account(mut self, exchange: &Exchange) -> Vec<u32> {
        self.0.sort_unstable_by_key(|slot| (exchange.exposures[*slot].account, *slot));
        self.0.dedup();
        self.0
    }
}

impl Exchange {
    /// Brings the hold of an exposure up to date and returns its growth.
    pub(crate) fn update_hold(&mut self, slot: u32, events: &mut Events) -> Money {
        self.desk(slot).update_hold(events)
    }

    /// Brings the holds of several exposures in one market up to date.
    pub(crate) fn update_holds(&mut self, concerned: Concerned, events: &mut Events) {
        for slot in concerned.by_account(self) {
            self.update_hold(slot, events);
        }
    }
}
