//! The invariants, each recomputed from scratch: slow, for debug builds, tests and whoever doubts a state.
//!
//! What must hold of every single step (log time, conservation, cover at acceptance, fills that raise no hold, results
//! that sum to zero) is asserted where the step is made, in release builds too.

use std::collections::BTreeMap;

use crate::book::Half;
use crate::command::Side;
use crate::exchange::Exchange;
use crate::exposure::{hold, Exposure, Position};
use crate::ladder::CLASSIC;
use crate::markets::Market;
use crate::money::{liability, Money, PENNY};
use crate::orders::Order;

/// A violated invariant: the state must not be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invariant violated: {invariant}: {detail}")]
pub struct InvariantError {
    /// Which one.
    pub invariant: &'static str,
    /// What was found.
    pub detail: String,
}

impl InvariantError {
    /// A violation.
    pub fn new(invariant: &'static str, detail: String) -> Self {
        Self { invariant, detail }
    }
}

type Checked = Result<(), InvariantError>;

fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Checked {
    if holds {
        return Ok(());
    }
    Err(InvariantError::new(invariant, detail()))
}

impl Exchange {
    /// Checks every invariant of the whole state.
    ///
    /// # Errors
    /// The first one that does not hold.
    pub fn check_invariants(&self) -> Checked {
        self.check_money()?;
        self.check_bounds()?;
        self.check_ended_orders()?;
        for id in self.accounts.ids() {
            self.check_account(id)?;
        }
        for id in self.markets.ids() {
            self.check_market(id)?;
        }
        Ok(())
    }

    /// Invariant 1: money is conserved, and the running totals are those of the accounts.
    fn check_money(&self) -> Checked {
        let totals = self.accounts.totals();
        let sum = |part: fn(&crate::accounts::Account) -> Money| -> i128 {
            self.accounts.ids().map(|id| i128::from(part(&self.accounts[id]))).sum()
        };
        let (wallets, receivables) = (sum(|account| account.wallet), sum(|account| account.receivable));
        ensure(totals.imbalance() == 0, "conservation", || format!("off by {}", totals.imbalance()))?;
        ensure(wallets == totals.wallets, "wallets' total", || format!("{wallets} and {}", totals.wallets))?;
        ensure(totals.house == -receivables, "house pays receivables", || {
            format!("house {} and receivables {receivables}", totals.house)
        })
    }

    fn check_ended_orders(&self) -> Checked {
        let counting: u32 = self.accounts.ids().map(|id| self.accounts[id].orders).sum();
        let ended = self.orders.ended().count();
        ensure(counting as usize + ended == self.orders.len(), "orders in memory", || {
            format!("{counting} and {ended} of {}", self.orders.len())
        })?;
        for slot in self.orders.ended() {
            let order = &self.orders[slot];
            ensure(order.ended_unmatched() && order.cancelled == order.size, "ended order", || format!("{order:?}"))?;
        }
        Ok(())
    }

    fn check_bounds(&self) -> Checked {
        let counts = [
            (self.accounts.len(), self.limits.accounts),
            (self.markets.len(), self.limits.markets),
            (self.exposures.len(), self.limits.exposures),
            (self.orders.len(), self.limits.orders),
            (self.keys.len(), self.limits.keys.max(1)),
        ];
        let broken = counts.into_iter().find(|(count, most)| *count > *most as usize);
        ensure(broken.is_none(), "bounds", || format!("{broken:?}"))
    }

    /// Invariant 2 (each hold is what the market's worst case needs) and 4 (every order adds up).
    fn check_account(&self, id: u32) -> Checked {
        let account = &self.accounts[id];
        ensure(account.wallet >= 0 && account.receivable >= 0, "wallet's range", || {
            format!("account {id}: {account:?}")
        })?;
        ensure(account.receivable == 0 || account.wallet == 0, "receivable first", || format!("account {id}"))?;
        ensure(account.verified || account.wallet == 0 && account.orders == 0, "KYC-1", || format!("account {id}"))?;
        let (mut held, mut counted) = (0, 0);
        for (market, slot) in &account.exposures {
            let exposure = &self.exposures[*slot];
            ensure((exposure.account, exposure.market) == (id, *market), "exposure's owner", || {
                format!("slot {slot}")
            })?;
            counted += self.check_exposure(exposure, &self.markets[*market])?;
            held += exposure.hold;
        }
        ensure(held == account.held, "held", || format!("account {id}: {held} and {}", account.held))?;
        ensure(counted == account.orders, "orders' count", || format!("account {id}: {counted} and {}", account.orders))
    }

