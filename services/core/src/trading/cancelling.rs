//! Orders are cancelled, whole or in part, one or many; and change what becomes of them in play.

use super::checks::check_persistence;
use super::Concerned;
use crate::event::{CancelReason, Event};
use crate::events::Events;
use crate::exchange::{Exchange, OPERATOR};
use crate::money::{Money, PENNY};
use crate::orders::Standing;
use crate::outcome::{Code, Outcome, Refusal};

/// Which orders of an account are cancelled together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sweep {
    /// In this market only.
    pub market: Option<u32>,
    /// Of this strategy only.
    pub strategy: Option<u32>,
    /// Those held by the delay stay.
    pub spare_held: bool,
}

/// What was cancelled together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Swept {
    /// How many orders.
    pub orders: u64,
    /// What was left of them.
    pub size: Money,
}

impl Exchange {
    /// The slot of an account's own order of which something rests.
    #[inline]
    pub(super) fn own_resting(&self, id: u32, market: u32, order: u64) -> Result<u32, Refusal> {
        let slot = self.own(id, market, order)?.filter(|slot| self.orders[*slot].remaining() != 0);
        slot.ok_or(Refusal::of(Code::OrderComplete, order))
    }

    /// The slot of an account's own order; `None` if it ended with nothing matched.
    #[inline]
    fn own(&self, id: u32, market: u32, order: u64) -> Result<Option<u32>, Refusal> {
        let slot = self.orders.find(order);
        let exposure = match slot {
            Some(slot) => Some(self.orders[slot].exposure),
            None => self.orders.find_ended(order).map(|ended| ended.exposure),
        };
        let owner = exposure.map(|slot| (self.exposures[slot].account, self.exposures[slot].market));
        if owner != Some((id, market)) {
            return Err(Refusal::of(Code::OrderUnknown, order));
        }
        Ok(slot)
    }

    /// Nobody takes an order back while the delay holds it: that would be a free look at what happens.
    #[inline]
    pub(super) fn check_not_held(&self, slot: u32) -> Result<(), Refusal> {
        if self.orders[slot].label.standing() != Standing::Held {
            return Ok(());
        }
        let release_ms = self.orders.held(slot).map_or(0, |held| held.due.at_ms);
        Err(Refusal::new(Code::OrderDelayed, self.orders[slot].id as i64, release_ms))
    }

    /// Cancels what is left of an order, or part of it; the rest keeps its place. A suspended market allows it.
    #[inline]
    pub(crate) fn cancel(
        &mut self,
        id: u32,
        (market, order): (u64, u64),
        reduction: Money,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let market = self.markets.not_closed(market)?;
        let slot = self.own(id, market, order)?;
        if reduction < 0 || reduction % PENNY != 0 {
            return Err(Refusal::new(Code::SizeInvalid, reduction, if reduction < 0 { 0 } else { PENNY }));
        }
        let complete = Refusal::of(Code::OrderComplete, order);
        let slot = slot.ok_or(complete)?;
        let left = self.orders[slot].remaining();
        if left == 0 {
            return Err(complete);
        }
        self.check_not_held(slot)?;
        let cancelled = if reduction == 0 { left } else { reduction.min(left) };
        let exposure = self.orders[slot].exposure;
        self.take_off(slot, cancelled, CancelReason::Requested, events);
        self.update_hold(exposure, events);
        self.markets[market].change(self.step);
        Ok(Outcome { cancelled, remaining: left - cancelled, ..Outcome::done(order) })
    }

    /// Changes what becomes of a resting limit order when its market turns in play.
    pub(crate) fn update(
        &mut self,
        id: u32,
        (market, order): (u64, u64),
        persistence: i32,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let market = self.markets.not_closed(market)?;
        let slot = self.own_resting(id, market, order)?;
        let label = self.orders[slot].label;
        if label.on_close() {
            return Err(Refusal::new(Code::OrderTypeInvalid, label.order_type() as i64, 0));
        }
        self.check_not_held(slot)?;
        let persistence = check_persistence(persistence, &self.markets[market])?;
        self.orders[slot].label = label.with_persistence(persistence);
        self.markets[market].change(self.step);
        events.push(Event::OrderUpdated { order, account: id, market, persistence });
        Ok(Outcome { remaining: self.orders[slot].remaining(), ..Outcome::done(order) })
    }

