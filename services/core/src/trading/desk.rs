//! What one account's orders in one market touch, looked up once.

use super::checks::weight;
use crate::accounts::Account;
use crate::command::Side;
use crate::event::CancelReason;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::{risk, Exposure};
use crate::markets::Market;
use crate::money::Money;
use crate::orders::{Label, Order, Orders, Standing};

/// An exposure with the account and the market that it is of, and all orders.
pub(super) struct Desk<'a> {
    pub account: &'a mut Account,
    pub market: &'a mut Market,
    pub exposure: &'a mut Exposure,
    pub orders: &'a mut Orders,
    pub now_ms: i64,
}

impl Exchange {
    /// The desk of an exposure.
    #[inline(always)]
    pub(super) fn desk(&mut self, exposure: u32) -> Desk<'_> {
        let exposure = &mut self.exposures[exposure];
        Desk {
            account: &mut self.accounts[exposure.account],
            market: &mut self.markets[exposure.market],
            exposure,
            orders: &mut self.orders,
            now_ms: self.now_ms,
        }
    }
}

impl Desk<'_> {
    /// Takes an order in, which risks so much while it rests. It is on its owner's list of resting ones, but on no book.
    #[inline(always)]
    pub fn accept(&mut self, order: Order, risk: Money) -> u32 {
        let (label, size) = (order.label, order.remaining());
        self.exposure.at_work += weight(size, order.by_liability());
        self.open(label, risk);
        self.account.orders += 1;
        let slot = self.orders.insert(order);
        self.exposure.resting.push(self.orders, slot);
        slot
    }

    /// A new order in an old one's slot and stead, the newest of its owner's. Returns its id.
    #[inline(always)]
    pub fn renew(&mut self, slot: u32, label: Label, size: Money) -> u64 {
        if self.exposure.resting.tail != slot {
            self.exposure.resting.remove(self.orders, slot);
            self.exposure.resting.push(self.orders, slot);
        }
        self.orders.renew(slot, label, size, self.now_ms)
    }

    /// Puts an order on the book.
    #[inline(always)]
    pub fn rest(&mut self, slot: u32, label: Label, size: Money) {
        self.market.book_mut(label.runner()).half_mut(label.side()).rest(self.orders, slot, label.tick(), size);
    }

    /// Takes stake of an order off the book, and the order with its last stake. Returns what is left.
    #[inline(always)]
    pub fn unrest(&mut self, slot: u32, label: Label, size: Money) -> Money {
        self.market.book_mut(label.runner()).half_mut(label.side()).reduce(self.orders, slot, size)
    }

    /// Adds to what its owner risks with a resting order (or, negative, takes off).
    #[inline(always)]
    pub fn open(&mut self, label: Label, risk: Money) {
        let key = self.market.key(label.runner(), label.tick());
        self.exposure.position_mut(key).open(label.side(), risk);
        self.account.open_risk += risk;
    }

    /// Takes a resting part of an order out of what its owner risks.
    #[inline(always)]
    pub fn close_risk(&mut self, label: Label, size: Money) {
        let risk = match label.on_close() {
            true => size,
            false => risk(label.side(), size, self.market.ladder().price(label.tick())),
        };
        self.open(label, -risk);
    }

    /// Books stake that is off the book, unmatched.
    #[inline(always)]
    pub fn note_cancelled(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Events) {
        let order = &self.orders[slot];
        let (label, by_liability, order) = (order.label, order.by_liability(), order.id);
        if by_liability {
            self.orders.note_cancelled(slot, size);
        }
        self.close_risk(label, size);
        self.exposure.at_work -= weight(size, by_liability);
        let &mut Exposure { account, market, .. } = self.exposure;
        events.cancelled(order, (account, market), size, reason);
    }

    /// Takes stake of an order that rests off: of a limit order off its book. The hold is the caller's matter.
    #[inline(always)]
    pub fn take_off(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Events) {
        let label = self.orders[slot].label;
        let left = match label.standing() {
            Standing::Limit => self.unrest(slot, label, size),
            _ => {
                let left = self.orders[slot].remaining() - size;
                self.orders[slot].set_remaining(left);
                left
            }
        };
        self.note_cancelled(slot, size, reason, events);
        if left == 0 {
            self.retire(slot);
        }
    }

    /// Takes an order of which nothing rests from its owner's resting ones.
    #[inline(always)]
    pub fn retire(&mut self, slot: u32) {
        self.exposure.resting.remove(self.orders, slot);
        if self.orders.ended_unmatched(slot) {
            self.account.orders -= 1;
            self.orders.end(slot);
        } else {
            self.exposure.history.push(self.orders, slot);
        }
    }

    /// Books a fill at a tick with a limit order that is filled, and with its owner.
    #[inline(always)]
    pub fn fill(&mut self, slot: u32, tick: u32, size: Money, paid: Money) {
        let label = self.orders[slot].label;
        self.close_risk(label, size);
        self.add_bet(slot, tick, size, paid);
    }

    /// Books matched stake with an order, its owner's position and what its owner staked.
    #[inline(always)]
    pub fn add_bet(&mut self, slot: u32, tick: u32, size: Money, paid: Money) {
        let order = &mut self.orders[slot];
        order.add_fill(size, paid);
        let label = order.label;
        self.exposure.has_bets = true;
        let key = self.market.key(label.runner(), tick);
        self.exposure.position_mut(key).fill(label.side(), size, paid);
        let risked = match label.side() {
            Side::Back => size,
            Side::Lay => paid - size,
        };
        self.account.stake(risked, self.now_ms);
    }

    /// Sets the hold and returns its growth.
    #[inline(always)]
    pub fn set_hold(&mut self, after: Money, events: &mut Events) -> Money {
        let before = std::mem::replace(&mut self.exposure.hold, after);
        if after != before {
            self.account.held += after - before;
            let &mut Exposure { account, market, .. } = self.exposure;
            events.hold_changed((account, market), (before, after));
        }
        after - before
    }

    /// The end of a command that an order was accepted in.
    #[inline(always)]
    pub fn end_order(&mut self, step: u64) {
        assert!(self.account.available() >= 0, "account {}: an order is not covered", self.exposure.account);
        self.market.change(step);
    }

    /// Brings the hold up to date and returns its growth.
    #[inline(always)]
    pub fn update_hold(&mut self, events: &mut Events) -> Money {
        let after = self.exposure.needed(self.market.field());
        self.set_hold(after, events)
    }
}
