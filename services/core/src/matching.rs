//! Orders: placed, matched by price and then time at the resting order's price, cancelled.

use crate::command::{Place, Side};
use crate::event::{CancelReason, Event, Fill};
use crate::exchange::Exchange;
use crate::exposure::{Exposure, Position};
use crate::ladder::LAST_TICK;
use crate::markets::Market;
use crate::money::{payout, Money, LARGEST_STAKE, PENNY};
use crate::orders::Order;
use crate::outcome::{Code, Outcome, Refusal};

/// An order whose every part has been checked but what it costs.
struct Ticket {
    account: u32,
    market: u32,
    runner: u16,
    side: Side,
    tick: u16,
    size: Money,
}

impl Exchange {
    /// Places a limit order: what can be matched is, and the rest rests.
    ///
    /// It is accepted if the account can hold what the market would need with all of it resting at its limit. A fill
    /// at that price or a better one never needs more.
    pub(crate) fn place(&mut self, id: u32, place: &Place, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let ticket = self.check_order(id, place)?;
        self.check_room(&ticket)?;
        let hold = self.check_funds(&ticket)?;
        let exposure = self.exposure_of(&ticket);
        let slot = self.accept(exposure, &ticket, place.runner, events);
        let meets_own = self.fill(slot, place, events);
        let cancelled = if meets_own { self.orders[slot].remaining } else { 0 };
        let order = &mut self.orders[slot];
        let (order_id, matched, matched_payout) = (order.id, order.matched, order.payout);
        order.remaining -= cancelled;
        let remaining = order.remaining;
        if cancelled > 0 {
            self.note_cancelled(slot, cancelled, CancelReason::OwnOrder, events);
        }
        if remaining > 0 {
            let market = &mut self.markets[ticket.market];
            market.book_mut(ticket.runner).half_mut(ticket.side).rest(&mut self.orders, slot);
            self.exposures[exposure].resting.push(&mut self.orders, slot);
        } else {
            self.retire(slot);
        }
        if remaining == ticket.size {
            self.set_hold(exposure, hold, events);
        } else {
            self.update_hold(exposure, events);
        }
        assert!(self.accounts[id].available() >= 0, "account {id}: an accepted order is not covered");
        self.markets[ticket.market].version += 1;
        Ok(Outcome { matched, matched_payout, remaining, cancelled, ..Outcome::done(order_id) })
    }