    /// Cancels everything of an account, or of everyone in a market, that a player or the operator asks for.
    pub(crate) fn cancel_all(
        &mut self,
        actor: u32,
        (market, strategy, named): (u64, u32, u64),
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        if actor == OPERATOR && named == 0 && market == 0 {
            return Err(Refusal::new(Code::Malformed, 0, 0));
        }
        let account = match (actor, named) {
            (OPERATOR, 0) => None,
            (OPERATOR, named) => Some(self.accounts.known(named)?),
            (player, _) => Some(player),
        };
        let market = if market == 0 { None } else { Some(self.markets.not_closed(market)?) };
        let strategy = (strategy != 0).then_some(strategy);
        let sweep = Sweep { market, strategy, spare_held: actor != OPERATOR };
        let accounts = match (account, market) {
            (Some(account), _) => vec![account],
            (None, Some(market)) => {
                let mut concerned = Concerned::default();
                self.markets[market].exposures.iter().for_each(|slot| concerned.add(*slot));
                concerned.by_account(self).into_iter().map(|slot| self.exposures[slot].account).collect()
            }
            (None, None) => Vec::new(),
        };
        let mut all = Swept::default();
        for account in accounts {
            let Swept { orders, size } = self.sweep_account(account, sweep, CancelReason::Requested, events);
            all.orders += orders;
            all.size += size;
        }
        Ok(Outcome { cancelled: all.size, ..Outcome::done(all.orders) })
    }

    /// Cancels all that rests of an account.
    pub(crate) fn cancel_account(&mut self, id: u32, reason: CancelReason, events: &mut Events) {
        self.sweep_account(id, Sweep::default(), reason, events);
    }

    /// Cancels orders of an account, market by market.
    fn sweep_account(&mut self, id: u32, sweep: Sweep, reason: CancelReason, events: &mut Events) -> Swept {
        let mut swept = Swept::default();
        for (market, exposure) in self.accounts[id].exposures.clone() {
            if sweep.market.is_some_and(|only| only != market) {
                continue;
            }
            let slots: Vec<u32> = self.exposures[exposure].resting.slots(&self.orders).collect();
            let wanted = |slot: &u32| {
                let order = &self.orders[*slot];
                let spared = sweep.spare_held && order.label.standing() == Standing::Held;
                !spared && sweep.strategy.is_none_or(|strategy| strategy == u32::from(order.strategy()))
            };
            let slots: Vec<u32> = slots.into_iter().filter(wanted).collect();
            for slot in &slots {
                swept.orders += 1;
                swept.size += self.orders[*slot].remaining();
                self.take_all_off(*slot, reason, events);
            }
            self.update_hold(exposure, events);
            if !slots.is_empty() {
                self.markets[market].change(self.step);
            }
        }
        swept
    }

    /// Cancels orders of a market by id, and then brings the holds up to date, unless that is left to the caller.
    pub(crate) fn take_off_by_id(
        &mut self,
        market: u32,
        which: impl Fn(&Self, u32) -> bool,
        reason: CancelReason,
        events: &mut Events,
    ) -> Concerned {
        let mut slots = self.resting_in(market);
        slots.retain(|slot| which(self, *slot));
        let mut concerned = Concerned::default();
        for slot in slots {
            concerned.add(self.orders[slot].exposure);
            self.take_all_off(slot, reason, events);
        }
        concerned
    }

    /// The slots of all that rests in a market, by id.
    pub(crate) fn resting_in(&self, market: u32) -> Vec<u32> {
        let exposures = self.markets[market].exposures.iter();
        let mut slots: Vec<u32> =
            exposures.flat_map(|slot| self.exposures[*slot].resting.slots(&self.orders)).collect();
        slots.sort_unstable_by_key(|slot| self.orders[*slot].id);
        slots
    }
}
