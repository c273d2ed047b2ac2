//! The end of bets: runners voided, markets settled and voided.
//!
//! Accounts are taken in the order of their ids and orders in the order of theirs.

use crate::event::{CancelReason, Event};
use crate::exchange::Exchange;
use crate::exposure::Exposure;
use crate::markets::Status;
use crate::money::{commission, Money};
use crate::orders::Order;
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Takes a runner out: its resting orders are cancelled, its matched bets are void.
    ///
    /// A bet on it may have covered another one, so a hold may grow past the wallet. Then the account's resting orders
    /// in this market are cancelled, for it is this market's worst case that is not covered: orders elsewhere are
    /// covered as they were accepted. What is still missing is booked, and blocks betting until it is covered.
    pub(crate) fn void_runner(
        &mut self,
        market: u64,
        runner_id: u64,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        let runner = self.markets[id].active_runner(runner_id)?;
        events.push(Event::RunnerVoided { market, runner: runner_id });
        let exposures = self.by_account(self.markets[id].exposures.clone());
        for slot in self.resting(&exposures, |order_runner| order_runner == runner) {
            self.take_off(slot, self.orders[slot].remaining, CancelReason::RunnerGone, events);
        }
        self.markets[id].void_runner(runner);
        self.markets[id].version += 1;
        for slot in exposures {
            self.void_bets(slot, runner);
            self.cover_or_book(slot, events);
        }
        Ok(Outcome::done(market))
    }

    /// Pays a market out: what still rests lapses, every account's result is booked, commission is taken once.
    pub(crate) fn settle_market(
        &mut self,
        market: u64,
        winners: &[u64],
        source: &str,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        let mut won = Vec::with_capacity(winners.len());
        for winner in winners {
            won.push(self.markets[id].active_runner(*winner)?);
        }
        won.sort_unstable();
        won.dedup();
        let expected = self.markets[id].field().winners;
        let named = if winners.len() == expected { won.len() } else { winners.len() };
        if named != expected {
            return Err(Refusal::new(Code::WinnersInvalid, named as i64, expected as i64));
        }
        events.push(Event::MarketSettled { market, winners: winners.into(), source: source.into() });
        for runner in &won {
            self.markets[id].runners[usize::from(*runner)].winner = true;
        }
        let profit = |exposure: &Exposure| exposure.profit(|runner| won.binary_search(&runner).is_ok());
        self.end_market(id, Status::Settled, profit, events);
        Ok(Outcome::done(market))
    }

    /// Calls a market off: what still rests lapses, every bet is void.
    pub(crate) fn void_market(
        &mut self,
        market: u64,
        reason: &str,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        events.push(Event::MarketVoided { market, reason: reason.into() });
        self.end_market(id, Status::Voided, |_| 0, events);
        Ok(Outcome::done(market))
    }

    fn end_market(&mut self, id: u32, status: Status, profit: impl Fn(&Exposure) -> Money, events: &mut Vec<Event>) {
        let exposures = self.markets.close(id, status);
        let exposures = self.by_account(exposures);
        for slot in self.resting(&exposures, |_| true) {
            let (order, exposure) = (&self.orders[slot], &self.exposures[self.orders[slot].exposure]);
            events.push(Event::OrderCancelled {
                order: order.id,
                account: exposure.account.into(),
                market: id.into(),
                size: order.remaining,
                reason: CancelReason::MarketEnded,
            });
        }
        let ended = |order: &Order| self.exposures[order.exposure].market == id;
        self.orders.retain_ended(|order| !ended(order));
        let mut sum = 0;
        for slot in exposures {
            let profit = profit(&self.exposures[slot]);
            sum += i128::from(profit);
            self.end_exposure(slot, profit, events);
        }
        assert_eq!(sum, 0, "market {id}: the profits of its accounts do not sum to zero");
    }

    /// Releases the hold, books the result and forgets the orders.
    fn end_exposure(&mut self, slot: u32, profit: Money, events: &mut Vec<Event>) {
        let Exposure { account: id, market, hold: before, has_bets, .. } = self.exposures[slot];
        let uncovered = self.accounts[id].uncovered();
        self.accounts.change_hold(id, before, 0);
        if before != 0 {
            events.push(Event::HoldChanged { account: id.into(), market: market.into(), before, after: 0 });
        }
        if has_bets {
            self.book_result(id, market, profit, events);
        }
        assert!(self.accounts[id].uncovered() <= uncovered, "account {id}: a settlement uncovered other holds");
        for order in self.exposures[slot].orders(&self.orders) {
            self.accounts[id].orders -= 1;
            self.orders.remove(order);
        }
        self.accounts[id].drop_exposure(market);
        self.exposures.remove(slot);
    }

    fn book_result(&mut self, id: u32, market: u32, profit: Money, events: &mut Vec<Event>) {
        let commission = commission(profit, self.markets[market].commission_bp);
        let settled = self.accounts.settle(id, profit, commission);
        let (account, market, balance) = (id.into(), market.into(), settled.balance);
        events.push(Event::AccountSettled { account, market, profit, commission, balance });
        if settled.fronted > 0 {
            events.push(Event::ShortfallBooked { account, market, amount: settled.fronted, settled: true });
        }
        if settled.covered > 0 {
            events.push(Event::ShortfallCovered { account, amount: settled.covered });
        }
    }

    /// Turns the matched stake on a runner into voided stake. Nothing rests on it any more.
    fn void_bets(&mut self, slot: u32, runner: u16) {
        let mut voided = 0;
        for nth in 0..self.exposures[slot].history.len() {
            let order = &mut self.orders[self.exposures[slot].history[nth]];
            if order.runner == runner {
                voided += order.matched;
                order.voided = std::mem::take(&mut order.matched);
                order.payout = 0;
            }
        }
        self.exposures[slot].at_work -= voided;
        self.exposures[slot].drop_runner(runner);
    }

    fn cover_or_book(&mut self, slot: u32, events: &mut Vec<Event>) {
        let Exposure { account: id, market, hold, .. } = self.exposures[slot];
        let before = self.accounts[id].uncovered();
        let growth = self.exposures[slot].needed(self.markets[market].field()) - hold;
        if self.accounts[id].available() - growth < -before {
            for order in self.resting(&[slot], |_| true) {
                self.take_off(order, self.orders[order].remaining, CancelReason::Shortfall, events);
            }
        }
        self.update_hold(slot, events);
        let amount = self.accounts[id].uncovered() - before;
        if amount > 0 {
            let (account, market) = (id.into(), market.into());
            events.push(Event::ShortfallBooked { account, market, amount, settled: false });
        }
    }

    fn by_account(&self, mut exposures: Vec<u32>) -> Vec<u32> {
        exposures.sort_unstable_by_key(|slot| self.exposures[*slot].account);
        exposures
    }

    /// The resting orders of exposures on the runners asked for, by id.
    fn resting(&self, exposures: &[u32], on: impl Fn(u16) -> bool) -> Vec<u32> {
        let own = exposures.iter().flat_map(|slot| self.exposures[*slot].resting.slots(&self.orders));
        let mut slots: Vec<u32> = own.filter(|slot| on(self.orders[*slot].runner)).collect();
        slots.sort_unstable_by_key(|slot| self.orders[*slot].id);
        slots
    }
}
