//! Cross-matching: in a market with one winner a back on one runner can be met by backs on all the others together.
//!
//! The exchange stands between them: whoever wins, it gets the stakes of all and pays the winner's bet. What is rounded to
//! whole pennies is rounded so that it never pays more than it got, and gets less than those pennies are worth.

use super::executing::Incoming;
use crate::command::Side;
use crate::event::Fill;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::ladder::{HIGHEST, LOWEST};
use crate::markets::Market;
use crate::memory::chain::NIL;
use crate::money::{down_to_pennies, payout, up_to_pennies, Money, PENNY};
use crate::orders::Label;

/// Fixed point: shares are counted in 2^-40.
const ONE: i128 = 1 << 40;

/// A cross-match that is possible now.
pub(super) struct Cross {
    /// On each other active runner, in the market's order.
    legs: Vec<Leg>,
    /// The incoming order's stake.
    pub size: Money,
    /// What all stakes together come to, and the incoming order's bet pays.
    pub payout: Money,
}

/// What one resting order gives to it.
struct Leg {
    runner: u16,
    slot: u32,
    tick: u32,
    price: i64,
    remaining: Money,
    size: Money,
}

impl Exchange {
    /// The cross-match that an order with so much left can be met with, if there is one.
    pub(super) fn cross(&self, market: u32, label: Label, left: Money) -> Option<Cross> {
        let terms = &self.markets[market];
        if !terms.rules.cross_matching || terms.active() < 2 {
            return None;
        }
        let mut legs = self.legs(terms, label)?;
        let shares: i128 = legs.iter().map(|leg| ONE * 100 / i128::from(leg.price)).sum();
        let own_share = ONE - shares;
        if own_share <= 0 {
            return None;
        }
        let spare = i128::from(left) - i128::from(PENNY) * terms.active() as i128;
        let by_own = if spare <= 0 { 0 } else { spare * ONE / own_share };
        let by_others = legs.iter().map(|leg| i128::from(payout(leg.remaining, leg.price))).min()?;
        let gross = by_own.min(by_others);
        if gross <= 0 {
            return None;
        }
        let gross = Money::try_from(gross).expect("no more than what a resting order pays");
        let others = size_legs(&mut legs, label.side(), gross)?;
        let size = match label.side() {
            Side::Back => up_to_pennies((gross - others).max(0)),
            Side::Lay => down_to_pennies((gross - others).max(0)),
        };
        let cross = Cross { legs, size, payout: size + others };
        (size > 0 && size <= left && is_within(&cross, terms, label)).then_some(cross)
    }

    /// The best resting order on each other active runner, on the incoming one's own side.
    fn legs(&self, terms: &Market, label: Label) -> Option<Vec<Leg>> {
        let mut legs = Vec::with_capacity(terms.active());
        for runner in terms.active_runners().filter(|runner| *runner != label.runner()) {
            if terms.runners[usize::from(runner)].suspended {
                return None;
            }
            let half = terms.book(runner)?.half(label.side());
            let (tick, slot) = (half.best()?, half.head()?);
            let (price, remaining) = (terms.ladder().price(tick), self.orders[slot].remaining());
            legs.push(Leg { runner, slot, tick, price, remaining, size: 0 });
        }
        Some(legs)
    }

    /// Carries a cross-match out: a trade on every runner, the incoming order's last.
    pub(super) fn carry_out(&mut self, incoming: &Incoming, cross: &Cross, events: &mut Events) {
        for (nth, leg) in cross.legs.iter().enumerate() {
            self.match_leg(incoming, leg, nth as u16, events);
        }
        let &Incoming { slot, market, runner, side, .. } = incoming;
        let Cross { size, payout: paid, .. } = *cross;
        let tick = nearest(cross, &self.markets[market], side);
        let terms = &mut self.markets[market];
        terms.book_mut(runner).trade(tick, size);
        let sides = if side == Side::Back { (slot, NIL) } else { (NIL, slot) };
        let group = cross.legs.len() as u16;
        let trade = self.trades.add(&mut terms.trades, (runner, tick), sides, (size, paid), Some(group));
        events.matched(Fill {
            market,
            price: tick,
            runner: incoming.runner_id,
            size,
            payout: paid,
            resting_order: 0,
            incoming_order: incoming.id,
            resting_account: 0,
            incoming_account: incoming.account,
            incoming_side: side,
            trade,
            group: Some(group),
        });
        let left = self.orders[slot].remaining() - size;
        self.orders[slot].set_remaining(left);
        self.desk(self.orders[slot].exposure).fill(slot, tick, size, paid);
        self.book_exchange(market, runner, side, cross);
        for leg in &cross.legs {
            let owner = self.orders[leg.slot].exposure;
            if owner != incoming.exposure {
                let growth = self.update_hold(owner, events);
                assert!(growth <= 0, "order {}: a fill raised the hold of the order that it met", incoming.id);
            }
        }
        for leg in &cross.legs {
            if self.orders[leg.slot].remaining() == 0 {
                self.desk(self.orders[leg.slot].exposure).retire(leg.slot);
            }
        }
    }

