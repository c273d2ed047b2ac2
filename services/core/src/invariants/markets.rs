//! Invariant 3: no book is crossed at rest, price then time; and every bet has its other side.

use std::collections::BTreeMap;

use super::{ensure, Checked};
use crate::book::Half;
use crate::command::Side;
use crate::exchange::Exchange;
use crate::exposure::{Field, Position};
use crate::markets::Market;
use crate::memory::chain::NIL;
use crate::orders::Standing;

impl Exchange {
    pub(super) fn check_market(&self, id: u32) -> Checked {
        let market = &self.markets[id];
        let active = market.active_runners().count();
        ensure(active == market.active(), "active runners", || format!("market {id}"))?;
        ensure(!market.is_closed() || market.exposures.is_empty(), "ended market", || format!("market {id}"))?;
        if !market.is_closed() {
            self.check_matched(id, market)?;
            self.check_zero_sum(id, market)?;
        }
        for (index, runner) in market.runners.iter().enumerate() {
            let Some(book) = &runner.book else { continue };
            let (backs, lays) = (book.half(Side::Back), book.half(Side::Lay));
            let crossed = backs.best().zip(lays.best()).is_some_and(|(back, lay)| back <= lay);
            ensure(!crossed, "not crossed", || format!("market {id}, runner {}", runner.id))?;
            self.check_half(id, index as u16, backs, Side::Back)?;
            self.check_half(id, index as u16, lays, Side::Lay)?;
        }
        Ok(())
    }

    /// Every position's matched part is what the market's trades say.
    fn check_matched(&self, id: u32, market: &Market) -> Checked {
        let mut found: BTreeMap<(u32, u32), Position> = BTreeMap::new();
        for slot in self.trades.slots(market.trades) {
            let trade = self.trades.get(slot);
            let key = market.key(trade.runner, trade.tick);
            for (side, order) in [(Side::Back, trade.backer), (Side::Lay, trade.layer)] {
                if !trade.voided && order != NIL {
                    let position = found.entry((self.orders[order].exposure, key)).or_default();
                    position.fill(side, trade.size, trade.payout);
                }
            }
        }
        for slot in &market.exposures {
            for position in self.exposures[*slot].positions() {
                let traded = found.remove(&(*slot, position.key)).unwrap_or_default();
                ensure((traded.win, traded.lose) == (position.win, position.lose), "matched position", || {
                    format!("market {id}, exposure {slot}: {traded:?} and {position:?}")
                })?;
            }
        }
        ensure(found.is_empty(), "matched position", || format!("market {id}: {found:?} is missing"))
    }

    /// What one account wins another loses; in a market with cross-matching, the exchange's side counts too.
    fn check_zero_sum(&self, id: u32, market: &Market) -> Checked {
        let mut sums: BTreeMap<u32, (i128, i128)> = BTreeMap::new();
        for slot in &market.exposures {
            for position in self.exposures[*slot].positions() {
                let (win, lose) = sums.entry(position.key).or_default();
                *win += i128::from(position.win);
                *lose += i128::from(position.lose);
            }
        }
        if market.crossed.is_empty() || !matches!(market.field(), Field::One { .. }) {
            let unpaired = sums.iter().find(|(_, sum)| **sum != (0, 0));
            return ensure(unpaired.is_none(), "zero sum", || format!("market {id}: {unpaired:?}"));
        }
        let losing: i128 = sums.values().map(|(_, lose)| lose).sum();
        for runner in market.active_runners() {
            let (win, lose) = sums.get(&runner.into()).copied().unwrap_or_default();
            let exchange = market.crossed[usize::from(runner)];
            ensure(losing - lose + win + i128::from(exchange) == 0 && exchange >= 0, "zero sum", || {
                format!("market {id}: the exchange has {exchange} if runner index {runner} wins")
            })?;
        }
        Ok(())
    }

    fn check_half(&self, market: u32, runner: u16, half: &Half, side: Side) -> Checked {
        ensure(half.is_indexed(), "best price", || format!("market {market}, runner index {runner}"))?;
        let released = self.markets[market].rules.in_play_delay_ms > 0;
        for (tick, level) in half.levels() {
            let (mut size, mut last) = (0, 0);
            for slot in level.queue.slots(&self.orders) {
                let order = &self.orders[slot];
                let exposure = &self.exposures[order.exposure];
                let (label, rests) = (order.label, order.remaining() > 0);
                let place = (exposure.market, label.runner(), label.side(), label.tick());
                let belongs = place == (market, runner, side, tick) && label.standing() == Standing::Limit;
                ensure(belongs && rests, "resting order", || format!("{order:?}"))?;
                ensure(order.id > last || released, "time priority", || format!("order {} after {last}", order.id))?;
                last = order.id;
                size += order.remaining();
            }
            ensure(size == level.size, "level's size", || format!("market {market}, tick {tick}: {size}"))?;
        }
        Ok(())
    }
}
