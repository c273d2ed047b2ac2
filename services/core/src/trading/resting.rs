//! Orders that rest, and how stake leaves them: filled or taken off.

use super::checks::{weight, Ticket};
use crate::event::CancelReason;
use crate::events::Events;
use crate::exchange::{Exchange, Timer};
use crate::money::Money;
use crate::orders::{Held, Standing};

impl Exchange {
    /// Takes stake of a resting order off. The hold is the caller's matter.
    pub(crate) fn take_off(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Events) {
        if self.orders[slot].label.standing() == Standing::Held {
            return self.take_back(slot, size, reason, events);
        }
        self.desk(self.orders[slot].exposure).take_off(slot, size, reason, events);
    }

    /// Takes all that is left of a resting order off.
    pub(crate) fn take_all_off(&mut self, slot: u32, reason: CancelReason, events: &mut Events) {
        self.take_off(slot, self.orders[slot].remaining(), reason, events);
    }

    /// Takes an order back that the in-play delay holds.
    #[cold]
    fn take_back(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Events) {
        let Held { due, .. } = self.orders.let_go(slot);
        self.timers.call_off(due);
        let left = self.orders[slot].remaining() - size;
        self.orders[slot].set_remaining(left);
        let mut desk = self.desk(self.orders[slot].exposure);
        desk.note_cancelled(slot, size, reason, events);
        if left == 0 {
            desk.retire(slot);
        }
    }

    /// Ends an order on close of which a stake was matched at the starting price, for so much of its size: what that
    /// leaves lapses.
    pub(super) fn end_on_close(&mut self, slot: u32, matched: Money, taken: Money, events: &mut Events) {
        let size = self.orders[slot].remaining();
        let left = size - taken;
        self.orders.note_cancelled(slot, left);
        let order = &mut self.orders[slot];
        order.set_remaining(0);
        let (id, label, exposure, by_liability) = (order.id, order.label, order.exposure, order.by_liability());
        let mut desk = self.desk(exposure);
        desk.close_risk(label, size);
        desk.exposure.at_work += matched - weight(size, by_liability);
        if left > 0 {
            let (account, market) = (desk.exposure.account, desk.exposure.market);
            let reason = CancelReason::TurnedInPlay;
            events.cancelled(id, (account, market), left, reason);
        }
        desk.retire(slot);
    }

    /// Holds an accepted order until the in-play delay is over.
    pub(super) fn delay(&mut self, slot: u32, ticket: &Ticket, release_ms: i64) {
        let due = self.timers.set(release_ms, Timer::Release(slot));
        let &Ticket { time_in_force, min_fill, .. } = ticket;
        self.orders.hold(slot, Held { due, time_in_force, min_fill });
    }
}
