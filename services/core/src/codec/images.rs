//! Reads: images of markets, accounts and orders.

use prost::Message;

use super::proto;
use crate::accounts::{Account, Care, Limit, LimitName, Permit};
use crate::book::{Book, Half};
use crate::command::Side;
use crate::exchange::Exchange;
use crate::markets::{Runner, Winners};
use crate::orders::{Label, Order};

impl Exchange {
    /// The bytes of a `MarketImage`, with at most `depth` prices a side (0: all); `None` for an unknown market. A
    /// settled or voided market has no book any more.
    pub fn market_image(&self, market: u64, depth: usize) -> Option<Vec<u8>> {
        let state = &self.markets[self.markets.find(market)?];
        let depth = if depth == 0 { usize::MAX } else { depth };
        let image = proto::MarketImage {
            market,
            status: state.status as i32,
            winners: match state.rules.winners {
                Winners::Fixed(winners) => winners,
                Winners::Variable => 0,
            },
            commission_bp: state.commission_bp,
            minimum_stake: state.minimum_stake,
            version: state.version,
            runners: state.runners.iter().map(|runner| runner_image(runner, depth)).collect(),
            in_play: state.in_play,
            terms_version: state.terms_version,
            r#final: state.is_closed() && state.final_due.is_none(),
        };
        Some(image.encode_to_vec())
    }

    /// The bytes of an `AccountImage`; `None` for an unknown account.
    pub fn account_image(&self, account: u64) -> Option<Vec<u8>> {
        let id = self.accounts.find(account)?;
        let state = &self.accounts[id];
        let holds = state.exposures.iter().map(|(market, slot)| (*market, self.exposures[*slot].hold));
        let holds = holds.filter(|(_, hold)| *hold != 0);
        let image = proto::AccountImage {
            account,
            verified: state.verified,
            balance: state.wallet,
            held: state.held,
            available: state.available(),
            receivable: state.receivable,
            blocked: state.shortfall() > 0,
            holds: holds.map(|(market, hold)| proto::MarketHold { market: market.into(), hold }).collect(),
            currency: self.accounts.currency(id),
            discount_bp: state.discount_bp.into(),
            ..state.care.as_ref().map_or_else(Default::default, |care| care_image(state, care, self.now_ms))
        };
        Some(image.encode_to_vec())
    }

    /// The bytes of `OrderImages`: the account's orders in memory, by market and id, in one market or (0) in all;
    /// `None` for an unknown account or market.
    pub fn orders_image(&self, account: u64, market: u64) -> Option<Vec<u8>> {
        let id = self.accounts.find(account)?;
        let only = if market == 0 { None } else { Some(self.markets.find(market)?) };
        let exposures =
            self.accounts[id].exposures.iter().filter(|(market, _)| only.is_none_or(|only| only == *market));
        let mut orders = Vec::new();
        for (market, slot) in exposures {
            let runners = &self.markets[*market].runners;
            let first = orders.len();
            let runner = |label: Label| runners[usize::from(label.runner())].id;
            for slot in self.exposures[*slot].orders(&self.orders) {
                let order = &self.orders[slot];
                orders.push(proto::OrderImage {
                    cancelled: self.orders.cancelled(slot),
                    voided: self.orders.voided(slot),
                    release_ms: self.orders.held(slot).map_or(0, |held| held.due.at_ms),
                    ..order_image(order, (account, *market), runner(order.label))
                });
            }
            for ended in self.orders.ended().filter(|ended| ended.exposure == *slot) {
                let order = ended.order();
                let cancelled = order.size();
                let image = order_image(&order, (account, *market), runner(ended.label));
                orders.push(proto::OrderImage { cancelled, ..image });
            }
            orders[first..].sort_unstable_by_key(|image| image.order);
        }
        Some(proto::OrderImages { orders }.encode_to_vec())
    }
}

fn order_image(order: &Order, (account, market): (u64, u32), runner: u64) -> proto::OrderImage {
    proto::OrderImage {
        order: order.id,
        account,
        market: market.into(),
        runner,
        side: order.label.side() as i32,
        price: order.label.tick(),
        size: order.size(),
        matched: order.matched(),
        matched_payout: order.payout,
        remaining: order.remaining(),
        placed_ms: order.placed_ms(),
        r#type: order.label.order_type() as i32,
        persistence: order.label.persistence() as i32,
        strategy: order.strategy().into(),
        ..proto::OrderImage::default()
    }
}

fn runner_image(runner: &Runner, depth: usize) -> proto::RunnerImage {
    let image = proto::RunnerImage {
        runner: runner.id,
        voided: runner.voided,
        winner: runner.winner,
        ..proto::RunnerImage::default()
    };
    let (starting_price, starting_size) = runner.starting.unwrap_or_default();
    let (suspended, factor_bp) = (runner.suspended, runner.factor_bp);
    let image = proto::RunnerImage { suspended, factor_bp, starting_price, starting_size, ..image };
    let Some(book) = &runner.book else { return image };
    proto::RunnerImage {
        to_back: prices(book.half(Side::Lay), depth),
        to_lay: prices(book.half(Side::Back), depth),
        traded: traded(book),
        last_price: book.last_tick,
        ..image
    }
}

fn prices(half: &Half, depth: usize) -> Vec<proto::PriceSize> {
    half.levels().take(depth).map(|(price, level)| proto::PriceSize { price, size: level.size }).collect()
}

fn traded(book: &Book) -> Vec<proto::PriceSize> {
    book.traded().map(|(price, size)| proto::PriceSize { price, size }).collect()
}

/// What of an account's image is about its protection.
fn care_image(account: &Account, care: &Care, now_ms: i64) -> proto::AccountImage {
    let limit = |(name, limit): (&LimitName, &Limit)| proto::LimitImage {
        kind: name.kind as i32 + 1,
        window: name.window as i32 + 1,
        by_operator: name.by_operator,
        amount: limit.amount,
        next_amount: limit.next.map_or(0, |(amount, _)| amount),
        next_ms: limit.next.map_or(0, |(_, due)| due.at_ms),
        used: account.used(name.kind, name.window, now_ms),
    };
    let permit = |(shard, permit): (&u32, &Permit)| proto::PermitImage {
        shard: *shard,
        money: permit.money,
        loss: permit.loss,
        stake: permit.stake,
        confirmed: !permit.live,
    };
    proto::AccountImage {
        time_out_until_ms: care.time_out_until_ms,
        excluded: care.exclusion.is_some(),
        excluded_until_ms: care.exclusion.map_or(0, |exclusion| exclusion.until_ms),
        lifting_ms: care.exclusion.and_then(|exclusion| exclusion.lifting).map_or(0, |due| due.at_ms),
        pending: !care.pending.is_empty(),
        limits: care.limits.iter().map(limit).collect(),
        permits: care.permits.iter().map(permit).collect(),
        heartbeat_due_ms: care.heartbeat.map_or(0, |due| due.at_ms),
        ..proto::AccountImage::default()
    }
}
