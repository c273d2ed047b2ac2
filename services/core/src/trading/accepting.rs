//! An order is accepted: it has an id from here on, and is somewhere until it ends.

use super::checks::Ticket;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::Exposure;
use crate::orders::Order;

impl Exchange {
    /// Takes an order in. It is on its owner's list of resting ones, but on no book yet.
    pub(super) fn accept(&mut self, exposure: u32, ticket: &Ticket, release_ms: i64, events: &mut Events) -> u32 {
        let id = self.orders.next_id();
        let &Ticket { label, size, risk, strategy, .. } = ticket;
        let order = Order::new(id, exposure, label, strategy, size, self.now_ms);
        events.accepted(ticket.accepted(id, release_ms));
        self.desk(exposure).accept(order, risk)
    }

    /// Begins the exposure of an account in a market in which it has ordered nothing yet.
    pub(super) fn begin_exposure(&mut self, account: u32, market: u32) -> u32 {
        let slot = self.exposures.insert(Exposure::new(account, market));
        self.accounts[account].add_exposure(market, slot);
        self.markets[market].exposures.push(slot);
        slot
    }
}
