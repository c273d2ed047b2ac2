//! The hash of the whole state: equal on any machine after equal logs.

use crate::book::Half;
use crate::command::Side;
use crate::exchange::{Exchange, Timer};
use crate::hash::Walk;
use crate::markets::{Market, Rules, Runner, Winners};
use crate::memory::chain::NIL;

impl Exchange {
    /// SHA-256 over a canonical walk of the state. With `memory` all of it; without, only what a refused command may
    /// not change: not the keys, the counter of commands and log time.
    pub fn state_hash(&self, memory: bool) -> [u8; 32] {
        let mut walk = Walk::default();
        walk.numbers(&[self.rules.into(), self.markets.suspended.into()]);
        self.accounts.walk(&mut walk);
        walk.number(self.accounts.len() as i64);
        for id in self.accounts.ids() {
            self.walk_account(id, &mut walk);
        }
        walk.number(self.markets.len() as i64);
        for id in self.markets.ids() {
            self.walk_market(&self.markets[id], &mut walk);
        }
        self.walk_ended_orders(&mut walk);
        self.timers.walk(&mut walk, timer_numbers);
        if memory {
            walk.numbers(&[self.now_ms, self.commands as i64, self.operator_window_ms]);
            self.accounts.ids().for_each(|id| walk.number(self.accounts[id].window_ms));
            self.keys.walk(&mut walk);
        }
        walk.finish()
    }

    fn walk_account(&self, id: u32, walk: &mut Walk) {
        let account = &self.accounts[id];
        account.walk(walk);
        for (_, slot) in &account.exposures {
            let exposure = &self.exposures[*slot];
            exposure.walk(walk);
            let orders = exposure.orders(&self.orders);
            walk.number(orders.len() as i64);
            orders.into_iter().for_each(|slot| self.orders.walk(slot, walk));
        }
    }

    fn walk_ended_orders(&self, walk: &mut Walk) {
        self.trades.walk_last(walk);
        walk.numbers(&[self.orders.last_id() as i64, self.orders.ended().count() as i64]);
        for ended in self.orders.ended() {
            let exposure = &self.exposures[ended.exposure];
            walk.numbers(&[exposure.account.into(), exposure.market.into()]);
            self.orders.walk_ended(ended, walk);
        }
    }

    fn walk_market(&self, market: &Market, walk: &mut Walk) {
        walk.numbers(&[market.status as i64, market.in_play.into(), market.book.into()]);
        walk_rules(&market.rules, walk);
        walk.numbers(&[market.commission_bp.into(), market.minimum_stake, market.version as i64]);
        walk.numbers(&[market.terms_version as i64, market.runners.len() as i64]);
        for runner in &market.runners {
            self.walk_runner(runner, walk);
        }
        let id = |slot| if slot == NIL { 0 } else { self.orders[slot].id as i64 };
        self.trades.walk(market.trades, id, walk);
        walk.numbers(&market.crossed);
        walk.numbers(&[market.results.len() as i64, market.final_due.is_some().into()]);
        market.results.iter().for_each(|kept| kept.walk(walk));
    }

    fn walk_runner(&self, runner: &Runner, walk: &mut Walk) {
        let Runner { id, voided, suspended, winner, factor_bp, starting, .. } = *runner;
        walk.numbers(&[id as i64, voided.into(), suspended.into(), winner.into(), factor_bp.into()]);
        let (tick, size) = starting.unwrap_or_default();
        walk.numbers(&[tick.into(), size, runner.book.is_some().into()]);
        let Some(book) = &runner.book else { return };
        walk.numbers(&[book.last_tick.into(), book.traded().count() as i64]);
        book.traded().for_each(|(tick, size)| walk.numbers(&[tick.into(), size]));
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

fn walk_rules(rules: &Rules, walk: &mut Walk) {
    let winners = match rules.winners {
        Winners::Fixed(winners) => winners.into(),
        Winners::Variable => -1,
    };
    walk.numbers(&[rules.ladder.number().into(), rules.ladder.ticks().into(), winners, rules.self_match as i64]);
    walk.numbers(&[rules.reduction as i64, rules.starting_price.into(), rules.cross_matching.into()]);
    walk.numbers(&[rules.in_play_delay_ms.into(), rules.passive_delay.into()]);
}

fn timer_numbers(timer: Timer) -> [i64; 3] {
    match timer {
        Timer::Release(_) => [1, 0, 0],
        Timer::Silence(account) => [2, account.into(), 0],
        Timer::Limit(account, name) => {
            let limit = i64::from(name.by_operator) << 8 | (name.kind as i64) << 4 | name.window as i64;
            [3, account.into(), limit]
        }
        Timer::Lift(account) => [4, account.into(), 0],
        Timer::Final(market) => [5, market.into(), 0],
    }
}
