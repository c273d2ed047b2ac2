//! Orders are placed, replaced and released.

use super::checks::{check_increase, check_not_suspended, check_price, check_version, Ticket};
use crate::command::{LimitKind, OrderType, Place, Replace, TimeInForce};
use crate::event::{CancelReason, Event};
use crate::exchange::Exchange;
use crate::exposure::{risk, Position};
use crate::money::Money;
use crate::orders::{Label, Order, Standing};
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Places an order: what can be matched is, and the rest rests, is held, or waits for the starting price.
    ///
    /// It is accepted if the account can hold what the market would need with all of it resting at its limit. A fill
    /// at that price or a better one never needs more.
    #[inline]
    pub(crate) fn place(&mut self, id: u32, place: &Place, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let ticket = self.check_order(id, place)?;
        self.check_overlap(&ticket)?;
        self.check_room(&ticket)?;
        let hold = self.check_funds(&ticket)?;
        Ok(self.enter(&ticket, hold, events))
    }

    /// Takes what is left of a limit order to another price, as a new order: both or neither.
    #[inline]
    pub(crate) fn replace(&mut self, id: u32, asked: &Replace, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let (old, ticket) = self.check_replace(id, asked)?;
        self.check_overlap(&ticket)?;
        self.check_room(&ticket)?;
        let hold = self.check_funds_replaced(old, &ticket)?;
        let replaced = ticket.size;
        self.take_off(old, replaced, CancelReason::Replaced, events);
        let outcome = self.enter(&ticket, hold, events);
        Ok(Outcome { replaced, ..outcome })
    }

    /// What becomes of an order whose every check has passed; `hold`: what is needed with all of it resting.
    #[inline]
    fn enter(&mut self, ticket: &Ticket, hold: Money, events: &mut Vec<Event>) -> Outcome {
        let release_ms = self.release_of(ticket);
        let slot = self.accept(ticket, release_ms, events);
        let exposure = self.orders[slot].exposure;
        if release_ms != 0 {
            self.delay(slot, ticket, release_ms);
        }
        if release_ms == 0 && !ticket.label.on_close() {
            let order_id = self.orders[slot].id;
            let done = self.match_order(slot, ticket.time_in_force, ticket.min_fill, events);
            if done.remaining == ticket.size {
                self.set_hold(exposure, hold, events);
            } else {
                self.update_hold(exposure, events);
            }
            self.assert_covered(ticket.account);
            self.markets[ticket.market].change(self.step);
            return Outcome { id: order_id, ..done };
        }
        self.set_hold(exposure, hold, events);
        self.assert_covered(ticket.account);
        self.markets[ticket.market].change(self.step);
        Outcome { remaining: ticket.size, ..Outcome::done(self.orders[slot].id) }
    }

    #[inline]
    fn assert_covered(&self, account: u32) {
        assert!(self.accounts[account].available() >= 0, "account {account}: an accepted order is not covered");
    }

    /// When an order is released that the in-play delay holds; 0: it is not held.
    #[inline]
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
    pub(crate) fn release(&mut self, slot: u32, events: &mut Vec<Event>) {
        let held = self.orders.let_go(slot);
        let Order { id: order, exposure, .. } = self.orders[slot];
        let (account, market) = (self.exposures[exposure].account, self.exposures[exposure].market);
        events.push(Event::OrderReleased { order, account, market });
        self.match_order(slot, held.time_in_force, held.min_fill, events);
        self.update_hold(exposure, events);
        self.markets[market].change(self.step);
    }

    #[inline]
    fn check_replace(&self, id: u32, asked: &Replace) -> Result<(u32, Ticket), Refusal> {
        self.check_bettor(id)?;
        let market = self.markets.taking_orders(asked.market)?;
        let terms = &self.markets[market];
        check_version(asked.market_version, terms)?;
        let old = self.own_resting(id, market, asked.order)?;
        let order = &self.orders[old];
        let label = order.label;
        if label.on_close() {
            return Err(Refusal::new(Code::OrderTypeInvalid, label.order_type() as i64, 0));
        }
        self.check_not_held(old)?;
        check_not_suspended(terms, label.runner())?;
        check_price(asked.price, OrderType::Limit, terms.ladder())?;
        let size = order.remaining();
        let ticket = Ticket {
            account: id,
            market,
            exposure: Some(order.exposure),
            runner_id: terms.runners[usize::from(label.runner())].id,
            label: Label::new(asked.price, label.runner(), label.side(), Standing::Limit, label.persistence()),
            size,
            risk: risk(label.side(), size, terms.ladder().price(asked.price)),
            time_in_force: TimeInForce::Day,
            min_fill: 0,
            strategy: order.strategy,
            replaces: order.id,
        };
        Ok((old, ticket))
    }

    /// As for a placed order, but with the order gone whose place it takes.
    #[inline]
    fn check_funds_replaced(&mut self, old: u32, ticket: &Ticket) -> Result<Money, Refusal> {
        let (terms, label) = (&self.markets[ticket.market], self.orders[old].label);
        let slot = self.orders[old].exposure;
        let before = risk(label.side(), ticket.size, terms.ladder().price(label.tick()));
        let account = &self.accounts[ticket.account];
        if ticket.risk > before && account.is_bounded() {
            account.check_limits(LimitKind::Stake, ticket.risk - before, self.now_ms)?;
        }
        let field = terms.field();
        let (from, to) = (terms.key(label.runner(), label.tick()), terms.key(label.runner(), ticket.label.tick()));
        let mut change = Position::at(to);
        change.open(label.side(), ticket.risk);
        let exposure = &mut self.exposures[slot];
        let after = if from == to {
            change.open(label.side(), -before);
            exposure.needed_with(&change, field)
        } else {
            exposure.position_mut(from).open(label.side(), -before);
            let needed = exposure.needed_with(&change, field);
            exposure.position_mut(from).open(label.side(), before);
            needed
        };
        check_increase(&self.accounts[ticket.account], after - self.exposures[slot].hold, self.now_ms)?;
        Ok(after)
    }
}
