//! orderbook-rs 0.15: matching only, in one thread. A move is its `cancel_order` and a new order: its own update of a price
//! does the same. Fills are counted by its trade listener.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use orderbook_rs::{Id, OrderBook, Side as Theirs, TimeInForce};

use super::Engine;
use crate::stream::{Op, Record, Side, Stream};
use crate::tally::{Fills, Resting};

#[derive(Default)]
struct Counts {
    trades: AtomicU64,
    volume: AtomicU64,
    notional: AtomicU64,
}

/// orderbook-rs's book.
pub struct OrderbookRs {
    books: Vec<OrderBook<()>>,
    counts: Arc<Counts>,
}

impl OrderbookRs {
    fn apply(&self, record: &Record) {
        let &Record { op, side, tick, size, order, market, .. } = record;
        let (book, id) = (&self.books[market as usize - 1], Id::Sequential(order.into()));
        if matches!(op, Op::Move | Op::Cancel) {
            book.cancel_order(id).expect("the order rests");
        }
        if op == Op::Cancel {
            return;
        }
        let side = if side == Side::Back { Theirs::Sell } else { Theirs::Buy };
        let time_in_force = if op == Op::ImmediateOrCancel { TimeInForce::Ioc } else { TimeInForce::Gtc };
        // An error tells of what an immediate-or-cancel order left; the listener has heard of its fills.
        let added = book.add_limit_order(id, u128::from(tick) + 1, size.into(), side, time_in_force, None);
        assert!(added.is_ok() || op == Op::ImmediateOrCancel, "a new order is accepted");
    }
}

impl Engine for OrderbookRs {
    type Prepared = Vec<Record>;

    fn prepare(_: &Stream, records: &[Record]) -> Vec<Record> {
        records.to_vec()
    }

    fn fresh(stream: &Stream) -> Self {
        let counts = Arc::new(Counts::default());
        let book = |_| {
            let counts = Arc::clone(&counts);
            OrderBook::with_trade_listener(
                "market",
                Arc::new(move |result| {
                    for trade in result.match_result.trades().as_vec() {
                        let (size, price) = (trade.quantity().as_u64(), trade.price().as_u128() as u64);
                        counts.trades.fetch_add(1, Ordering::Relaxed);
                        counts.volume.fetch_add(size, Ordering::Relaxed);
                        counts.notional.fetch_add(size * price, Ordering::Relaxed);
                    }
                }),
            )
        };
        Self { books: (0..stream.markets).map(book).collect(), counts }
    }

    fn play(&mut self, prepared: &Vec<Record>) {
        prepared.iter().for_each(|record| self.apply(record));
    }

    fn fills(&self) -> Fills {
        let [trades, volume, notional] = [&self.counts.trades, &self.counts.volume, &self.counts.notional]
            .map(|count| count.load(Ordering::Relaxed));
        Fills { trades, volume, notional }
    }

    fn resting(&self) -> Vec<Resting> {
        let mut resting = Vec::new();
        for (market, book) in (1..).zip(&self.books) {
            let snapshot = book.create_snapshot(usize::MAX).expect("one thread");
            for (side, levels) in [(Side::Back, snapshot.asks), (Side::Lay, snapshot.bids)] {
                resting.extend(levels.iter().map(|level| {
                    let (tick, size) = (level.price().as_u128() as u16 - 1, level.visible_quantity().as_u64() as u32);
                    Resting { market, side, tick, order: 0, account: 0, size }
                }));
            }
        }
        resting
    }
}
