//! Reads: images of markets, accounts and orders.

use prost::Message;

use super::proto;
use crate::book::{Book, Half};
use crate::command::Side;
use crate::exchange::Exchange;
use crate::markets::Runner;
use crate::orders::Order;

impl Exchange {
    /// The bytes of a `MarketImage`, with at most `depth` prices a side (0: all); `None` for an unknown market. A
    /// settled or voided market has no book any more.
    pub fn market_image(&self, market: u64, depth: usize) -> Option<Vec<u8>> {
        let state = &self.markets[self.markets.find(market)?];
        let depth = if depth == 0 { usize::MAX } else { depth };
        let image = proto::MarketImage {
            market,
            status: state.status as i32,
            winners: state.winners,
            commission_bp: state.commission_bp,
            minimum_stake: state.minimum_stake,
            version: state.version,
            runners: state.runners.iter().map(|runner| runner_image(runner, depth)).collect(),
        };
        Some(image.encode_to_vec())
    }

    /// The bytes of an `AccountImage`; `None` for an unknown account.
    pub fn account_image(&self, account: u64) -> Option<Vec<u8>> {
        let state = &self.accounts[self.accounts.find(account)?];
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
            for slot in self.orders_in_memory_of(*slot) {
                let order = &self.orders[slot];
                orders.push(order_image(order, account, (*market).into(), runners[usize::from(order.runner)].id));
            }
        }
        Some(proto::OrderImages { orders }.encode_to_vec())
    }

    fn orders_in_memory_of(&self, exposure: u32) -> Vec<u32> {
        let mut slots = self.exposures[exposure].orders(&self.orders);
        slots.extend(self.orders.ended().filter(|slot| self.orders[*slot].exposure == exposure));
        slots.sort_unstable_by_key(|slot| self.orders[*slot].id);
        slots
    }
}

fn runner_image(runner: &Runner, depth: usize) -> proto::RunnerImage {
    let image = proto::RunnerImage {
        runner: runner.id,
        voided: runner.voided,
        winner: runner.winner,
        ..proto::RunnerImage::default()
    };
    let Some(book) = &runner.book else { return image };
    proto::RunnerImage {
        to_back: prices(book.half(Side::Lay), depth),
        to_lay: prices(book.half(Side::Back), depth),
        traded: traded(book),
        last_price: book.last_tick.into(),
        ..image
    }
}

fn prices(half: &Half, depth: usize) -> Vec<proto::PriceSize> {
    half.levels().take(depth).map(|(tick, level)| proto::PriceSize { price: tick.into(), size: level.size }).collect()
}

fn traded(book: &Book) -> Vec<proto::PriceSize> {
    let prices = book.traded.iter().zip(0..).filter(|(size, _)| **size > 0);
    prices.map(|(size, price)| proto::PriceSize { price, size: *size }).collect()
}

fn order_image(order: &Order, account: u64, market: u64, runner: u64) -> proto::OrderImage {
    proto::OrderImage {
        order: order.id,
        account,
        market,
        runner,
        side: order.side as i32,
        price: order.tick.into(),
        size: order.size,
        matched: order.matched,
        matched_payout: order.payout,
        remaining: order.remaining,
        cancelled: order.cancelled,
        voided: order.voided,
        placed_ms: order.placed_ms,
    }
}
