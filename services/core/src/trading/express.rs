//! The express lane: what most commands ask for, without asking again what is known.
//!
//! Most orders, moves and cancellations come from plain accounts in plain markets, and meet nothing. That an account
//! and a market are plain is looked up once: the exposure then bears a *pass*, good until anything but an order could
//! have changed that. The lane only ever accepts. Whatever is not plain, meets something or would be refused is left to
//! the long way, which gives the same answer and the same events for what the lane takes, only later.

use super::checks::Ticket;
use super::desk::Desk;
use crate::accounts::Account;
use crate::command::{Body, Persistence, Place, Replace, Side, TimeInForce};
use crate::event::{Accepted, CancelReason};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::{risk, Exposure, Field, Position};
use crate::ladder::Ladder;
use crate::markets::{Market, Status};
use crate::money::{Money, LARGEST_STAKE, PENNY};
use crate::orders::{Label, Order, Standing};
use crate::outcome::Outcome;

impl Exchange {
    /// Whether the lane takes a command: then this is its outcome, and otherwise nothing changed.
    #[inline(always)]
    pub(crate) fn express(&mut self, actor: u32, body: &Body, events: &mut Events, outcome: &mut Outcome) -> bool {
        let taken = match body {
            Body::ReplaceOrder(asked) => self.express_replace(actor, asked, events, outcome),
            Body::PlaceOrder(place) => self.express_place(actor, place, events, outcome),
            Body::CancelOrder { market, order, reduction: 0 } => {
                self.express_cancel(actor, (*market, *order), events, outcome)
            }
            _ => None,
        };
        taken.is_some()
    }

    /// Lets the orders of an exposure take the lane from now on, if its account and its market are plain.
    pub(super) fn grant_pass(&mut self, exposure: u32) {
        let exposure = &mut self.exposures[exposure];
        let (account, market) = (&self.accounts[exposure.account], &self.markets[exposure.market]);
        if self.rules >= 2 && !self.markets.suspended && is_plain_account(account) && is_plain_market(market) {
            exposure.pass = self.epoch;
        }
    }

    /// The slot of an actor's own resting limit order in a market, if its exposure has a pass.
    #[inline(always)]
    fn with_pass(&self, actor: u32, (market, order): (u64, u64)) -> Option<u32> {
        let slot = self.orders.find(order)?;
        let order = &self.orders[slot];
        let exposure = &self.exposures[order.exposure];
        let own = exposure.account == actor && u64::from(exposure.market) == market;
        let rests = order.label.standing() == Standing::Limit && order.remaining() != 0;
        (own && rests && exposure.pass == self.epoch).then_some(slot)
    }

    #[inline(always)]
    fn has_room(&self, account: &Account) -> bool {
        account.orders < self.limits.orders_per_account && self.orders.len() < self.limits.orders as usize
    }

    #[inline(always)]
    fn express_replace(
        &mut self,
        actor: u32,
        asked: &Replace,
        events: &mut Events,
        outcome: &mut Outcome,
    ) -> Option<()> {
        let slot = self.with_pass(actor, (asked.market, asked.order))?;
        let room = self.has_room(&self.accounts[actor]);
        let (untouched, step) = (self.orders.is_untouched(slot), self.step);
        if !room || !untouched || asked.market_version != 0 || asked.price > Ladder::Classic.last() {
            return None;
        }
        let mut desk = self.desk(self.orders[slot].exposure);
        let Order { id: before, label, .. } = desk.orders[slot];
        let (size, strategy) = (desk.orders[slot].remaining(), desk.orders[slot].strategy());
        let to = Label::new(asked.price, label.runner(), label.side(), Standing::Limit, label.persistence());
        let runner = desk.runner_where_it_rests(to)?;
        let (freed, risked) = (classic_risk(label, size), classic_risk(to, size));
        let hold = desk.affordable(label, risked - freed)?;
        desk.open(label, risked - freed);
        desk.unrest(slot, label, size);
        let (account, market) = (actor, desk.exposure.market);
        events.cancelled(before, (account, market), size, CancelReason::Replaced);
        let id = desk.renew(slot, to, size);
        events.accepted(accepted(id, (account, market, runner), to, (size, strategy, before)));
        desk.rest(slot, to, size);
        desk.set_hold(hold, events);
        *outcome = desk.outcome(step, Outcome { remaining: size, replaced: size, ..Outcome::done(id) });
        Some(())
    }

    #[inline(always)]
    fn express_place(&mut self, actor: u32, place: &Place, events: &mut Events, outcome: &mut Outcome) -> Option<()> {
        let (account, step) = (self.accounts.find(actor.into())?, self.step);
        let exposure = self.accounts[account].exposure(u32::try_from(place.market).ok()?)?;
        if self.exposures[exposure].pass != self.epoch || !self.has_room(&self.accounts[account]) {
            return None;
        }
        let (id, time_in_force) = (self.orders.next_id(), place.time_in_force_of_a_plain_one()?);
        let mut desk = self.desk(exposure);
        let (runner, ticket) = desk.ticket(exposure, place, time_in_force)?;
        let hold = desk.affordable(ticket.label, ticket.risk)?;
        if desk.may_meet(&ticket) {
            return desk.meets_no_own(&ticket).then(|| self.enter_plain(exposure, &ticket, hold, events, outcome));
        }
        let &Ticket { market, label, size, risk, strategy, .. } = &ticket;
        events.accepted(accepted(id, (account, market, runner), label, (size, strategy, 0)));
        let order = Order::new(id, exposure, label, strategy, size, desk.now_ms);
        let slot = desk.accept(order, risk);
        desk.rest(slot, label, size);
        desk.set_hold(hold, events);
        *outcome = desk.outcome(step, Outcome { remaining: size, ..Outcome::done(id) });
        Some(())
    }

