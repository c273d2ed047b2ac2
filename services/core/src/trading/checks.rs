//! What is checked of an order before it is accepted, in the published order.

use super::desk::Desk;
use crate::accounts::Account;
use crate::command::{LimitKind, OrderType, Persistence, Place, SelfMatch, Side, TimeInForce};
use crate::event::Accepted;
use crate::exchange::Exchange;
use crate::exposure::{hold, risk, Position};
use crate::ladder::Ladder;
use crate::markets::Market;
use crate::money::{Money, LARGEST_CLOSING_LIABILITY, LARGEST_STAKE, PENNY, STAKE_AT_LOWEST};
use crate::orders::{Label, Standing};
use crate::outcome::{Code, Refusal};

/// An order of which every part has been checked but what it costs.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub account: u32,
    pub market: u32,
    /// The slot of the account's exposure in the market, if it has one yet.
    pub exposure: Option<u32>,
    pub runner_id: u64,
    pub label: Label,
    pub size: Money,
    /// What it risks while it rests.
    pub risk: Money,
    pub time_in_force: TimeInForce,
    pub min_fill: Money,
    pub strategy: u16,
    /// The order whose place it takes.
    pub replaces: u64,
}

impl Ticket {
    /// What is told of the order once it has an id.
    #[inline]
    pub fn accepted(&self, id: u64, release_ms: i64) -> Accepted {
        let &Self { account, market, runner_id, label, size, time_in_force, min_fill, strategy, replaces, .. } = self;
        Accepted {
            order: id,
            account,
            market,
            runner: runner_id,
            side: label.side(),
            order_type: label.order_type(),
            persistence: label.persistence(),
            time_in_force,
            price: label.tick(),
            size,
            min_fill,
            strategy,
            replaces,
            release_ms,
        }
    }

    /// The position that consists of it alone.
    pub fn position(&self, market: &Market) -> Position {
        let mut position = Position::at(market.key(self.label.runner(), self.label.tick()));
        position.open(self.label.side(), self.risk);
        position
    }
}

/// The stake that a resting size may come to at most: what counts as at work.
#[inline]
pub(super) fn weight(size: Money, by_liability: bool) -> Money {
    if by_liability {
        size * STAKE_AT_LOWEST
    } else {
        size
    }
}

