//! An order is accepted: it has an id from here on, and is somewhere until it ends.

use super::checks::{weight, Ticket};
use crate::event::{Accepted, Event};
use crate::exchange::Exchange;
use crate::exposure::Exposure;
use crate::orders::Order;

impl Exchange {
    /// Takes an order in. It is on its owner's list of resting ones, but on no book yet.
    pub(super) fn accept(&mut self, ticket: &Ticket, release_ms: i64, events: &mut Vec<Event>) -> u32 {
        let exposure = self.exposure_of(ticket);
        let id = self.orders.next_id();
        let &Ticket { label, size, risk, strategy, .. } = ticket;
        let order = Order::new(id, exposure, label, strategy, size, self.now_ms);
        let by_liability = order.by_liability();
        let slot = self.orders.insert(order);
        let key = self.markets[ticket.market].key(label.runner(), label.tick());
        let owner = &mut self.exposures[exposure];
        owner.at_work += weight(size, by_liability);
        owner.position_mut(key).open(label.side(), risk);
        owner.resting.push(&mut self.orders, slot);
        let account = &mut self.accounts[ticket.account];
        account.orders += 1;
        account.open_risk += risk;
        events.push(Event::OrderAccepted(Accepted {
            order: id,
            account: ticket.account,
            market: ticket.market,
            runner: ticket.runner_id,
            side: label.side(),
            order_type: label.order_type(),
            persistence: label.persistence(),
            time_in_force: ticket.time_in_force,
            price: label.tick(),
            size,
            min_fill: ticket.min_fill,
            strategy,
            replaces: ticket.replaces,
            release_ms,
        }));
        slot
    }

    #[inline]
    fn exposure_of(&mut self, ticket: &Ticket) -> u32 {
        if let Some(slot) = ticket.exposure {
            return slot;
        }
        let &Ticket { account, market, .. } = ticket;
        let slot = self.exposures.insert(Exposure::new(account, market));
        self.accounts[account].add_exposure(market, slot);
        self.markets[market].exposures.push(slot);
        slot
    }
}