    /// Cancels what is left of an order, or part of it; the rest keeps its place. A suspended market allows it.
    pub(crate) fn cancel(
        &mut self,
        id: u32,
        market: u64,
        order: u64,
        reduction: Money,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, Refusal> {
        let market = self.markets.not_closed(market)?;
        let unknown = Refusal::of(Code::OrderUnknown, order);
        let slot = self.orders.find(order).ok_or(unknown)?;
        let exposure = self.orders[slot].exposure;
        if self.exposures[exposure].account != id || self.exposures[exposure].market != market {
            return Err(unknown);
        }
        if reduction < 0 || reduction % PENNY != 0 {
            return Err(Refusal::new(Code::SizeInvalid, reduction, if reduction < 0 { 0 } else { PENNY }));
        }
        let left = self.orders[slot].remaining;
        if left == 0 {
            return Err(Refusal::of(Code::OrderComplete, order));
        }
        let cancelled = if reduction == 0 { left } else { reduction.min(left) };
        self.take_off(slot, cancelled, CancelReason::Requested, events);
        self.update_hold(exposure, events);
        self.markets[market].version += 1;
        Ok(Outcome { cancelled, remaining: left - cancelled, ..Outcome::done(order) })
    }

    /// Takes stake of a resting order off the book. The hold is the caller's matter.
    pub(crate) fn take_off(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Vec<Event>) {
        let Order { exposure, runner, side, .. } = self.orders[slot];
        let market = &mut self.markets[self.exposures[exposure].market];
        market.book_mut(runner).half_mut(side).reduce(&mut self.orders, slot, size);
        self.note_cancelled(slot, size, reason, events);
        self.retire_if_complete(slot);
    }

    /// Brings the hold of an exposure up to date and returns its growth.
    pub(crate) fn update_hold(&mut self, slot: u32, events: &mut Vec<Event>) -> Money {
        let exposure = &self.exposures[slot];
        let after = exposure.needed(self.markets[exposure.market].field());
        self.set_hold(slot, after, events)
    }

    fn set_hold(&mut self, slot: u32, after: Money, events: &mut Vec<Event>) -> Money {
        let exposure = &mut self.exposures[slot];
        let before = std::mem::replace(&mut exposure.hold, after);
        if after != before {
            self.accounts.change_hold(exposure.account, before, after);
            let (account, market) = (exposure.account.into(), exposure.market.into());
            events.push(Event::HoldChanged { account, market, before, after });
        }
        after - before
    }

    fn check_order(&self, id: u32, place: &Place) -> Result<Ticket, Refusal> {
        self.require_verified(id)?;
        let shortfall = self.accounts[id].shortfall();
        if shortfall > 0 {
            return Err(Refusal::new(Code::AccountBlocked, 0, shortfall));
        }
        let market = self.markets.taking_orders(place.market)?;
        let terms = &self.markets[market];
        let runner = terms.active_runner(place.runner)?;
        let side = match place.side {
            1 => Side::Back,
            2 => Side::Lay,
            other => return Err(Refusal::new(Code::SideInvalid, other.into(), 0)),
        };
        if place.price > u32::from(LAST_TICK) {
            return Err(Refusal::new(Code::PriceInvalid, place.price.into(), LAST_TICK.into()));
        }
        check_size(place.size, terms)?;
        Ok(Ticket { account: id, market, runner, side, tick: place.price as u16, size: place.size })
    }

    fn check_room(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let account = &self.accounts[ticket.account];
        let exposure = account.exposure(ticket.market);
        let at_work = exposure.map_or(0, |slot| self.exposures[slot].at_work);
        let exposures = self.exposures.len() as i64 + i64::from(exposure.is_none());
        let bounds = [
            (at_work + ticket.size, LARGEST_STAKE),
            (i64::from(account.orders) + 1, self.limits.orders_per_account.into()),
            (self.orders.len() as i64 + 1, self.limits.orders.into()),
            (exposures, self.limits.exposures.into()),
        ];
        match bounds.into_iter().find(|(would_be, most)| would_be > most) {
            Some((would_be, most)) => Err(Refusal::capacity(would_be, most)),
            None => Ok(()),
        }
    }

    /// The hold that the market needs with the whole order resting, if the account can bear it.
    fn check_funds(&self, ticket: &Ticket) -> Result<Money, Refusal> {
        let account = &self.accounts[ticket.account];
        let order = Position::of_order(ticket.runner, ticket.side, ticket.tick, ticket.size);
        let field = self.markets[ticket.market].field();
        let (before, after) = match account.exposure(ticket.market).map(|slot| &self.exposures[slot]) {
            Some(exposure) => (exposure.hold, exposure.needed_with(&order, field)),
            None => (0, crate::exposure::hold(std::iter::once(order), field)),
        };
        let increase = after - before;
        if increase > account.available() {
            return Err(Refusal::new(Code::InsufficientFunds, increase, account.available()));
        }
        Ok(after)
    }

    fn exposure_of(&mut self, ticket: &Ticket) -> u32 {
        let &Ticket { account, market, .. } = ticket;
        if let Some(slot) = self.accounts[account].exposure(market) {
            return slot;
        }
        let slot = self.exposures.insert(Exposure::new(account, market));
        self.accounts[account].add_exposure(market, slot);
        self.markets[market].exposures.push(slot);
        slot
    }

    fn accept(&mut self, exposure: u32, ticket: &Ticket, runner_id: u64, events: &mut Vec<Event>) -> u32 {
        let &Ticket { account, market, runner, side, tick, size } = ticket;
        let id = self.orders.next_id();
        let slot = self.orders.insert(Order {
            id,
            exposure,
            runner,
            tick,
            side,
            size,
            matched: 0,
            payout: 0,
            remaining: size,
            cancelled: 0,
            voided: 0,
            placed_ms: self.now_ms,
            links: Default::default(),
        });
        let owner = &mut self.exposures[exposure];
        owner.at_work += size;
        owner.position_mut(runner).open(side, tick, size);
        self.accounts[account].orders += 1;
        let (account, market) = (account.into(), market.into());
        events.push(Event::OrderAccepted { order: id, account, market, runner: runner_id, side, price: tick, size });
        slot
    }

    /// Matches an accepted order. Returns whether it stopped at an order of the same account.
    fn fill(&mut self, incoming: u32, place: &Place, events: &mut Vec<Event>) -> bool {
        let Order { id, exposure, runner, tick: limit, side, mut remaining, .. } = self.orders[incoming];
        let (market, account) = (self.exposures[exposure].market, self.exposures[exposure].account);
        while remaining > 0 {
            let half = self.markets[market].book_mut(runner).half(side.other());
            let Some(tick) = half.best_within(limit) else {
                return false;
            };
            let resting = half.level(tick).queue.head;
            let owner = self.orders[resting].exposure;
            if owner == exposure {
                return true;
            }
            let size = remaining.min(self.orders[resting].remaining);
            remaining -= size;
            events.push(Event::Matched(Fill {
                market: place.market,
                runner: place.runner,
                price: tick,
                size,
                resting_order: self.orders[resting].id,
                resting_account: self.exposures[owner].account.into(),
                incoming_order: id,
                incoming_account: account.into(),
                incoming_side: side,
            }));
            let book = self.markets[market].book_mut(runner);
            book.trade(tick, size);
            book.half_mut(side.other()).reduce(&mut self.orders, resting, size);
            self.orders[incoming].remaining = remaining;
            self.book_fill(resting, tick, size);
            self.book_fill(incoming, tick, size);
            self.retire_if_complete(resting);
            let growth = self.update_hold(owner, events);
            assert!(growth <= 0, "order {id}: a fill raised the hold of the order that it met");
        }
        false
    }

    /// Books a fill with the order that was filled and with its owner's position.
    fn book_fill(&mut self, slot: u32, price: u16, size: Money) {
        let order = &mut self.orders[slot];
        order.matched += size;
        order.payout += payout(size, price);
        let exposure = &mut self.exposures[order.exposure];
        exposure.has_bets = true;
        exposure.position_mut(order.runner).fill(order.side, order.tick, price, size);
    }

    /// Books stake that is off the book, unmatched.
    fn note_cancelled(&mut self, slot: u32, size: Money, reason: CancelReason, events: &mut Vec<Event>) {
        let order = &mut self.orders[slot];
        order.cancelled += size;
        let exposure = &mut self.exposures[order.exposure];
        exposure.at_work -= size;
        exposure.position_mut(order.runner).open(order.side, order.tick, -size);
        let (account, market) = (exposure.account.into(), exposure.market.into());
        events.push(Event::OrderCancelled { order: order.id, account, market, size, reason });
    }

    /// Takes an order that has left the book from its owner's resting ones.
    fn retire_if_complete(&mut self, slot: u32) {
        if self.orders[slot].remaining == 0 {
            let exposure = self.orders[slot].exposure;
            self.exposures[exposure].resting.remove(&mut self.orders, slot);
            self.retire(slot);
        }
    }

    /// Puts away an order of which nothing rests.
    fn retire(&mut self, slot: u32) {
        let order = &self.orders[slot];
        let exposure = &mut self.exposures[order.exposure];
        if order.ended_unmatched() {
            self.accounts[exposure.account].orders -= 1;
            self.orders.end(slot, self.limits.ended_orders);
        } else {
            exposure.history.push(slot);
        }
    }
}

fn check_size(size: Money, terms: &Market) -> Result<(), Refusal> {
    let bound = if size < terms.minimum_stake {
        terms.minimum_stake
    } else if size % PENNY != 0 {
        PENNY
    } else if size > LARGEST_STAKE {
        LARGEST_STAKE
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::SizeInvalid, size, bound))
}
