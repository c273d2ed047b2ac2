//! Markets are settled and voided: what rests lapses, results are booked, commission is taken once.

use crate::command::Outturn;
use crate::event::{CancelReason, Event};
use crate::events::Events;
use crate::exchange::{Exchange, Timer};
use crate::exposure::Exposure;
use crate::markets::{Kept, Status, Verdict};
use crate::money::{commission, Money};
use crate::outcome::{Outcome, Refusal};

/// How long a result can be changed: 7 days of log time.
const FINAL_AFTER_MS: i64 = 7 * 86_400_000;

impl Exchange {
    /// Pays a market out.
    pub(crate) fn settle_market(
        &mut self,
        market: u64,
        outturn: &Outturn,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        let verdict = self.verdict(id, outturn)?;
        events.push(Event::MarketSettled { market: id, result: Box::new(outturn.clone()) });
        self.mark_winners(id, &verdict);
        self.end_market(id, Status::Settled, &verdict, events);
        Ok(Outcome::done(market))
    }

    /// Calls a market off: every bet is void. One that was settled is settled again, with nothing for anyone.
    pub(crate) fn void_market(&mut self, market: u64, reason: &str, events: &mut Events) -> Result<Outcome, Refusal> {
        if let Some(settled) = self.settled_before(market)? {
            return self.void_settled(settled, reason, events);
        }
        let id = self.markets.not_closed(market)?;
        events.push(Event::MarketVoided { market: id, reason: reason.into() });
        self.end_market(id, Status::Voided, &Verdict::Void, events);
        Ok(Outcome::done(market))
    }

    pub(super) fn mark_winners(&mut self, market: u32, verdict: &Verdict) {
        for (runner, nth) in self.markets[market].runners.iter_mut().zip(0..) {
            runner.winner = verdict.is_winner(nth);
        }
    }

    fn end_market(&mut self, id: u32, status: Status, verdict: &Verdict, events: &mut Events) {
        for slot in self.resting_in(id) {
            let order = &self.orders[slot];
            let (order, account, size) = (order.id, self.exposures[order.exposure].account, order.remaining());
            if let Some(held) = self.orders.held(slot) {
                self.timers.call_off(held.due);
                self.orders.let_go(slot);
            }
            events.cancelled(order, (account, id), size, CancelReason::MarketEnded);
        }
        self.orders.retain_ended(|order| self.exposures[order.exposure].market != id);
        let mut exposures = self.markets.close(id, status, self.step);
        exposures.sort_unstable_by_key(|slot| self.exposures[*slot].account);
        let (mut sum, mut kept) = (0, Vec::new());
        for slot in exposures {
            let profit = verdict.profit(self.exposures[slot].positions());
            sum += i128::from(profit);
            kept.extend(self.end_exposure(slot, profit, events));
        }
        let rounding = Money::try_from(-sum).expect("what rounding leaves is small");
        self.assert_rounding(id, verdict, rounding);
        self.book_rounding(id, rounding, events);
        self.trades.forget(std::mem::take(&mut self.markets[id].trades));
        if self.rules >= 2 {
            self.keep_results(id, kept, events);
        }
    }

    /// What the accounts' profits leave is what the exchange's side of cross-matches comes to, and less than a part for
    /// each account in a dead heat.
    fn assert_rounding(&self, id: u32, verdict: &Verdict, rounding: Money) {
        let market = &self.markets[id];
        let crossed = |runners: &[u16]| runners.iter().filter_map(|nth| market.crossed.get(usize::from(*nth))).sum();
        let (exact, spread): (Money, bool) = match verdict {
            Verdict::Runners { winners, dead_heat, .. } => (crossed(winners), !dead_heat.is_empty()),
            _ => (0, false),
        };
        let holds = if spread { rounding >= 0 } else { rounding == exact };
        assert!(holds, "market {id}: its accounts' profits leave {rounding}, and not {exact}");
    }

    /// Books what the accounts' profits leave to the house.
    pub(super) fn book_rounding(&mut self, id: u32, amount: Money, events: &mut Events) {
        if amount != 0 {
            self.accounts.round(self.markets[id].book, amount);
            events.push(Event::RoundingBooked { market: id, amount });
        }
    }

    /// Releases the hold, books the result and forgets the orders. Returns what is kept of it.
    fn end_exposure(&mut self, slot: u32, profit: Money, events: &mut Events) -> Option<Kept> {
        let Exposure { account: id, market, hold: before, has_bets, .. } = self.exposures[slot];
        let uncovered = self.accounts[id].uncovered();
        self.accounts.change_hold(id, before, 0);
        if before != 0 {
            events.hold_changed((id, market), (before, 0));
        }
        let kept = has_bets.then(|| {
            let commission = self.book_result(id, market, profit, events);
            let (positions, discount_bp) = (self.exposures[slot].positions().into(), self.accounts[id].discount_bp);
            Kept { account: id, positions, profit, commission, discount_bp }
        });
        assert!(self.accounts[id].uncovered() <= uncovered, "account {id}: a settlement uncovered other holds");
        let open: Money = self.exposures[slot].positions().iter().map(|it| it.open_backs + it.open_lays).sum();
        self.accounts[id].open_risk -= open;
        for order in self.exposures[slot].orders(&self.orders) {
            self.accounts[id].orders -= 1;
            self.orders.remove(order);
        }
        self.accounts[id].drop_exposure(market);
        self.exposures.remove(slot);
        kept
    }

    fn book_result(&mut self, id: u32, market: u32, profit: Money, events: &mut Events) -> Money {
        let commission = commission(profit, self.markets[market].commission_bp, self.accounts[id].discount_bp);
        self.accounts[id].count_result(profit - commission, self.now_ms);
        let settled = self.accounts.settle(id, profit, commission);
        let balance = settled.balance;
        events.push(Event::AccountSettled { account: id, market, profit, commission, balance });
        if settled.fronted > 0 {
            events.push(Event::ShortfallBooked { account: id, market, amount: settled.fronted, settled: true });
        }
        if settled.covered > 0 {
            events.push(Event::ShortfallCovered { account: id, amount: settled.covered });
        }
        commission
    }

    /// Keeps results for as long as they can be changed; beyond the bound, those that were kept longest are final.
    fn keep_results(&mut self, id: u32, kept: Vec<Kept>, events: &mut Events) {
        self.markets.keep(id, kept);
        self.markets[id].final_due = Some(self.timers.set(self.now_ms + FINAL_AFTER_MS, Timer::Final(id)));
        while self.markets.kept() > self.limits.kept_results as usize {
            let longest = self.markets.longest_ended().expect("what is kept is of a market");
            if let Some(due) = self.markets[longest].final_due {
                self.timers.call_off(due);
            }
            self.make_final(longest, events);
        }
    }

    /// From here on a market's result stands.
    pub(crate) fn make_final(&mut self, id: u32, events: &mut Events) {
        self.markets.make_final(id);
        events.push(Event::MarketFinal { market: id });
    }
}