    fn check_exposure(&self, exposure: &Exposure, market: &Market) -> Result<u32, InvariantError> {
        let (mut positions, mut at_work, mut counted, mut last) = (BTreeMap::new(), 0, 0, 0);
        for slot in exposure.orders(&self.orders) {
            let order = &self.orders[slot];
            ensure(order.id > last && self.orders.find(order.id) == Some(slot), "orders' index", || {
                format!("order {} in slot {slot}", order.id)
            })?;
            last = order.id;
            check_order(order)?;
            ensure(!order.ended_unmatched(), "orders that count", || format!("order {last}"))?;
            counted += 1;
            at_work += order.matched + order.remaining;
            if !market.runners[usize::from(order.runner)].voided {
                add(positions.entry(order.runner).or_default(), order);
            }
        }
        let name = || format!("account {} in market {}", exposure.account, exposure.market);
        ensure(at_work == exposure.at_work, "stake at work", name)?;
        for kept in exposure.positions() {
            let zero = Position { runner: kept.runner, ..Position::default() };
            let found = positions
                .remove(&kept.runner)
                .map_or(zero, |found: Position| Position { runner: kept.runner, ..found });
            ensure(found == *kept, "position", || format!("{}: {found:?} and {kept:?}", name()))?;
        }
        ensure(positions.is_empty(), "position", || format!("{}: {positions:?} is missing", name()))?;
        let needed = hold(exposure.positions().iter().copied(), market.field());
        ensure(needed == exposure.hold, "hold", || format!("{}: {needed} and {}", name(), exposure.hold))?;
        Ok(counted)
    }

    /// Invariant 3: not crossed at rest, price then time; and every bet has its other side.
    fn check_market(&self, id: u32) -> Checked {
        let market = &self.markets[id];
        let active = market.runners.iter().filter(|runner| !runner.voided).count();
        ensure(active == market.field().active, "active runners", || format!("market {id}"))?;
        ensure(!market.is_closed() || market.exposures.is_empty(), "ended market", || format!("market {id}"))?;
        for (index, runner) in market.runners.iter().enumerate() {
            let (mut win, mut lose) = (0, 0);
            for slot in &market.exposures {
                let positions = self.exposures[*slot].positions();
                for position in positions.iter().filter(|position| usize::from(position.runner) == index) {
                    win += i128::from(position.win);
                    lose += i128::from(position.lose);
                }
            }
            ensure((win, lose) == (0, 0), "zero sum", || format!("market {id}, runner {}: {win}, {lose}", runner.id))?;
            let Some(book) = &runner.book else { continue };
            let crossed = book.backs.best().zip(book.lays.best()).is_some_and(|(back, lay)| back <= lay);
            ensure(!crossed, "not crossed", || format!("market {id}, runner {}", runner.id))?;
            self.check_half(id, index as u16, &book.backs, Side::Back)?;
            self.check_half(id, index as u16, &book.lays, Side::Lay)?;
        }
        Ok(())
    }

    fn check_half(&self, market: u32, runner: u16, half: &Half, side: Side) -> Checked {
        ensure(half.is_indexed(), "best price", || format!("market {market}, runner index {runner}"))?;
        for (tick, level) in half.levels() {
            let (mut size, mut last) = (0, 0);
            for slot in level.queue.slots(&self.orders) {
                let order = &self.orders[slot];
                let exposure = &self.exposures[order.exposure];
                let belongs = (exposure.market, order.runner, order.side, order.tick) == (market, runner, side, tick);
                ensure(belongs && order.remaining > 0, "resting order", || format!("{order:?}"))?;
                ensure(order.id > last, "time priority", || format!("order {} after {last}", order.id))?;
                last = order.id;
                size += order.remaining;
            }
            ensure(size == level.size, "level's size", || format!("market {market}, tick {tick}: {size}"))?;
        }
        Ok(())
    }
}

fn check_order(order: &Order) -> Checked {
    let Order { id, size, matched, remaining, cancelled, voided, .. } = *order;
    let parts = [matched, remaining, cancelled, voided];
    let adds_up = parts.iter().sum::<Money>() == size && parts.iter().all(|part| *part >= 0);
    ensure(adds_up, "order adds up", || format!("order {id}: {parts:?} of {size}"))?;
    let at_limit = matched / PENNY * CLASSIC[usize::from(order.tick)];
    let within = match order.side {
        Side::Back => order.payout >= at_limit,
        Side::Lay => order.payout <= at_limit,
    };
    ensure(within, "nobody fills worse than the limit", || format!("order {id}: {order:?}"))
}

fn add(position: &mut Position, order: &Order) {
    let (win, lose) = (order.payout - order.matched, order.matched);
    match order.side {
        Side::Back => {
            position.win += win;
            position.lose -= lose;
            position.open_backs += order.remaining;
        }
        Side::Lay => {
            position.win -= win;
            position.lose += lose;
            position.open_lays += liability(order.remaining, order.tick);
        }
    }
}
