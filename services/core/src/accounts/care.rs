//! What protects a player: limits, a time-out, an exclusion, a heartbeat; and the permits that lend some of it elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::command::{LimitKind, LimitWindow};
use crate::hash::Walk;
use crate::memory::timers::Due;
use crate::money::Money;
use crate::outcome::{Code, Refusal};

/// Which limit: of what, over what time, by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LimitName {
    /// Set by the operator; otherwise the player's own.
    pub by_operator: bool,
    /// What it bounds.
    pub kind: LimitKind,
    /// Over what time.
    pub window: LimitWindow,
}

/// A limit: the amount in force, and one that waits for its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The amount in force; 0: none.
    pub amount: Money,
    /// What it is to become, and when.
    pub next: Option<(Money, Due)>,
}

impl Limit {
    /// Whether an amount would bind more.
    pub fn is_tightened_by(&self, amount: Money) -> bool {
        amount != 0 && (self.amount == 0 || amount < self.amount)
    }
}

/// A self-exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// When its time is over; 0: never. It stands until it is lifted.
    pub until_ms: i64,
    /// From when lifting it may be asked for.
    pub earliest_ms: i64,
    /// When it is lifted, once that was asked for.
    pub lifting: Option<Due>,
}

/// What of an account is lent to another shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Money sent there, less what came back.
    pub money: Money,
    /// Of the loss allowance; -1: any.
    pub loss: Money,
    /// Of the stake allowance; -1: any.
    pub stake: Money,
    /// The number of the last slice.
    pub slices: u64,
    /// The number of the last return.
    pub returns: u64,
    /// Granted to since it was last confirmed as tightened, or closed.
    pub live: bool,
}

/// All that protects one account. Few accounts have any of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Care {
    /// Limits in force or waiting.
    pub limits: BTreeMap<LimitName, Limit>,
    /// No bets before that time.
    pub time_out_until_ms: i64,
    /// No bets at all.
    pub exclusion: Option<Exclusion>,
    /// When its orders are cancelled, unless it is heard of.
    pub heartbeat: Option<Due>,
    /// By shard.
    pub permits: BTreeMap<u32, Permit>,
    /// Shards that have to confirm a tightening.
    pub pending: BTreeSet<u32>,
}

impl Care {
    /// Refuses one who may not bet or pay in.
    ///
    /// # Errors
    /// `SELF_EXCLUDED` or `TIMED_OUT`, with the time until then.
    pub fn check(&self, now_ms: i64) -> Result<(), Refusal> {
        if let Some(exclusion) = &self.exclusion {
            return Err(Refusal::new(Code::SelfExcluded, 0, exclusion.until_ms));
        }
        if now_ms < self.time_out_until_ms {
            return Err(Refusal::new(Code::TimedOut, 0, self.time_out_until_ms));
        }
        Ok(())
    }

    /// The limit in force: the lower of the player's own and the operator's.
    pub fn limit(&self, kind: LimitKind, window: LimitWindow) -> Option<Money> {
        let by = |by_operator| self.limits.get(&LimitName { by_operator, kind, window });
        let amounts = [by(false), by(true)].into_iter().flatten().map(|limit| limit.amount);
        amounts.filter(|amount| *amount != 0).min()
    }

    /// What of an allowance is lent to other shards.
    pub fn lent(&self, slice: impl Fn(&Permit) -> Money) -> Money {
        self.permits.values().map(|permit| slice(permit).max(0)).sum()
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.number(self.limits.len() as i64);
        for (name, limit) in &self.limits {
            walk.numbers(&[name.by_operator.into(), name.kind as i64, name.window as i64, limit.amount]);
            let (amount, due) = limit.next.map_or((0, None), |(amount, due)| (amount, Some(due)));
            walk.number(amount);
            walk_due(due, walk);
        }
        let exclusion = self.exclusion.map_or([0; 3], |it| [1, it.until_ms, it.earliest_ms]);
        walk.number(self.time_out_until_ms);
        walk.numbers(&exclusion);
        walk_due(self.exclusion.and_then(|exclusion| exclusion.lifting), walk);
        walk_due(self.heartbeat, walk);
        walk.numbers(&[self.permits.len() as i64, self.pending.len() as i64]);
        for (shard, permit) in &self.permits {
            let Permit { money, loss, stake, slices, returns, live } = *permit;
            walk.numbers(&[(*shard).into(), money, loss, stake, slices as i64, returns as i64, live.into()]);
        }
        self.pending.iter().for_each(|shard| walk.number((*shard).into()));
    }
}

fn walk_due(due: Option<Due>, walk: &mut Walk) {
    walk.numbers(&due.map_or([0, 0], |due| [due.at_ms, due.number as i64]));
}

/// What an account is under whose home is another shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The home shard.
    pub home: u32,
    /// The account there.
    pub account: u64,
    /// No new bets.
    pub stopped: bool,
    /// The number of the last slice.
    pub slices: u64,
    /// The number of the last return.
    pub returns: u64,
    /// What it may lose; -1: any.
    pub loss: Money,
    /// What it may stake; -1: any.
    pub stake: Money,
    /// What its markets came to since the permit was opened.
    pub result: Money,
    /// What it staked since then.
    pub staked: Money,
}

impl Guest {
    pub(crate) fn walk(&self, walk: &mut Walk) {
        let Self { home, account, stopped, slices, returns, loss, stake, result, staked } = *self;
        walk.numbers(&[home.into(), account as i64, stopped.into(), slices as i64, returns as i64]);
        walk.numbers(&[loss, stake, result, staked]);
    }
}
