//! Orders that rest, and how stake leaves them: filled or taken off.

use super::checks::{weight, Ticket};
use crate::command::Side;
use crate::event::{CancelReason, Event};
use crate::exchange::{Exchange, Timer};
use crate::exposure::risk;
use crate::money::Money;
use crate::orders::{Held, Standing};

impl Exchange {
    /// Puts an order on the book.
    #[inline]
    pub(super) fn rest(&mut self, slot: u32) {
        let (label, exposure) = (self.orders[slot].label, self.orders[slot].exposure);
        let market = &mut self.markets[self.exposures[exposure].market];
        market.book_mut(label.runner()).half_mut(label.side()).rest(&mut self.orders, slot);
    }

    /// What a resting part of an order risks.
    #[inline]
    fn risk_of(&self, slot: u32, size: Money) -> Money {
        let order = &self.orders[slot];
        if order.label.on_close() {
            return size;
        }
        let market = self.exposures[order.exposure].market;
        risk(order.label.side(), size, self.markets[market].ladder().price(order.label.tick()))
    }

    /// Takes stake of a resting order off. The hold is the caller's matter.
    pub(crate) fn take_off(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Vec<Event>) {
        let (label, exposure) = (self.orders[slot].label, self.orders[slot].exposure);
        if label.standing() == Standing::Limit {
            let market = &mut self.markets[self.exposures[exposure].market];
            market.book_mut(label.runner()).half_mut(label.side()).reduce(&mut self.orders, slot, size);
        } else {
            if label.standing() == Standing::Held {
                let Held { due, .. } = self.orders.let_go(slot);
                self.timers.call_off(due);
            }
            let left = self.orders[slot].remaining() - size;
            self.orders[slot].set_remaining(left);
        }
        self.note_cancelled(slot, size, reason, events);
        self.retire_if_complete(slot);
    }

    /// Takes all that is left of a resting order off.
    pub(crate) fn take_all_off(&mut self, slot: u32, reason: CancelReason, events: &mut Vec<Event>) {
        self.take_off(slot, self.orders[slot].remaining(), reason, events);
    }

    /// Books stake that is off the book, unmatched.
    pub(super) fn note_cancelled(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Vec<Event>) {
        self.orders.note_cancelled(slot, size);
        self.close_risk(slot, size);
        let order = &self.orders[slot];
        let exposure = &mut self.exposures[order.exposure];
        exposure.at_work -= weight(size, order.by_liability());
        let (account, market) = (exposure.account, exposure.market);
        events.push(Event::OrderCancelled { order: order.id, account, market, size, reason });
    }

    /// Takes a resting part of an order out of what its owner risks.
    #[inline]
    fn close_risk(&mut self, slot: u32, size: Money) {
        let risk = self.risk_of(slot, size);
        let (label, exposure) = (self.orders[slot].label, self.orders[slot].exposure);
        let exposure = &mut self.exposures[exposure];
        let key = self.markets[exposure.market].key(label.runner(), label.tick());
        exposure.position_mut(key).open(label.side(), -risk);
        self.accounts[exposure.account].open_risk -= risk;
    }

    /// Books a fill at a tick with a limit order that is filled, and with its owner's position.
    #[inline]
    pub(super) fn book_fill(&mut self, slot: u32, tick: u32, size: Money, paid: Money) {
        self.close_risk(slot, size);
        self.add_bet(slot, tick, size, paid);
    }

    /// Ends an order on close of which a stake was matched at the starting price, for so much of its size: what that
    /// leaves lapses.
    pub(super) fn end_on_close(&mut self, slot: u32, matched: Money, taken: Money, events: &mut Vec<Event>) {
        let size = self.orders[slot].remaining();
        let left = size - taken;
        self.orders.note_cancelled(slot, left);
        self.close_risk(slot, size);
        let order = &mut self.orders[slot];
        order.set_remaining(0);
        let (order, exposure) = (&self.orders[slot], &mut self.exposures[self.orders[slot].exposure]);
        exposure.at_work += matched - weight(size, order.by_liability());
        if left > 0 {
            let (account, market, reason) = (exposure.account, exposure.market, CancelReason::TurnedInPlay);
            events.push(Event::OrderCancelled { order: order.id, account, market, size: left, reason });
        }
        self.retire_if_complete(slot);
    }

    /// Books matched stake with an order, its owner's position and what its owner staked.
    #[inline]
    pub(super) fn add_bet(&mut self, slot: u32, tick: u32, size: Money, paid: Money) {
        let order = &mut self.orders[slot];
        order.add_fill(size, paid);
        let (label, exposure) = (order.label, order.exposure);
        let exposure = &mut self.exposures[exposure];
        exposure.has_bets = true;
        let key = self.markets[exposure.market].key(label.runner(), tick);
        exposure.position_mut(key).fill(label.side(), size, paid);
        let risked = match label.side() {
            Side::Back => size,
            Side::Lay => paid - size,
        };
        self.accounts[exposure.account].stake(risked, self.now_ms);
    }

    /// Takes an order that rests no more from its owner's resting ones.
    #[inline]
    pub(super) fn retire_if_complete(&mut self, slot: u32) {
        if self.orders[slot].remaining() != 0 {
            return;
        }
        let exposure = &mut self.exposures[self.orders[slot].exposure];
        exposure.resting.remove(&mut self.orders, slot);
        if self.orders.ended_unmatched(slot) {
            self.accounts[exposure.account].orders -= 1;
            self.orders.end(slot, self.limits.ended_orders);
        } else {
            exposure.history.push(&mut self.orders, slot);
        }
    }

    /// Holds an accepted order until the in-play delay is over.
    pub(super) fn delay(&mut self, slot: u32, ticket: &Ticket, release_ms: i64) {
        let due = self.timers.set(release_ms, Timer::Release(slot));
        let &Ticket { time_in_force, min_fill, .. } = ticket;
        self.orders.hold(slot, Held { due, time_in_force, min_fill });
    }
}