    #[inline(never)]
    fn enter_plain(&mut self, exposure: u32, ticket: &Ticket, hold: Money, events: &mut Events, outcome: &mut Outcome) {
        *outcome = self.enter(exposure, ticket, hold, events);
        let account = &self.accounts[ticket.account];
        (outcome.balance, outcome.available) = (account.wallet, account.available());
    }

    #[inline(always)]
    fn express_cancel(
        &mut self,
        actor: u32,
        named: (u64, u64),
        events: &mut Events,
        outcome: &mut Outcome,
    ) -> Option<()> {
        let slot = self.with_pass(actor, named)?;
        let step = self.step;
        let mut desk = self.desk(self.orders[slot].exposure);
        let cancelled = desk.orders[slot].remaining();
        desk.take_off(slot, cancelled, CancelReason::Requested, events);
        desk.update_hold(events);
        *outcome = desk.outcome(step, Outcome { cancelled, ..Outcome::done(named.1) });
        Some(())
    }
}

impl Desk<'_> {
    /// An order that would be accepted if its owner can bear it, with its runner's id.
    #[inline(always)]
    fn ticket(&self, exposure: u32, place: &Place, time_in_force: TimeInForce) -> Option<(u64, Ticket)> {
        let (size, strategy) = (place.size, u16::try_from(place.strategy).ok()?);
        let fits = size >= self.market.minimum_stake && size <= LARGEST_STAKE - self.exposure.at_work;
        if !fits || size % PENNY != 0 || place.price > Ladder::Classic.last() {
            return None;
        }
        let (runner, side) = (self.market.active_runner(place.runner).ok()?, Side::of(place.side)?);
        let label = Label::new(place.price, runner, side, Standing::Limit, Persistence::Lapse);
        let &Exposure { account, market, .. } = &*self.exposure;
        let ticket = Ticket {
            account,
            market,
            exposure: Some(exposure),
            runner_id: place.runner,
            label,
            size,
            risk: classic_risk(label, size),
            time_in_force,
            min_fill: 0,
            strategy,
            replaces: 0,
        };
        Some((place.runner, ticket))
    }

    /// Whether anything but resting can come of an order.
    #[inline(always)]
    fn may_meet(&self, ticket: &Ticket) -> bool {
        let (label, at_once) = (ticket.label, ticket.time_in_force != TimeInForce::Day);
        let Some(book) = self.market.book(label.runner()) else { return true };
        at_once || book.half(label.side().other()).best_within(label.tick()).is_some()
    }

    /// Whether its owner has nothing on the other side of its runner.
    #[inline(always)]
    fn meets_no_own(&self, ticket: &Ticket) -> bool {
        let Some(position) = self.exposure.position(ticket.label.runner().into()) else { return true };
        let against = match ticket.label.side() {
            Side::Back => position.open_lays,
            Side::Lay => position.open_backs,
        };
        against == 0
    }

    /// The id of an order's runner, if the order meets nothing at its limit.
    #[inline(always)]
    fn runner_where_it_rests(&self, label: Label) -> Option<u64> {
        let runner = &self.market.runners[usize::from(label.runner())];
        let met = runner.book.as_deref()?.half(label.side().other()).best_within(label.tick());
        met.is_none().then_some(runner.id)
    }

    /// The hold that is needed with so much more at risk, if the account can bear it.
    #[inline(always)]
    fn affordable(&mut self, label: Label, more: Money) -> Option<Money> {
        let mut change = Position::at(label.runner().into());
        change.open(label.side(), more);
        let hold = self.exposure.needed_with(&change, self.market.field());
        (hold - self.exposure.hold <= self.account.available()).then_some(hold)
    }

    #[inline(always)]
    fn outcome(&mut self, step: u64, done: Outcome) -> Outcome {
        self.end_order(step);
        Outcome { balance: self.account.wallet, available: self.account.available(), ..done }
    }
}

#[inline(always)]
fn classic_risk(label: Label, size: Money) -> Money {
    risk(label.side(), size, Ladder::Classic.price(label.tick()))
}

#[inline(always)]
fn accepted(
    id: u64,
    (account, market, runner): (u32, u32, u64),
    label: Label,
    (size, strategy, replaces): (Money, u16, u64),
) -> Accepted {
    Accepted {
        order: id,
        account,
        market,
        runner,
        side: label.side(),
        order_type: label.order_type(),
        persistence: label.persistence(),
        time_in_force: TimeInForce::Day,
        price: label.tick(),
        size,
        min_fill: 0,
        strategy,
        replaces,
        release_ms: 0,
    }
}

/// Verified, bound by nothing but its money, and owing nothing.
fn is_plain_account(account: &Account) -> bool {
    account.verified && !account.is_bounded() && account.shortfall() == 0
}

/// Open, with one winner and classic prices, and nothing that delays or crosses orders.
fn is_plain_market(market: &Market) -> bool {
    let runners = market.runners.iter().all(|runner| !runner.voided && !runner.suspended);
    let kind = matches!(market.field(), Field::One { .. }) && market.ladder() == Ladder::Classic;
    let at_once = !market.in_play || market.rules.in_play_delay_ms == 0;
    market.status == Status::Open && runners && kind && at_once && !market.rules.cross_matching
}
