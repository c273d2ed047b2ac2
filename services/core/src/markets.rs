//! Markets and their runners.

use std::ops::{Index, IndexMut};

use crate::book::Book;
use crate::command::Terms;
use crate::exposure::Field;
use crate::limits::Limits;
use crate::money::{Money, LARGEST_STAKE, PENNY};
use crate::outcome::{Code, Refusal};

/// The most runners one market may have.
pub const RUNNERS_PER_MARKET: usize = 1_000;
/// The most commission a market may charge, in basis points of net winnings.
pub const LARGEST_COMMISSION_BP: u32 = 2_000;

/// Where a market stands. Numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Takes orders.
    Open = 1,
    /// Takes none for now; orders may be cancelled.
    Suspended = 2,
    /// Paid out.
    Settled = 3,
    /// Called off.
    Voided = 4,
}

/// A runner.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Its id within the market.
    pub id: u64,
    /// Taken out; its bets are void.
    pub voided: bool,
    /// Won, once the market is settled.
    pub winner: bool,
    /// Its book, once it had an order and until the market ends.
    pub book: Option<Box<Book>>,
}

/// A market. Once settled or voided only its terms and results are kept.
#[derive(Clone, Debug)]
pub struct Market {
    /// Where it stands.
    pub status: Status,
    /// How many runners win.
    pub winners: u32,
    /// Commission in basis points of net winnings.
    pub commission_bp: u32,
    /// The smallest stake.
    pub minimum_stake: Money,
    /// Grows with every change.
    pub version: u64,
    /// The runners, as announced.
    pub runners: Vec<Runner>,
    /// Slots of the exposures in it, in the order in which they began.
    pub exposures: Vec<u32>,
    by_id: Vec<(u64, u16)>,
    active: usize,
}

impl Market {
    fn new(terms: &Terms) -> Self {
        let runner = |id| Runner { id, voided: false, winner: false, book: None };
        let runners: Vec<Runner> = terms.runners.iter().map(|terms| runner(terms.id)).collect();
        let mut by_id: Vec<(u64, u16)> = terms.runners.iter().map(|terms| terms.id).zip(0..).collect();
        by_id.sort_unstable();
        Self {
            status: Status::Open,
            winners: terms.winners,
            commission_bp: terms.commission_bp,
            minimum_stake: terms.minimum_stake,
            version: 1,
            active: runners.len(),
            runners,
            exposures: Vec::new(),
            by_id,
        }
    }

    /// Whether it is settled or voided.
    #[inline]
    pub fn is_closed(&self) -> bool {
        matches!(self.status, Status::Settled | Status::Voided)
    }

    /// Its active runners, and how many of them win: never more than there are.
    #[inline]
    pub fn field(&self) -> Field {
        Field { active: self.active, winners: self.active.min(self.winners as usize) }
    }

    /// The index of a runner that is not voided.
    ///
    /// # Errors
    /// `RUNNER_UNKNOWN` or `RUNNER_VOIDED`, given its id.
    #[inline]
    pub fn active_runner(&self, id: u64) -> Result<u16, Refusal> {
        let found = self.by_id.binary_search_by_key(&id, |(id, _)| *id);
        let runner = found.map(|nth| self.by_id[nth].1).map_err(|_| Refusal::of(Code::RunnerUnknown, id))?;
        if self.runners[usize::from(runner)].voided {
            return Err(Refusal::of(Code::RunnerVoided, id));
        }
        Ok(runner)
    }

    /// Takes an active runner out.
    pub fn void_runner(&mut self, runner: u16) {
        self.runners[usize::from(runner)].voided = true;
        self.active -= 1;
    }

    /// A runner's book, begun if this is its first order.
    #[inline]
    pub fn book_mut(&mut self, runner: u16) -> &mut Book {
        self.runners[usize::from(runner)].book.get_or_insert_with(begin_book)
    }
}

