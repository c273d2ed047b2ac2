//! Bets are voided: one by one, those of a runner, or all cross-matches of a market.

use crate::event::{Event, VoidedBet};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::Exposure;
use crate::markets::Trade;
use crate::memory::chain::NIL;
use crate::outcome::{Code, Outcome, Refusal};
use crate::trading::Concerned;

impl Exchange {
    /// Voids a bet: a trade, or all of its cross-match.
    pub(crate) fn void_bet(
        &mut self,
        market: u64,
        trade: u64,
        reason: &str,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        let ends = self.markets[id].trades;
        let standing = |slot: &u32| !self.trades.get(*slot).voided;
        let found = self.trades.slots(ends).filter(standing).find(|slot| self.trades.get(*slot).number == trade);
        let found = *self.trades.get(found.ok_or(Refusal::of(Code::TradeUnknown, trade))?);
        let together = |slot: &u32| {
            let other = self.trades.get(*slot);
            other.number == trade || found.group.is_some() && other.group.is_some() && other.first() == found.first()
        };
        let slots: Vec<u32> = self.trades.slots(ends).filter(together).collect();
        self.unbook_exchange(id, &slots);
        let mut concerned = Concerned::default();
        for slot in slots {
            self.void_trade(id, slot, reason, &mut concerned, events);
        }
        self.markets[id].change(self.step);
        for slot in concerned.by_account(self) {
            self.cover_or_book(slot, events);
        }
        Ok(Outcome::done(trade))
    }

    /// Takes what a cross-match left to the exchange out of what it would get.
    fn unbook_exchange(&mut self, id: u32, group: &[u32]) {
        let Some((incoming, legs)) = group.split_last().filter(|(_, legs)| !legs.is_empty()) else { return };
        let incoming = *self.trades.get(*incoming);
        for slot in legs {
            let leg = self.trades.get(*slot);
            let kept = if incoming.layer == NIL { incoming.payout - leg.payout } else { leg.payout - incoming.payout };
            self.markets[id].crossed[usize::from(leg.runner)] -= kept;
        }
    }

    /// Voids all cross-matches of a market: with a runner less they are no longer met on every side.
    pub(super) fn void_crosses(&mut self, id: u32, reason: &str, events: &mut Events) {
        let ends = self.markets[id].trades;
        let crossed = |slot: &u32| {
            let trade = self.trades.get(*slot);
            trade.group.is_some() && !trade.voided
        };
        let slots: Vec<u32> = self.trades.slots(ends).filter(crossed).collect();
        for slot in slots {
            self.void_trade(id, slot, reason, &mut Concerned::default(), events);
        }
        self.markets[id].crossed.fill(0);
    }

    fn void_trade(&mut self, id: u32, slot: u32, reason: &str, concerned: &mut Concerned, events: &mut Events) {
        self.trades.get_mut(slot).voided = true;
        let trade = *self.trades.get(slot);
        let Trade { number, size, payout, backer, layer, tick, runner, .. } = trade;
        let runner_id = self.markets[id].runners[usize::from(runner)].id;
        events.push(Event::BetVoided(Box::new(VoidedBet {
            market: id,
            trade: number,
            runner: runner_id,
            size,
            payout,
            backer: self.named(backer),
            layer: self.named(layer),
            reason: reason.into(),
        })));
        for order in [backer, layer].into_iter().filter(|order| *order != NIL) {
            let (label, exposure) = (self.orders[order].label, self.orders[order].exposure);
            self.orders.void(order, size, payout);
            let key = self.markets[id].key(runner, tick);
            let exposed = &mut self.exposures[exposure];
            exposed.at_work -= size;
            exposed.position_mut(key).fill(label.side(), -size, -payout);
            concerned.add(exposure);
        }
    }

    /// An order's id and its account's; 0 for the exchange's side of a cross-match.
    fn named(&self, slot: u32) -> (u64, u32) {
        if slot == NIL {
            return (0, 0);
        }
        let order = &self.orders[slot];
        let Exposure { account, .. } = self.exposures[order.exposure];
        (order.id, account)
    }

    /// Voids the trades on a runner that is gone, without a word of each: its going says it.
    pub(super) fn void_trades_on(&mut self, id: u32, runner: u16) {
        let slots: Vec<u32> = self.trades.slots(self.markets[id].trades).collect();
        for slot in slots {
            let Trade { size, payout, backer, layer, runner: on, voided, .. } = *self.trades.get(slot);
            if on != runner || voided {
                continue;
            }
            self.trades.get_mut(slot).voided = true;
            for order in [backer, layer].into_iter().filter(|order| *order != NIL) {
                self.orders.void(order, size, payout);
                self.exposures[self.orders[order].exposure].at_work -= size;
            }
        }
    }
}
