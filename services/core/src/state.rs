//! The hash of the whole state: equal on any machine after equal logs.

use crate::book::Half;
use crate::command::Side;
use crate::exchange::Exchange;
use crate::hash::Walk;
use crate::markets::{Market, Runner};

impl Exchange {
    /// SHA-256 over a canonical walk of the state. With `memory` all of it; without, only what a refused command may
    /// not change: not the keys, the counter of commands and log time.
    pub fn state_hash(&self, memory: bool) -> [u8; 32] {
        let mut walk = Walk::default();
        walk.number(self.rules.into());
        self.accounts.walk_totals(&mut walk);
        walk.number(self.accounts.len() as i64);
        for id in self.accounts.ids() {
            self.walk_account(id, &mut walk);
        }
        walk.number(self.markets.len() as i64);
        for id in self.markets.ids() {
            self.walk_market(&self.markets[id], &mut walk);
        }
        self.walk_ended_orders(&mut walk);
        if memory {
            walk.numbers(&[self.now_ms, self.commands as i64, self.operator_window_ms]);
            self.accounts.ids().for_each(|id| walk.number(self.accounts[id].window_ms));
            self.keys.walk(&mut walk);
        }
        walk.finish()
    }

    fn walk_account(&self, id: u32, walk: &mut Walk) {
        let account = &self.accounts[id];
        walk.numbers(&[account.verified.into(), account.wallet, account.held, account.receivable]);
        walk.numbers(&[account.orders.into(), account.exposures.len() as i64]);
        for (_, slot) in &account.exposures {
            let exposure = &self.exposures[*slot];
            exposure.walk(walk);
            let orders = exposure.orders(&self.orders);
            walk.number(orders.len() as i64);
            orders.into_iter().for_each(|slot| self.orders[slot].walk(walk));
        }
    }

    fn walk_ended_orders(&self, walk: &mut Walk) {
        walk.numbers(&[self.orders.last_id() as i64, self.orders.ended().count() as i64]);
        for slot in self.orders.ended() {
            let order = &self.orders[slot];
            let exposure = &self.exposures[order.exposure];
            walk.numbers(&[exposure.account.into(), exposure.market.into()]);
            order.walk(walk);
        }
    }

    fn walk_market(&self, market: &Market, walk: &mut Walk) {
        walk.numbers(&[market.status as i64, market.winners.into(), market.commission_bp.into(), market.minimum_stake]);
        walk.numbers(&[market.version as i64, market.runners.len() as i64]);
        for runner in &market.runners {
            self.walk_runner(runner, walk);
        }
    }

    fn walk_runner(&self, runner: &Runner, walk: &mut Walk) {
        walk.numbers(&[runner.id as i64, runner.voided.into(), runner.winner.into(), runner.book.is_some().into()]);
        let Some(book) = &runner.book else { return };
        walk.number(book.last_tick.into());
        walk.numbers(&book.traded);
        self.walk_half(book.half(Side::Back), walk);
        self.walk_half(book.half(Side::Lay), walk);
    }

    fn walk_half(&self, half: &Half, walk: &mut Walk) {
        walk.number(half.levels().count() as i64);
        for (tick, level) in half.levels() {
            let queue = || level.queue.slots(&self.orders);
            walk.numbers(&[tick.into(), level.size, queue().count() as i64]);
            queue().for_each(|slot| walk.number(self.orders[slot].id as i64));
        }
    }
}