/// All markets, numbered from 1.
#[derive(Debug, Default)]
pub struct Markets {
    list: Vec<Market>,
    open: u32,
    runners: u32,
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

    /// The market of that id, neither settled nor voided.
    ///
    /// # Errors
    /// `MARKET_UNKNOWN` or `MARKET_CLOSED`, given the id.
    #[inline]
    pub fn not_closed(&self, id: u64) -> Result<u32, Refusal> {
        let market = self.find(id).ok_or(Refusal::of(Code::MarketUnknown, id))?;
        if self[market].is_closed() {
            return Err(Refusal::of(Code::MarketClosed, id));
        }
        Ok(market)
    }

    /// The market of that id, taking orders.
    ///
    /// # Errors
    /// `MARKET_UNKNOWN`, `MARKET_CLOSED` or `MARKET_SUSPENDED`, given the id.
    #[inline]
    pub fn taking_orders(&self, id: u64) -> Result<u32, Refusal> {
        let market = self.not_closed(id)?;
        match self[market].status {
            Status::Suspended => Err(Refusal::of(Code::MarketSuspended, id)),
            _ => Ok(market),
        }
    }

    /// Opens a market and returns its id.
    ///
    /// # Errors
    /// `MARKET_INVALID`, with the value that is out of range and its bound; `CAPACITY_REACHED`.
    pub fn open(&mut self, terms: &Terms, limits: &Limits) -> Result<u32, Refusal> {
        check(terms)?;
        let more = terms.runners.len() as u32;
        let bounds = [
            (self.list.len() as u32 + 1, limits.markets),
            (self.open + 1, limits.open_markets),
            (self.runners + more, limits.runners),
        ];
        if let Some((count, most)) = bounds.into_iter().find(|(count, most)| count > most) {
            return Err(Refusal::capacity(count.into(), most.into()));
        }
        self.open += 1;
        self.runners += more;
        self.list.push(Market::new(terms));
        Ok(self.list.len() as u32)
    }

    /// Ends a market. Its books and its list of exposures are dropped; the slots are returned, for the caller to free.
    pub fn close(&mut self, id: u32, status: Status) -> Vec<u32> {
        let market = &mut self[id];
        market.status = status;
        market.version += 1;
        market.runners.iter_mut().for_each(|runner| runner.book = None);
        let (runners, exposures) = (market.runners.len() as u32, std::mem::take(&mut market.exposures));
        self.open -= 1;
        self.runners -= runners;
        exposures
    }
}

/// Apart from the code that finds a book: one is made on the stack, and is too large to make room for at every order.
#[cold]
#[inline(never)]
fn begin_book() -> Box<Book> {
    Box::default()
}

fn check(terms: &Terms) -> Result<(), Refusal> {
    let invalid = |given: i64, bound: i64| Err(Refusal::new(Code::MarketInvalid, given, bound));
    let count = terms.runners.len();
    if count == 0 || count > RUNNERS_PER_MARKET {
        return invalid(count as i64, if count == 0 { 1 } else { RUNNERS_PER_MARKET as i64 });
    }
    let mut ids: Vec<u64> = terms.runners.iter().map(|runner| runner.id).collect();
    ids.sort_unstable();
    let repeated = ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    if let Some(id) = repeated.or((ids[0] == 0).then_some(0)) {
        return invalid(id as i64, 0);
    }
    if terms.winners == 0 || terms.winners as usize > count {
        return invalid(terms.winners.into(), if terms.winners == 0 { 1 } else { count as i64 });
    }
    if terms.commission_bp > LARGEST_COMMISSION_BP {
        return invalid(terms.commission_bp.into(), LARGEST_COMMISSION_BP.into());
    }
    if terms.minimum_stake < PENNY || terms.minimum_stake % PENNY != 0 {
        return invalid(terms.minimum_stake, PENNY);
    }
    if terms.minimum_stake > LARGEST_STAKE {
        return invalid(terms.minimum_stake, LARGEST_STAKE);
    }
    Ok(())
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
