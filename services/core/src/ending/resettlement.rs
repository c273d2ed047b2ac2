//! A market is settled again: what was booked is reversed and booked anew; nothing is overwritten.

use crate::command::Outturn;
use crate::event::{CancelReason, Event, Resettled};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::markets::{Kept, Status, Verdict};
use crate::money::{commission, Money};
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Settles a market again that was settled or voided, while its result is not final.
    pub(crate) fn resettle_market(
        &mut self,
        market: u64,
        outturn: &Outturn,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.known(market)?;
        if !self.markets[id].is_closed() {
            return Err(Refusal::of(Code::NotSettled, market));
        }
        self.check_not_final(id)?;
        let verdict = self.verdict(id, outturn)?;
        events.push(Event::MarketResettled { market: id, result: Box::new(outturn.clone()), voided: false });
        self.resettle(id, Status::Settled, &verdict, events);
        Ok(Outcome::done(market))
    }

    /// A settled market, if a voiding is of one.
    pub(super) fn settled_before(&self, market: u64) -> Result<Option<u32>, Refusal> {
        let id = self.markets.known(market)?;
        if self.rules < 2 || self.markets[id].status != Status::Settled {
            return Ok(None);
        }
        self.check_not_final(id)?;
        Ok(Some(id))
    }

    pub(super) fn void_settled(&mut self, id: u32, reason: &str, events: &mut Events) -> Result<Outcome, Refusal> {
        let result = Box::new(Outturn { source: reason.to_owned(), ..Outturn::default() });
        events.push(Event::MarketResettled { market: id, result, voided: true });
        self.resettle(id, Status::Voided, &Verdict::Void, events);
        Ok(Outcome::done(id.into()))
    }

    fn check_not_final(&self, id: u32) -> Result<(), Refusal> {
        match self.markets[id].final_due {
            Some(_) => Ok(()),
            None => Err(Refusal::of(Code::ResultFinal, id.into())),
        }
    }

    fn resettle(&mut self, id: u32, status: Status, verdict: &Verdict, events: &mut Events) {
        self.markets[id].status = status;
        self.markets[id].change(self.step);
        self.mark_winners(id, verdict);
        let mut results = std::mem::take(&mut self.markets[id].results);
        let mut change = 0;
        for kept in &mut results {
            let profit = verdict.profit(&kept.positions);
            change += i128::from(kept.profit - profit);
            self.book_again(id, kept, profit, events);
        }
        self.markets[id].results = results;
        let change = Money::try_from(change).expect("what rounding leaves is small");
        self.book_rounding(id, change, events);
    }

    fn book_again(&mut self, market: u32, kept: &mut Kept, profit: Money, events: &mut Events) {
        let account = kept.account;
        let commission = commission(profit, self.markets[market].commission_bp, kept.discount_bp);
        let (profit_before, commission_before) = (kept.profit, kept.commission);
        if (profit, commission) == (profit_before, commission_before) {
            return;
        }
        let uncovered = self.accounts[account].uncovered();
        let (more, more_commission) = (profit - profit_before, commission - commission_before);
        self.accounts[account].count_result(more - more_commission, self.now_ms);
        let settled = self.accounts.settle(account, more, more_commission);
        let balance = settled.balance;
        events.push(Event::AccountResettled(Box::new(Resettled {
            account,
            market,
            profit_before,
            commission_before,
            profit,
            commission,
            balance,
        })));
        if settled.fronted > 0 {
            events.push(Event::ShortfallBooked { account, market, amount: settled.fronted, settled: true });
        }
        if settled.covered > 0 {
            events.push(Event::ShortfallCovered { account, amount: settled.covered });
        }
        (kept.profit, kept.commission) = (profit, commission);
        self.cover_elsewhere(account, market, uncovered, events);
    }

    /// What a resettlement took may have covered bets in other markets: there is none where that would not be felt, so all
    /// that rests goes, and what is still missing is booked.
    fn cover_elsewhere(&mut self, account: u32, market: u32, before: Money, events: &mut Events) {
        if self.accounts[account].uncovered() > before {
            self.cancel_account(account, CancelReason::Shortfall, events);
        }
        let amount = self.accounts[account].uncovered() - before;
        if amount > 0 {
            events.push(Event::ShortfallBooked { account, market, amount, settled: false });
        }
    }
}
