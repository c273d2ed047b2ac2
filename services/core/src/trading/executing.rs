//! Matching: an order meets the other side, best price first and the oldest there, at the resting order's price.

use super::crossing::Cross;
use crate::command::{SelfMatch, Side, TimeInForce};
use crate::event::{CancelReason, Fill};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::money::{payout, Money};
use crate::orders::Order;
use crate::outcome::Outcome;

/// Who an order being matched is, read once.
#[derive(Clone, Copy)]
pub(super) struct Incoming {
    pub slot: u32,
    pub id: u64,
    pub exposure: u32,
    pub account: u32,
    pub market: u32,
    pub runner: u16,
    pub runner_id: u64,
    pub side: Side,
    pub limit: u32,
}

/// Why an order stopped being matched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing is left of it, or nothing that it may be matched with.
    Done,
    /// It would meet an order of the same account.
    OwnOrder,
}

impl Exchange {
    /// Matches an accepted order; what is left rests or is cancelled, as its time in force says. The hold is the caller's
    /// matter. Returns what came of it, without the id.
    #[inline(never)]
    pub(super) fn match_order(
        &mut self,
        slot: u32,
        time_in_force: TimeInForce,
        min_fill: Money,
        events: &mut Events,
    ) -> Outcome {
        let order = &self.orders[slot];
        let before = (order.matched(), order.payout);
        let incoming = self.incoming(slot);
        let stop = match time_in_force {
            TimeInForce::FillOrKill => self.fill_or_kill(&incoming, min_fill, events),
            _ => self.sweep(&incoming, Money::MAX, events),
        };
        let order = &self.orders[slot];
        let (matched, matched_payout) = (order.matched() - before.0, order.payout - before.1);
        let left = order.remaining();
        let reason = match (stop, time_in_force) {
            _ if left == 0 => None,
            (Stop::OwnOrder, TimeInForce::Day | TimeInForce::ImmediateOrCancel) => Some(CancelReason::OwnOrder),
            (Stop::Done, TimeInForce::Day) => None,
            _ => Some(CancelReason::Killed),
        };
        let outcome = Outcome { matched, matched_payout, ..Outcome::default() };
        let mut desk = self.desk(incoming.exposure);
        if let Some(reason) = reason {
            desk.orders[slot].set_remaining(0);
            desk.note_cancelled(slot, left, reason, events);
            desk.retire(slot);
            return Outcome { cancelled: left, ..outcome };
        }
        if left > 0 {
            desk.rest(slot, desk.orders[slot].label, left);
        } else {
            desk.retire(slot);
        }
        Outcome { remaining: left, ..outcome }
    }

    #[inline]
    fn incoming(&self, slot: u32) -> Incoming {
        let Order { id, exposure, label, .. } = self.orders[slot];
        let (account, market) = (self.exposures[exposure].account, self.exposures[exposure].market);
        let (runner, side, limit) = (label.runner(), label.side(), label.tick());
        let runner_id = self.markets[market].runners[usize::from(runner)].id;
        Incoming { slot, id, exposure, account, market, runner, runner_id, side, limit }
    }

    /// Matches an order with what is within its limit, directly or, where that is better, by a cross-match.
    #[inline]
    fn sweep(&mut self, incoming: &Incoming, most: Money, events: &mut Events) -> Stop {
        let &Incoming { slot, market, runner, side, limit, .. } = incoming;
        let crossing = self.markets[market].rules.cross_matching;
        let mut left = self.orders[slot].remaining().min(most);
        while left > 0 {
            let best = self.markets[market].book_mut(runner).half(side.other()).best_within(limit);
            if crossing {
                if let Some(cross) = self.better_cross(incoming, best, left) {
                    left -= cross.size;
                    self.carry_out(incoming, &cross, events);
                    continue;
                }
            }
            let Some(tick) = best else { break };
            let Some(size) = self.meet(incoming, tick, left, events) else { return Stop::OwnOrder };
            left -= size;
        }
        Stop::Done
    }

    /// A cross-match that is better for an order than the best direct price.
    fn better_cross(&self, incoming: &Incoming, direct: Option<u32>, left: Money) -> Option<Cross> {
        let label = self.orders[incoming.slot].label;
        let cross = self.cross(incoming.market, label, left)?;
        let ladder = self.markets[incoming.market].ladder();
        let is_better = |tick| {
            let (crossed, met) = (cross.payout * 100, cross.size * ladder.price(tick));
            if incoming.side == Side::Back {
                crossed > met
            } else {
                crossed < met
            }
        };
        direct.is_none_or(is_better).then_some(cross)
    }

    /// Matches an order with the oldest one at a tick. Returns the stake; `None` if that is an own one and may not be met.
    pub(super) fn meet(&mut self, incoming: &Incoming, tick: u32, most: Money, events: &mut Events) -> Option<Money> {
        let &Incoming { slot, exposure, market, runner, side, .. } = incoming;
        let terms = &mut self.markets[market];
        let (allows_own, price) = (terms.rules.self_match == SelfMatch::Allow, terms.rules.ladder.price(tick));
        let book = terms.book_mut(runner);
        let resting = book.half(side.other()).level(tick).queue.head;
        let Order { exposure: owner, id: resting_order, .. } = self.orders[resting];
        if owner == exposure && !allows_own {
            return None;
        }
        let size = most.min(self.orders[resting].remaining());
        let paid = payout(size, price);
        book.trade(tick, size);
        let left = book.half_mut(side.other()).reduce(&mut self.orders, resting, size);
        let (backer, layer) = if side == Side::Back { (slot, resting) } else { (resting, slot) };
        let trade = self.trades.add(&mut terms.trades, (runner, tick), (backer, layer), (size, paid), None);
        let told = self.rules >= 2;
        let mut desk = self.desk(owner);
        events.matched(Fill {
            market,
            price: tick,
            runner: incoming.runner_id,
            size,
            payout: if told { paid } else { 0 },
            resting_order,
            incoming_order: incoming.id,
            resting_account: desk.exposure.account,
            incoming_account: incoming.account,
            incoming_side: side,
            trade: if told { trade } else { 0 },
            group: None,
        });
        desk.fill(resting, tick, size, paid);
        if left == 0 {
            desk.retire(resting);
        }
        if owner != exposure {
            let growth = desk.update_hold(events);
            assert!(growth <= 0, "order {}: a fill raised the hold of the order that it met", incoming.id);
        }
        let order = &mut self.orders[slot];
        order.set_remaining(order.remaining() - size);
        self.desk(exposure).fill(slot, tick, size, paid);
        Some(size)
    }
}
