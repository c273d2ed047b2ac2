//! Invariants 1, 2 and 4: money is conserved, holds cover, orders add up.

use std::collections::BTreeMap;

use super::{ensure, Checked, InvariantError};
use crate::accounts::{Account, Totals};
use crate::command::{Reduction, Side};
use crate::exchange::Exchange;
use crate::exposure::{hold, risk, Position};
use crate::markets::Market;
use crate::money::{Money, PENNY, STAKE_AT_LOWEST};
use crate::orders::Standing;

impl Exchange {
    /// Invariant 1: money is conserved, and the running totals are those of the accounts.
    pub(super) fn check_money(&self) -> Checked {
        for (nth, book) in self.accounts.books().iter().enumerate() {
            let totals: Totals = book.totals;
            let of_book = || self.accounts.ids().filter(|id| usize::from(self.accounts[*id].book) == nth);
            let sum = |part: fn(&Account) -> Money| -> i128 {
                of_book().map(|id| i128::from(part(&self.accounts[id]))).sum()
            };
            let (wallets, receivables) = (sum(|account| account.wallet), sum(|account| account.receivable));
            let waiting = self.accounts.withdrawals().values();
            let of_withdrawal = waiting.filter(|it| usize::from(self.accounts[it.account].book) == nth);
            let withdrawing: i128 = of_withdrawal.map(|it| i128::from(it.amount)).sum();
            ensure(totals.imbalance() == 0, "conservation", || format!("off by {}", totals.imbalance()))?;
            ensure((wallets, withdrawing) == (totals.wallets, totals.withdrawing), "wallets' total", || {
                format!("{wallets}, {withdrawing} and {totals:?}")
            })?;
            ensure(totals.house == -receivables, "house pays receivables", || {
                format!("house {} and receivables {receivables}", totals.house)
            })?;
        }
        Ok(())
    }

    pub(super) fn check_ended_orders(&self) -> Checked {
        let counting: u32 = self.accounts.ids().map(|id| self.accounts[id].orders).sum();
        let ended = self.orders.ended().count();
        ensure(counting as usize + ended == self.orders.len(), "orders in memory", || {
            format!("{counting} and {ended} of {}", self.orders.len())
        })?;
        for ended in self.orders.ended() {
            let found = self.orders.find_ended(ended.id).is_some() && self.orders.find(ended.id).is_none();
            ensure(found, "ended orders' index", || format!("{ended:?}"))?;
        }
        Ok(())
    }

    /// Invariant 2 (each hold is what the market's worst case needs) and 4 (every order adds up).
    pub(super) fn check_account(&self, id: u32) -> Checked {
        let account = &self.accounts[id];
        ensure(account.wallet >= 0 && account.receivable >= 0, "wallet's range", || {
            format!("account {id}: {account:?}")
        })?;
        ensure(account.receivable == 0 || account.wallet == 0, "receivable first", || format!("account {id}"))?;
        ensure(account.verified || account.wallet == 0 && account.orders == 0, "KYC-1", || format!("account {id}"))?;
        let (mut held, mut counted, mut open) = (0, 0, 0);
        for (market, slot) in &account.exposures {
            let exposure = &self.exposures[*slot];
            ensure((exposure.account, exposure.market) == (id, *market), "exposure's owner", || {
                format!("slot {slot}")
            })?;
            counted += self.check_exposure(*slot, &self.markets[*market])?;
            held += exposure.hold;
            open += exposure.positions().iter().map(|it| it.open_backs + it.open_lays).sum::<Money>();
        }
        ensure((held, open) == (account.held, account.open_risk), "held", || {
            format!("account {id}: {held} and {}, {open} and {}", account.held, account.open_risk)
        })?;
        ensure(counted == account.orders, "orders' count", || {
            format!("account {id}: {counted} and {}", account.orders)
        })?;
        self.check_stopped(id)
    }

