//! FILL_OR_KILL: planned first, for the limit bounds the average price of all that is taken.

use super::executing::{Incoming, Stop};
use crate::command::{SelfMatch, Side};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::ladder::Ladder;
use crate::money::{down_to_pennies, payout, Money};

impl Exchange {
    /// Matches what the plan takes, or nothing.
    pub(super) fn fill_or_kill(&mut self, incoming: &Incoming, min_fill: Money, events: &mut Events) -> Stop {
        let size = self.orders[incoming.slot].remaining();
        let least = if min_fill == 0 { size } else { min_fill };
        let mut planned = self.plan(incoming, size);
        if planned < least {
            return Stop::Done;
        }
        while planned > 0 {
            let half = self.markets[incoming.market].book_mut(incoming.runner).half(incoming.side.other());
            let tick = half.best().expect("the plan takes what is there");
            planned -= self.meet(incoming, tick, planned, events).expect("the plan stops before an own order");
        }
        Stop::Done
    }

    /// The most stake that can be taken while the average price stays within the limit.
    fn plan(&self, incoming: &Incoming, size: Money) -> Money {
        let terms = &self.markets[incoming.market];
        let Some(book) = terms.book(incoming.runner) else { return 0 };
        let (ladder, half) = (terms.ladder(), book.half(incoming.side.other()));
        let own_stops = terms.rules.self_match != SelfMatch::Allow;
        let (mut stake, mut paid) = (0, 0);
        for (tick, level) in half.levels() {
            for slot in level.queue.slots(&self.orders) {
                let order = &self.orders[slot];
                if own_stops && order.exposure == incoming.exposure {
                    return stake;
                }
                let wanted = (size - stake).min(order.remaining());
                let room = match ladder {
                    Ladder::Line(_) if half.is_within(tick, incoming.limit) => wanted,
                    Ladder::Line(_) => 0,
                    _ => within_average(incoming.side, ladder, (stake, paid), tick, incoming.limit),
                };
                let taken = wanted.min(room);
                stake += taken;
                paid += payout(taken, ladder.price(tick));
                if taken < wanted || stake == size {
                    return stake;
                }
            }
        }
        stake
    }
}

/// The most whole pennies that can be added at a tick while the average of all stays within a limit.
fn within_average(side: Side, ladder: Ladder, (stake, paid): (Money, Money), tick: u32, limit: u32) -> Money {
    let (price, limit) = (ladder.price(tick), ladder.price(limit));
    let worse = match side {
        Side::Back => limit - price,
        Side::Lay => price - limit,
    };
    if worse <= 0 {
        return Money::MAX;
    }
    let (stake, paid, limit) = (i128::from(stake), i128::from(paid), i128::from(limit));
    let spare = match side {
        Side::Back => 100 * paid - limit * stake,
        Side::Lay => limit * stake - 100 * paid,
    };
    down_to_pennies((spare / i128::from(worse)).clamp(0, i128::from(Money::MAX)) as Money)
}
