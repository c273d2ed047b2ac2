//! lobster 0.7: matching only. It has neither moves nor immediate-or-cancel limit orders: a move is a cancel and a new
//! order, an immediate-or-cancel a new order and, where something is left, a cancel.

use lobster::{OrderBook, OrderEvent, OrderType, Side as Theirs};

use super::Engine;
use crate::stream::{Op, Record, Side, Stream};
use crate::tally::{Fills, Resting};

/// lobster's book.
pub struct Lobster {
    books: Vec<OrderBook>,
    fills: Fills,
}

impl Lobster {
    #[inline]
    fn apply(&mut self, record: &Record) {
        let &Record { op, side, tick, size, order, market, .. } = record;
        let book = &mut self.books[market as usize - 1];
        let id = u128::from(order);
        if matches!(op, Op::Move | Op::Cancel) {
            book.execute(OrderType::Cancel { id });
        }
        if op == Op::Cancel {
            return;
        }
        let side = if side == Side::Back { Theirs::Ask } else { Theirs::Bid };
        let event = book.execute(OrderType::Limit { id, side, qty: size.into(), price: u64::from(tick) + 1 });
        let complete = matches!(event, OrderEvent::Filled { .. });
        if let OrderEvent::Filled { fills, .. } | OrderEvent::PartiallyFilled { fills, .. } = event {
            fills.iter().for_each(|fill| self.fills.add(fill.qty, fill.price - 1));
        }
        if op == Op::ImmediateOrCancel && !complete {
            book.execute(OrderType::Cancel { id });
        }
    }
}

impl Engine for Lobster {
    type Prepared = Vec<Record>;

    fn prepare(_: &Stream, records: &[Record]) -> Vec<Record> {
        records.to_vec()
    }

    fn fresh(stream: &Stream) -> Self {
        let books = (0..stream.markets).map(|_| OrderBook::new(10_000, 64, false)).collect();
        Self { books, fills: Fills::default() }
    }

    fn play(&mut self, prepared: &Vec<Record>) {
        prepared.iter().for_each(|record| self.apply(record));
    }

    fn fills(&self) -> Fills {
        self.fills
    }

    fn resting(&self) -> Vec<Resting> {
        let mut resting = Vec::new();
        for (market, book) in (1..).zip(&self.books) {
            let depth = book.depth(crate::stream::TICKS);
            for (side, levels) in [(Side::Back, depth.asks), (Side::Lay, depth.bids)] {
                resting.extend(levels.iter().map(|level| {
                    let (tick, size) = (level.price as u16 - 1, level.qty as u32);
                    Resting { market, side, tick, order: 0, account: 0, size }
                }));
            }
        }
        resting
    }
}