    /// Invariant 7: nobody who may not bet has anything that could still be matched.
    fn check_stopped(&self, id: u32) -> Checked {
        let account = &self.accounts[id];
        let stopped = account.check_protection(id, self.now_ms).is_err();
        ensure(!stopped || account.open_risk == 0, "protected", || format!("account {id} has open orders"))
    }

    fn check_exposure(&self, slot: u32, market: &Market) -> Result<u32, InvariantError> {
        let exposure = &self.exposures[slot];
        let mut positions: BTreeMap<u32, Position> = BTreeMap::new();
        let (mut at_work, mut counted, mut last) = (0, 0, 0);
        for slot in exposure.orders(&self.orders) {
            let order = &self.orders[slot];
            ensure(order.id > last && self.orders.find(order.id) == Some(slot), "orders' index", || {
                format!("order {} in slot {slot}", order.id)
            })?;
            last = order.id;
            self.check_parts(slot, market)?;
            ensure(!self.orders.ended_unmatched(slot), "orders that count", || format!("order {last}"))?;
            counted += 1;
            let weight = if order.by_liability() { STAKE_AT_LOWEST } else { 1 };
            at_work += order.matched() + order.remaining() * weight;
            if !market.runners[usize::from(order.label.runner())].voided {
                let key = market.key(order.label.runner(), order.label.tick());
                self.open(positions.entry(key).or_insert_with(|| Position::at(key)), slot, market);
            }
        }
        let name = || format!("account {} in market {}", exposure.account, exposure.market);
        ensure(at_work == exposure.at_work, "stake at work", || {
            format!("{}: {at_work} and {}", name(), exposure.at_work)
        })?;
        for kept in exposure.positions() {
            let found = positions.remove(&kept.key).unwrap_or_else(|| Position::at(kept.key));
            let open = (found.open_backs, found.open_lays);
            ensure(open == (kept.open_backs, kept.open_lays), "open position", || {
                format!("{}: {found:?} and {kept:?}", name())
            })?;
        }
        ensure(positions.is_empty(), "position", || format!("{}: {positions:?} is missing", name()))?;
        let needed = hold(exposure.positions(), market.field());
        ensure(needed == exposure.hold, "hold", || format!("{}: {needed} and {}", name(), exposure.hold))?;
        Ok(counted)
    }

    fn open(&self, position: &mut Position, slot: u32, market: &Market) {
        let order = &self.orders[slot];
        let (side, left) = (order.label.side(), order.remaining());
        let risk =
            if order.label.on_close() { left } else { risk(side, left, market.ladder().price(order.label.tick())) };
        position.open(side, risk);
    }

    fn check_parts(&self, slot: u32, market: &Market) -> Checked {
        let order = &self.orders[slot];
        let (matched, remaining) = (order.matched(), order.remaining());
        let (cancelled, voided) = (self.orders.cancelled(slot), self.orders.voided(slot));
        let parts = [matched, remaining, cancelled, voided];
        let sum: Money = parts.iter().sum();
        let adds_up = (order.by_liability() || sum == order.size()) && parts.iter().all(|part| *part >= 0);
        ensure(adds_up, "order adds up", || format!("order {}: {parts:?} of {}", order.id, order.size()))?;
        if voided > 0 || market.rules.reduction != Reduction::None {
            return Ok(());
        }
        if order.by_liability() {
            let used = order.payout - matched;
            return ensure(used + remaining + cancelled == order.size(), "liability adds up", || {
                format!("order {}: {used}, {remaining}, {cancelled} of {}", order.id, order.size())
            });
        }
        if order.label.standing() == Standing::MarketOnClose {
            return Ok(());
        }
        let at_limit = matched / PENNY * market.ladder().price(order.label.tick());
        let within = match order.label.side() {
            Side::Back => order.payout >= at_limit,
            Side::Lay => order.payout <= at_limit,
        };
        ensure(within, "nobody fills worse than the limit", || format!("order {}: {order:?}", order.id))
    }
}
