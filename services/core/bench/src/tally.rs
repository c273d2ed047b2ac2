//! What an engine made of a stream: equal for all that did the same work.

use crate::stream::Side;

/// Fills, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fills {
    /// How many.
    pub trades: u64,
    /// Units.
    pub volume: u64,
    /// Units x (tick + 1), at the resting order's tick.
    pub notional: u64,
}

impl Fills {
    /// One more.
    #[inline]
    pub fn add(&mut self, size: u64, tick: u64) {
        self.trades += 1;
        self.volume += size;
        self.notional += size * (tick + 1);
    }
}

/// An order as it rests at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The market.
    pub market: u32,
    /// Its side.
    pub side: Side,
    /// Its tick.
    pub tick: u16,
    /// Its number; 0 where an engine tells only what rests at a price in all.
    pub order: u32,
    /// Whose; likewise.
    pub account: u32,
    /// Units.
    pub size: u32,
}

/// FNV-1a over the stake at every price: market, side, tick and units, by rising tick.
pub fn levels_hash(resting: &[Resting]) -> u64 {
    let mut levels: Vec<(u32, Side, u16, u64)> = Vec::new();
    let mut sorted: Vec<&Resting> = resting.iter().collect();
    sorted.sort_by_key(|order| (order.market, order.side, order.tick));
    for order in sorted {
        match levels.last_mut() {
            Some(last) if (last.0, last.1, last.2) == (order.market, order.side, order.tick) => {
                last.3 += u64::from(order.size);
            }
            _ => levels.push((order.market, order.side, order.tick, u64::from(order.size))),
        }
    }
    let numbers = levels.iter().flat_map(|level| [level.0.into(), level.1 as u64, level.2.into(), level.3]);
    fnv1a(numbers)
}

/// FNV-1a over the orders at every price in their order of time; they are given so, within a price.
pub fn orders_hash(resting: &[Resting]) -> u64 {
    let mut sorted: Vec<&Resting> = resting.iter().collect();
    sorted.sort_by_key(|order| (order.market, order.side, order.tick));
    let numbers = sorted.iter().flat_map(|order| {
        let place = [order.market.into(), order.side as u64, order.tick.into()];
        place.into_iter().chain([order.order.into(), order.account.into(), order.size.into()])
    });
    fnv1a(numbers)
}

/// FNV-1a, 64 bits, over numbers as eight little-endian bytes each.
fn fnv1a(numbers: impl Iterator<Item = u64>) -> u64 {
    let bytes = numbers.flat_map(u64::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
