//! Orders are placed and released.

use super::checks::Ticket;
use crate::command::{Place, TimeInForce};
use crate::event::Event;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::money::Money;
use crate::orders::Order;
use crate::outcome::{Outcome, Refusal};

impl Exchange {
    /// Places an order: what can be matched is, and the rest rests, is held, or waits for the starting price.
    ///
    /// It is accepted if the account can hold what the market would need with all of it resting at its limit. A fill
    /// at that price or a better one never needs more.
    pub(crate) fn place(&mut self, id: u32, place: &Place, events: &mut Events) -> Result<Outcome, Refusal> {
        let ticket = self.check_order(id, place)?;
        self.check_overlap(&ticket)?;
        self.check_room(&ticket)?;
        let (exposure, hold) = match ticket.exposure {
            Some(exposure) => (exposure, self.desk(exposure).check_funds(&ticket)?),
            None => self.check_first_funds(&ticket)?,
        };
        self.grant_pass(exposure);
        Ok(self.enter(exposure, &ticket, hold, events))
    }

    /// What becomes of an order whose every check has passed; `hold`: what is needed with all of it resting.
    pub(super) fn enter(&mut self, exposure: u32, ticket: &Ticket, hold: Money, events: &mut Events) -> Outcome {
        let (release_ms, step) = (self.release_of(ticket), self.step);
        let slot = self.accept(exposure, ticket, release_ms, events);
        let id = self.orders[slot].id;
        let mut done = Outcome { remaining: ticket.size, ..Outcome::default() };
        if release_ms != 0 {
            self.delay(slot, ticket, release_ms);
        } else if !ticket.label.on_close() {
            done = self.match_order(slot, ticket.time_in_force, ticket.min_fill, events);
        }
        let mut desk = self.desk(exposure);
        if done.remaining == ticket.size {
            desk.set_hold(hold, events);
        } else {
            desk.update_hold(events);
        }
        desk.end_order(step);
        Outcome { id, ..done }
    }

    /// When an order is released that the in-play delay holds; 0: it is not held.
    fn release_of(&self, ticket: &Ticket) -> i64 {
        let terms = &self.markets[ticket.market];
        if !terms.in_play || terms.rules.in_play_delay_ms == 0 || ticket.label.on_close() {
            return 0;
        }
        let at_once = ticket.time_in_force != TimeInForce::Day || self.would_fill(ticket);
        if terms.rules.passive_delay && !at_once {
            return 0;
        }
        self.now_ms + i64::from(terms.rules.in_play_delay_ms)
    }

    /// Whether an order would be matched at once.
    fn would_fill(&self, ticket: &Ticket) -> bool {
        let (terms, label) = (&self.markets[ticket.market], ticket.label);
        let direct = terms.book(label.runner()).and_then(|book| {
            let half = book.half(label.side().other());
            half.best_within(label.tick())
        });
        direct.is_some() || self.cross(ticket.market, label, ticket.size).is_some()
    }

    /// A held order's delay is over: it is matched at what stands now.
    pub(crate) fn release(&mut self, slot: u32, events: &mut Events) {
        let held = self.orders.let_go(slot);
        let Order { id: order, exposure, .. } = self.orders[slot];
        let (account, market) = (self.exposures[exposure].account, self.exposures[exposure].market);
        events.push(Event::OrderReleased { order, account, market });
        self.match_order(slot, held.time_in_force, held.min_fill, events);
        self.update_hold(exposure, events);
        self.markets[market].change(self.step);
    }
}