impl Exchange {
    /// Refuses an account that may not bet at all.
    #[inline]
    pub(super) fn check_bettor(&self, id: u32) -> Result<(), Refusal> {
        let account = &self.accounts[id];
        if !account.verified {
            return Err(Refusal::of(Code::AccountNotVerified, id.into()));
        }
        account.check_protection(id, self.now_ms)?;
        let shortfall = account.shortfall();
        if shortfall > 0 {
            return Err(Refusal::new(Code::AccountBlocked, 0, shortfall));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn check_order(&self, id: u32, place: &Place) -> Result<Ticket, Refusal> {
        self.check_bettor(id)?;
        let market = self.markets.taking_orders(place.market)?;
        let terms = &self.markets[market];
        let account = &self.accounts[id];
        if account.book != terms.book {
            let currency = |book: u8| i64::from(self.accounts.books()[usize::from(book)].currency);
            return Err(Refusal::new(Code::CurrencyMismatch, currency(account.book), currency(terms.book)));
        }
        check_version(place.market_version, terms)?;
        let runner = terms.active_runner(place.runner)?;
        check_not_suspended(terms, runner)?;
        let side = Side::of(place.side).ok_or(Refusal::new(Code::SideInvalid, place.side.into(), 0))?;
        let (order_type, persistence, time_in_force) = check_kinds(place, terms)?;
        check_price(place.price, order_type, terms.ladder())?;
        check_size(place.size, order_type != OrderType::Limit && side == Side::Lay, terms)?;
        check_min_fill(place, time_in_force)?;
        Refusal::unless_within(place.strategy.into(), u16::MAX.into())?;
        let standing = match order_type {
            OrderType::Limit => Standing::Limit,
            OrderType::LimitOnClose => Standing::LimitOnClose,
            OrderType::MarketOnClose => Standing::MarketOnClose,
        };
        let risk = match standing {
            Standing::Limit => risk(side, place.size, terms.ladder().price(place.price)),
            _ => place.size,
        };
        Ok(Ticket {
            account: id,
            market,
            exposure: account.exposure(market),
            runner_id: place.runner,
            label: Label::new(place.price, runner, side, standing, persistence),
            size: place.size,
            risk,
            time_in_force,
            min_fill: place.min_fill,
            strategy: place.strategy as u16,
            replaces: 0,
        })
    }

    /// Refuses a limit order that overlaps with an own one on the book, where the market wants that refused.
    #[inline]
    pub(super) fn check_overlap(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let terms = &self.markets[ticket.market];
        if terms.rules.self_match != SelfMatch::Reject || ticket.label.on_close() {
            return Ok(());
        }
        let (Some(exposure), Some(book)) = (ticket.exposure, terms.book(ticket.label.runner())) else {
            return Ok(());
        };
        let (runner, side) = (ticket.label.runner(), ticket.label.side().other());
        if book.half(side).best_within(ticket.label.tick()).is_none() {
            return Ok(());
        }
        let meets = |slot: &u32| {
            let label = self.orders[*slot].label;
            (label.runner(), label.side(), label.standing()) == (runner, side, Standing::Limit)
                && book.half(side).is_within(label.tick(), ticket.label.tick())
                && self.orders[*slot].id != ticket.replaces
        };
        let met = self.exposures[exposure].resting.slots(&self.orders).find(meets);
        met.map_or(Ok(()), |slot| Err(Refusal::of(Code::OrdersOverlap, self.orders[slot].id)))
    }

    /// Refuses one more order that would pass a bound.
    #[inline]
    pub(super) fn check_room(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let account = &self.accounts[ticket.account];
        if ticket.replaces == 0 {
            let at_work = ticket.exposure.map_or(0, |slot| self.exposures[slot].at_work);
            let by_liability = ticket.label.on_close() && ticket.label.side() == Side::Lay;
            Refusal::unless_within(at_work + weight(ticket.size, by_liability), LARGEST_STAKE)?;
        }
        Refusal::unless_within(i64::from(account.orders) + 1, self.limits.orders_per_account.into())?;
        Refusal::unless_within(self.orders.len() as i64 + 1, self.limits.orders.into())?;
        if ticket.exposure.is_none() {
            Refusal::unless_within(self.exposures.len() as i64 + 1, self.limits.exposures.into())?;
        }
        Ok(())
    }

    /// [`Desk::check_funds`] for an account's first order in a market; then its exposure is begun.
    #[inline(never)]
    pub(super) fn check_first_funds(&mut self, ticket: &Ticket) -> Result<(u32, Money), Refusal> {
        let (account, terms) = (&self.accounts[ticket.account], &self.markets[ticket.market]);
        check_stake(account, ticket.risk, self.now_ms)?;
        let hold = hold(&[ticket.position(terms)], terms.field());
        check_increase(account, hold, self.now_ms)?;
        Ok((self.begin_exposure(ticket.account, ticket.market), hold))
    }
}

impl Desk<'_> {
    /// The hold that the market needs with the whole order resting, if the account can bear it.
    #[inline]
    pub(super) fn check_funds(&mut self, ticket: &Ticket) -> Result<Money, Refusal> {
        check_stake(self.account, ticket.risk, self.now_ms)?;
        let order = ticket.position(self.market);
        let hold = self.exposure.needed_with(&order, self.market.field());
        check_increase(self.account, hold - self.exposure.hold, self.now_ms)?;
        Ok(hold)
    }
}

/// Refuses what would take an account above a limit of its stakes.
#[inline]
pub(super) fn check_stake(account: &Account, risk: Money, now_ms: i64) -> Result<(), Refusal> {
    if risk > 0 && account.is_bounded() {
        account.check_limits(LimitKind::Stake, risk, now_ms)?;
    }
    Ok(())
}

/// Refuses a hold that may not grow by so much.
#[inline]
pub(super) fn check_increase(account: &Account, increase: Money, now_ms: i64) -> Result<(), Refusal> {
    if increase > 0 && account.is_bounded() {
        account.check_limits(LimitKind::Loss, increase, now_ms)?;
    }
    if increase > account.available() {
        return Err(Refusal::new(Code::InsufficientFunds, increase, account.available()));
    }
    Ok(())
}

#[inline]
pub(super) fn check_version(sent: u64, terms: &Market) -> Result<(), Refusal> {
    if sent != 0 && sent != terms.terms_version {
        return Err(Refusal::new(Code::MarketVersionChanged, sent as i64, terms.terms_version as i64));
    }
    Ok(())
}

#[inline]
pub(super) fn check_not_suspended(terms: &Market, runner: u16) -> Result<(), Refusal> {
    let runner = &terms.runners[usize::from(runner)];
    if runner.suspended {
        return Err(Refusal::of(Code::RunnerSuspended, runner.id));
    }
    Ok(())
}

#[inline]
pub(super) fn check_price(tick: u32, order_type: OrderType, ladder: Ladder) -> Result<(), Refusal> {
    let last = if order_type == OrderType::MarketOnClose { 0 } else { ladder.last() };
    if tick > last {
        return Err(Refusal::new(Code::PriceInvalid, tick.into(), last.into()));
    }
    Ok(())
}

/// The persistence, if it goes with the market.
#[inline]
pub(super) fn check_persistence(number: i32, terms: &Market) -> Result<Persistence, Refusal> {
    let refusal = Refusal::new(Code::PersistenceInvalid, number.into(), 0);
    let persistence = Persistence::of(number).ok_or(refusal)?;
    if persistence == Persistence::MarketOnClose && !terms.rules.starting_price {
        return Err(refusal);
    }
    Ok(persistence)
}

#[inline]
fn check_kinds(place: &Place, terms: &Market) -> Result<(OrderType, Persistence, TimeInForce), Refusal> {
    let &Place { order_type, persistence, time_in_force, .. } = place;
    if (order_type, persistence, time_in_force) == (0, 0, 0) {
        return Ok(Default::default());
    }
    let refuse = |code, number: i32| Refusal::new(code, number.into(), 0);
    let kind = OrderType::of(order_type).ok_or(refuse(Code::OrderTypeInvalid, order_type))?;
    let on_close = kind != OrderType::Limit;
    if on_close && !terms.rules.starting_price {
        return Err(refuse(Code::OrderTypeInvalid, order_type));
    }
    if on_close && terms.in_play {
        return Err(Refusal::of(Code::MarketInPlay, place.market));
    }
    let in_force = TimeInForce::of(time_in_force).ok_or(refuse(Code::TimeInForceInvalid, time_in_force))?;
    if on_close && in_force != TimeInForce::Day {
        return Err(refuse(Code::TimeInForceInvalid, time_in_force));
    }
    if persistence != 0 && (on_close || in_force != TimeInForce::Day) {
        return Err(refuse(Code::PersistenceInvalid, persistence));
    }
    Ok((kind, check_persistence(persistence, terms)?, in_force))
}

#[inline]
fn check_size(size: Money, by_liability: bool, terms: &Market) -> Result<(), Refusal> {
    let most = if by_liability { LARGEST_CLOSING_LIABILITY } else { LARGEST_STAKE };
    let bound = if size < terms.minimum_stake {
        terms.minimum_stake
    } else if size % PENNY != 0 {
        PENNY
    } else if size > most {
        most
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::SizeInvalid, size, bound))
}

#[inline]
fn check_min_fill(place: &Place, time_in_force: TimeInForce) -> Result<(), Refusal> {
    let least = place.min_fill;
    if least == 0 {
        return Ok(());
    }
    let bound = if time_in_force != TimeInForce::FillOrKill || least < 0 {
        0
    } else if least > place.size {
        place.size
    } else if least % PENNY != 0 {
        PENNY
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::SizeInvalid, least, bound))
}
