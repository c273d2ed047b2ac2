//! The output buffer: the events of a command, in their order.
//!
//! The four kinds that nearly every command tells lie in a row that is written over again and again; the others, some of
//! which own memory, lie beside it.

use crate::event::{Accepted, CancelReason, Event, Fill};
use crate::money::Money;

/// An event in the row.
#[derive(Clone, Copy, Debug)]
enum Told {
    Accepted(Accepted),
    Matched(Fill),
    Cancelled {
        order: u64,
        account: u32,
        market: u32,
        size: Money,
        reason: CancelReason,
    },
    HoldChanged {
        account: u32,
        market: u32,
        before: Money,
        after: Money,
    },
    /// The next of the others.
    Other,
}

/// Events, to be taken or written over.
#[derive(Debug, Default)]
pub struct Events {
    row: Vec<Told>,
    length: usize,
    others: Vec<Event>,
}

impl Events {
    /// None yet, with room for so many.
    pub fn with_room(events: usize) -> Self {
        Self { row: vec![Told::Other; events], length: 0, others: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Forgets all.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.length = 0;
        if !self.others.is_empty() {
            self.others.clear();
        }
    }

    #[inline(always)]
    fn put(&mut self, told: Told) {
        if self.length >= self.row.len() {
            self.grow();
        }
        self.row[self.length] = told;
        self.length += 1;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.row.resize((2 * self.row.len()).max(64), Told::Other);
    }

    /// An order was accepted.
    #[inline(always)]
    pub fn accepted(&mut self, accepted: Accepted) {
        self.put(Told::Accepted(accepted));
    }

    /// Two orders were matched.
    #[inline(always)]
    pub fn matched(&mut self, fill: Fill) {
        self.put(Told::Matched(fill));
    }

    /// So much of an order of (account, market) was cancelled.
    #[inline(always)]
    pub fn cancelled(&mut self, order: u64, (account, market): (u32, u32), size: Money, reason: CancelReason) {
        self.put(Told::Cancelled { order, account, market, size, reason });
    }

    /// The hold of (account, market) changed from the former to the latter amount.
    #[inline(always)]
    pub fn hold_changed(&mut self, (account, market): (u32, u32), (before, after): (Money, Money)) {
        self.put(Told::HoldChanged { account, market, before, after });
    }

    /// Any other event; the four above may come this way, too.
    #[inline(never)]
    pub fn push(&mut self, event: Event) {
        self.others.push(event);
        self.put(Told::Other);
    }

    /// Takes all, in their order.
    pub fn take(&mut self) -> impl Iterator<Item = Event> + '_ {
        let (length, mut others) = (std::mem::take(&mut self.length), self.others.drain(..));
        self.row[..length].iter().map(move |told| match *told {
            Told::Accepted(accepted) => Event::OrderAccepted(accepted),
            Told::Matched(fill) => Event::Matched(fill),
            Told::Cancelled { order, account, market, size, reason } => {
                Event::OrderCancelled { order, account, market, size, reason }
            }
            Told::HoldChanged { account, market, before, after } => {
                Event::HoldChanged { account, market, before, after }
            }
            Told::Other => others.next().expect("every other event has its place in the row"),
        })
    }

    /// The fills.
    #[inline]
    pub fn fills(&self) -> impl Iterator<Item = &Fill> {
        self.row[..self.length].iter().filter_map(|told| match told {
            Told::Matched(fill) => Some(fill),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_in_the_order_in_which_they_were_told_however_many_there_are() {
        let mut events = Events::default();
        let cancelled =
            |order| Event::OrderCancelled { order, account: 1, market: 2, size: 3, reason: CancelReason::Killed };
        for round in 0..3 {
            for nth in 0..100 {
                events.push(cancelled(nth));
                events.push(Event::HeartbeatExpired { account: nth as u32 });
            }
            let told: Vec<Event> = events.take().collect();
            assert_eq!(told.len(), 200, "round {round}");
            for (nth, pair) in (0..).zip(told.chunks(2)) {
                assert_eq!(pair, [cancelled(nth), Event::HeartbeatExpired { account: nth as u32 }]);
            }
            events.push(cancelled(7));
            events.push(Event::HeartbeatExpired { account: 8 });
            events.clear();
            assert!(events.is_empty() && events.take().next().is_none());
        }
    }
}
