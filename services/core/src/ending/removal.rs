//! A runner is taken out: its bets are void, and others may be reduced.

use std::collections::BTreeSet;

use crate::command::{Reduction, Side};
use crate::event::{CancelReason, Event};
use crate::events::Events;
use crate::exchange::Exchange;
use crate::exposure::Exposure;
use crate::ladder::Ladder;
use crate::money::{reduced_to_place, reduced_to_win, Money};
use crate::outcome::{Code, Outcome, Refusal};

/// A win factor below it is ignored; from it on unmatched lays are cancelled.
const LEAST_WIN_FACTOR_BP: u32 = 250;
/// From this place factor on unmatched lays are cancelled.
const CANCELLING_PLACE_FACTOR_BP: u32 = 400;
/// The highest factor: a runner that is certain to win has no rivals.
const LARGEST_FACTOR_BP: u32 = 9_999;

impl Exchange {
    /// Takes a runner out: its resting orders are cancelled, its matched bets are void.
    pub(crate) fn void_runner(&mut self, market: u64, runner_id: u64, events: &mut Events) -> Result<Outcome, Refusal> {
        let (id, runner) = self.check_removal(market, runner_id)?;
        events.push(Event::RunnerVoided { market: id, runner: runner_id });
        self.take_out(id, runner, 0, events);
        Ok(Outcome::done(market))
    }

    /// The same, with a reduction factor for the bets on the others.
    pub(crate) fn remove_runner(
        &mut self,
        market: u64,
        runner_id: u64,
        factor_bp: u32,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let (id, runner) = self.check_removal(market, runner_id)?;
        let reduces = self.markets[id].rules.reduction != Reduction::None;
        let most = if reduces { LARGEST_FACTOR_BP } else { 0 };
        if factor_bp > most {
            return Err(Refusal::new(Code::FactorInvalid, factor_bp.into(), most.into()));
        }
        events.push(Event::RunnerRemoved { market: id, runner: runner_id, factor_bp });
        self.take_out(id, runner, factor_bp, events);
        Ok(Outcome::done(market))
    }

    fn check_removal(&self, market: u64, runner_id: u64) -> Result<(u32, u16), Refusal> {
        let id = self.markets.not_closed(market)?;
        let ladder = self.markets[id].ladder();
        if matches!(ladder, Ladder::Line(_)) {
            return Err(Refusal::new(Code::LadderInvalid, ladder.number().into(), 0));
        }
        Ok((id, self.markets[id].active_runner(runner_id)?))
    }

    /// A bet on the runner may have covered another one, so a hold may grow past the wallet: see [`Self::cover_or_book`].
    fn take_out(&mut self, id: u32, runner: u16, factor_bp: u32, events: &mut Events) {
        let on_it = |exchange: &Self, slot: u32| exchange.orders[slot].label.runner() == runner;
        let mut exposures = self.markets[id].exposures.clone();
        exposures.sort_unstable_by_key(|slot| self.exposures[*slot].account);
        self.take_off_by_id(id, on_it, CancelReason::RunnerGone, events);
        let (cancels, reduces) = match self.markets[id].rules.reduction {
            Reduction::None => (false, false),
            Reduction::Win => (factor_bp >= LEAST_WIN_FACTOR_BP, factor_bp >= LEAST_WIN_FACTOR_BP),
            Reduction::Place => (factor_bp >= CANCELLING_PLACE_FACTOR_BP, factor_bp > 0),
        };
        if cancels {
            let lay = |exchange: &Self, slot: u32| {
                let label = exchange.orders[slot].label;
                label.side() == Side::Lay && !label.on_close()
            };
            self.take_off_by_id(id, lay, CancelReason::Reduction, events);
        }
        self.void_crosses(id, "runner removed", events);
        self.markets[id].void_runner(runner);
        self.markets[id].runners[usize::from(runner)].factor_bp = factor_bp;
        self.markets[id].change_terms(self.step);
        self.void_trades_on(id, runner);
        for slot in &exposures {
            self.exposures[*slot].drop_position(runner.into());
        }
        if reduces {
            self.reduce(id, factor_bp, events);
        }
        for slot in exposures {
            self.cover_or_book(slot, events);
        }
    }

    /// Takes a factor off what every bet pays that is not void.
    fn reduce(&mut self, id: u32, factor_bp: u32, events: &mut Events) {
        let reduced: fn(Money, Money, u32) -> Money = match self.markets[id].rules.reduction {
            Reduction::Place => reduced_to_place,
            _ => reduced_to_win,
        };
        let slots: Vec<u32> = self.trades.slots(self.markets[id].trades).collect();
        let mut changed = BTreeSet::new();
        for slot in slots {
            let trade = *self.trades.get(slot);
            let change = reduced(trade.size, trade.payout, factor_bp) - trade.payout;
            if trade.voided || change == 0 {
                continue;
            }
            self.trades.get_mut(slot).payout += change;
            for order in [trade.backer, trade.layer] {
                self.change_payout(order, change);
                changed.insert((self.orders[order].id, order));
            }
        }
        for (order, slot) in changed {
            let Exposure { account, market, .. } = self.exposures[self.orders[slot].exposure];
            let matched_payout = self.orders[slot].payout;
            events.push(Event::OrderReduced { order, account, market, matched_payout });
        }
    }

    fn change_payout(&mut self, slot: u32, change: Money) {
        let order = &mut self.orders[slot];
        order.add_fill(0, change);
        let (label, exposure) = (order.label, order.exposure);
        self.exposures[exposure].position_mut(label.runner().into()).fill(label.side(), 0, change);
    }

    /// Brings a hold up to date that may have grown past the wallet. Then the account's resting orders in this market are
    /// cancelled, for it is this market's worst case that is not covered: orders elsewhere are covered as they were
    /// accepted. What is still missing is booked, and blocks betting until it is covered.
    pub(super) fn cover_or_book(&mut self, slot: u32, events: &mut Events) {
        let Exposure { account, market, hold, .. } = self.exposures[slot];
        let before = self.accounts[account].uncovered();
        let growth = self.exposures[slot].needed(self.markets[market].field()) - hold;
        if self.accounts[account].available() - growth < -before {
            let mut resting: Vec<u32> = self.exposures[slot].resting.slots(&self.orders).collect();
            resting.sort_unstable_by_key(|order| self.orders[*order].id);
            for order in resting {
                self.take_all_off(order, CancelReason::Shortfall, events);
            }
        }
        self.update_hold(slot, events);
        let amount = self.accounts[account].uncovered() - before;
        if amount > 0 {
            events.push(Event::ShortfallBooked { account, market, amount, settled: false });
        }
    }
}
