//! Markets and their runners.

mod market;
mod results;
mod terms;
mod trades;

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

pub use market::{Market, Runner, Status};
pub use results::{Kept, Verdict};
pub use terms::{check as check_terms, Rules, Winners, RUNNERS_PER_MARKET};
pub use trades::{Ends, Trade, Trades};

use crate::command::Terms;
use crate::limits::Limits;
use crate::outcome::{Code, Refusal};

/// All markets, numbered from 1.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Markets {
    list: Vec<Market>,
    open: u32,
    runners: u32,
    /// Whether the whole exchange takes no orders for now.
    pub suspended: bool,
    ended: VecDeque<u32>,
    kept: usize,
}

impl Markets {
    /// How many were ever opened.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether none was ever opened.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Every market's id.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        1..=self.list.len() as u32
    }

    /// The market of that id, in whatever state.
    #[inline]
    pub fn find(&self, id: u64) -> Option<u32> {
        (1..=self.list.len() as u64).contains(&id).then_some(id as u32)
    }

    /// The market of that id.
    ///
    /// # Errors
    /// `MARKET_UNKNOWN`, given the id.
    #[inline]
    pub fn known(&self, id: u64) -> Result<u32, Refusal> {
        self.find(id).ok_or(Refusal::of(Code::MarketUnknown, id))
    }

    /// The market of that id, neither settled nor voided.
    ///
    /// # Errors
    /// `MARKET_UNKNOWN` or `MARKET_CLOSED`, given the id.
    #[inline]
    pub fn not_closed(&self, id: u64) -> Result<u32, Refusal> {
        let market = self.known(id)?;
        if self[market].is_closed() {
            return Err(Refusal::of(Code::MarketClosed, id));
        }
        Ok(market)
    }

    /// The market of that id, taking orders.
    ///
    /// # Errors
    /// `EXCHANGE_SUSPENDED`; `MARKET_UNKNOWN`, `MARKET_CLOSED`, `MARKET_INACTIVE` or `MARKET_SUSPENDED`, given the id.
    #[inline]
    pub fn taking_orders(&self, id: u64) -> Result<u32, Refusal> {
        if self.suspended {
            return Err(Refusal::new(Code::ExchangeSuspended, 0, 0));
        }
        let market = self.not_closed(id)?;
        match self[market].status {
            Status::Inactive => Err(Refusal::of(Code::MarketInactive, id)),
            Status::Suspended => Err(Refusal::of(Code::MarketSuspended, id)),
            _ => Ok(market),
        }
    }

    /// Refuses one more market of so many runners that would pass a bound.
    ///
    /// # Errors
    /// `CAPACITY_REACHED`.
    pub fn check_room(&self, runners: u32, limits: &Limits) -> Result<(), Refusal> {
        Refusal::unless_within(self.list.len() as i64 + 1, limits.markets.into())?;
        Refusal::unless_within(i64::from(self.open) + 1, limits.open_markets.into())?;
        Refusal::unless_within(i64::from(self.runners) + i64::from(runners), limits.runners.into())
    }

    /// Opens a market on checked terms and returns its id.
    pub fn open(&mut self, terms: &Terms, rules: Rules, book: u8) -> u32 {
        self.open += 1;
        self.runners += terms.runners.len() as u32;
        self.list.push(Market::new(terms, rules, book));
        self.list.len() as u32
    }

    /// Ends a market. Its books and its list of exposures are dropped; the slots are returned, for the caller to free.
    pub fn close(&mut self, id: u32, status: Status, step: u64) -> Vec<u32> {
        let market = &mut self[id];
        market.status = status;
        market.change(step);
        market.runners.iter_mut().for_each(|runner| runner.book = None);
        let (runners, exposures) = (market.runners.len() as u32, std::mem::take(&mut market.exposures));
        self.open -= 1;
        self.runners -= runners;
        exposures
    }

    /// Keeps the results of a market that just ended.
    pub fn keep(&mut self, id: u32, results: Vec<Kept>) {
        self.kept += results.len();
        self[id].results = results;
        self.ended.push_back(id);
    }

    /// How many results are kept.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// The market that ended longest ago of those whose results are kept.
    pub fn longest_ended(&self) -> Option<u32> {
        self.ended.front().copied()
    }

    /// Forgets the results of a market: they are final.
    pub fn make_final(&mut self, id: u32) {
        self.ended.retain(|ended| *ended != id);
        let market = &mut self[id];
        market.final_due = None;
        let forgotten = std::mem::take(&mut market.results);
        self.kept -= forgotten.len();
    }
}

impl Index<u32> for Markets {
    type Output = Market;

    #[inline]
    fn index(&self, id: u32) -> &Market {
        &self.list[id as usize - 1]
    }
}

impl IndexMut<u32> for Markets {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Market {
        &mut self.list[id as usize - 1]
    }
}