    fn match_leg(&mut self, incoming: &Incoming, leg: &Leg, group: u16, events: &mut Events) {
        let &Incoming { market, side, .. } = incoming;
        let &Leg { runner, slot, tick, price, size, .. } = leg;
        let paid = payout(size, price);
        let terms = &mut self.markets[market];
        let book = terms.book_mut(runner);
        book.trade(tick, size);
        book.half_mut(side).reduce(&mut self.orders, slot, size);
        let sides = if side == Side::Back { (slot, NIL) } else { (NIL, slot) };
        let trade = self.trades.add(&mut terms.trades, (runner, tick), sides, (size, paid), Some(group));
        events.matched(Fill {
            market,
            price: tick,
            runner: terms.runners[usize::from(runner)].id,
            size,
            payout: paid,
            resting_order: self.orders[slot].id,
            incoming_order: 0,
            resting_account: self.exposures[self.orders[slot].exposure].account,
            incoming_account: 0,
            incoming_side: side.other(),
            trade,
            group: Some(group),
        });
        self.desk(self.orders[slot].exposure).fill(slot, tick, size, paid);
    }

    /// Books the exchange's own side: nothing if the incoming order's runner wins, roundings if another does.
    fn book_exchange(&mut self, market: u32, runner: u16, side: Side, cross: &Cross) {
        let crossed = &mut self.markets[market].crossed;
        let most = PENNY * (cross.legs.len() as Money + 1);
        for leg in &cross.legs {
            let paid = payout(leg.size, leg.price);
            let kept = if side == Side::Back { cross.payout - paid } else { paid - cross.payout };
            let bound = most + PENNY * leg.price / 100;
            assert!(
                (0..=bound).contains(&kept),
                "market {market}: a cross-match leaves {kept} on runner {}",
                leg.runner
            );
            crossed[usize::from(leg.runner)] += kept;
        }
        debug_assert_ne!(cross.legs.len(), 0, "runner {runner} is met by others");
    }
}

/// Gives each leg its stake and returns their sum: a back's rounded down, a lay's up, so that the exchange keeps the rest.
fn size_legs(legs: &mut [Leg], side: Side, gross: Money) -> Option<Money> {
    let mut sum = 0;
    for leg in legs {
        let exact = gross * 100;
        leg.size = match side {
            Side::Back => down_to_pennies(exact / leg.price),
            Side::Lay => up_to_pennies((exact + leg.price - 1) / leg.price).min(leg.remaining),
        };
        if leg.size <= 0 {
            return None;
        }
        sum += leg.size;
    }
    Some(sum)
}

/// Whether the incoming order's price is within its limit and on the ladder.
fn is_within(cross: &Cross, terms: &Market, label: Label) -> bool {
    let (paid, limit) = (cross.payout * 100, terms.ladder().price(label.tick()));
    let within = match label.side() {
        Side::Back => paid >= cross.size * limit,
        Side::Lay => paid <= cross.size * limit,
    };
    within && paid <= cross.size * HIGHEST && paid >= cross.size * LOWEST
}

/// The tick that is nearest to the incoming order's price without being better.
fn nearest(cross: &Cross, terms: &Market, side: Side) -> u32 {
    let (paid, ladder) = (cross.payout * 100, terms.ladder());
    match side {
        Side::Back => ladder.last_that(|price| price * cross.size <= paid).unwrap_or(0),
        Side::Lay => ladder.last_that(|price| price * cross.size < paid).map_or(0, |below| below + 1),
    }
}
