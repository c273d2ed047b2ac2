//! Orders are replaced: what is left of one goes to another price, as a new order.

use super::checks::{check_increase, check_not_suspended, check_price, check_stake, check_version, Ticket};
use super::desk::Desk;
use crate::command::{OrderType, Replace, TimeInForce};
use crate::event::CancelReason;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::{risk, Position};
use crate::money::Money;
use crate::orders::{Label, Standing};
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Takes what is left of a limit order to another price, as a new order: both or neither.
    pub(crate) fn replace(&mut self, id: u32, asked: &Replace, events: &mut Events) -> Result<Outcome, Refusal> {
        let (old, ticket) = self.check_replace(id, asked)?;
        self.check_overlap(&ticket)?;
        self.check_room(&ticket)?;
        let exposure = self.orders[old].exposure;
        let mut desk = self.desk(exposure);
        let hold = desk.check_funds_replaced(old, &ticket)?;
        let replaced = ticket.size;
        desk.take_off(old, replaced, CancelReason::Replaced, events);
        self.grant_pass(exposure);
        let outcome = self.enter(exposure, &ticket, hold, events);
        Ok(Outcome { replaced, ..outcome })
    }

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
            strategy: order.strategy(),
            replaces: order.id,
        };
        Ok((old, ticket))
    }
}

impl Desk<'_> {
    /// As for a placed order, but with the order gone whose place it takes.
    fn check_funds_replaced(&mut self, old: u32, ticket: &Ticket) -> Result<Money, Refusal> {
        let (label, to) = (self.orders[old].label, ticket.label);
        let freed = risk(label.side(), ticket.size, self.market.ladder().price(label.tick()));
        check_stake(self.account, ticket.risk - freed, self.now_ms)?;
        let (field, side) = (self.market.field(), label.side());
        let (from, to) = (self.market.key(label.runner(), label.tick()), self.market.key(to.runner(), to.tick()));
        let mut change = Position::at(to);
        change.open(side, ticket.risk);
        let hold = if from == to {
            change.open(side, -freed);
            self.exposure.needed_with(&change, field)
        } else {
            self.exposure.position_mut(from).open(side, -freed);
            let needed = self.exposure.needed_with(&change, field);
            self.exposure.position_mut(from).open(side, freed);
            needed
        };
        check_increase(self.account, hold - self.exposure.hold, self.now_ms)?;
        Ok(hold)
    }
}
