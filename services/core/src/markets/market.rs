//! One market.

use serde::{Deserialize, Serialize};

use super::results::Kept;
use super::terms::{Rules, Winners};
use super::trades::Ends;
use crate::book::Book;
use crate::command::Terms;
use crate::exposure::Field;
use crate::ladder::Ladder;
use crate::memory::timers::Due;
use crate::money::Money;
use crate::outcome::{Code, Refusal};

/// Where a market stands. Numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Takes orders.
    Open = 1,
    /// Takes none for now; orders may be cancelled.
    Suspended = 2,
    /// Paid out.
    Settled = 3,
    /// Called off.
    Voided = 4,
    /// Takes no orders yet.
    Inactive = 5,
}

/// A runner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Runner {
    /// Its id within the market.
    pub id: u64,
    /// Taken out; its bets are void.
    pub voided: bool,
    /// Takes no orders for now.
    pub suspended: bool,
    /// Won, alone or in a dead heat, once the market is settled.
    pub winner: bool,
    /// The reduction factor that it was removed with.
    pub factor_bp: u32,
    /// The starting price's tick, and the stake matched at it.
    pub starting: Option<(u32, Money)>,
    /// Its book, once it had an order and until the market ends.
    pub book: Option<Box<Book>>,
}

/// A market. Once settled or voided only its terms and results are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Market {
    /// Where it stands.
    pub status: Status,
    /// Whether it turned in play.
    pub in_play: bool,
    /// Which book of money it belongs to.
    pub book: u8,
    /// What it is like.
    pub rules: Rules,
    /// Commission in basis points of net winnings.
    pub commission_bp: u32,
    /// The smallest stake.
    pub minimum_stake: Money,
    /// Grows with every change.
    pub version: u64,
    /// Grows when it is suspended, taken up, turned in play or loses a runner.
    pub terms_version: u64,
    /// The runners, as announced.
    pub runners: Vec<Runner>,
    /// Slots of the exposures in it, in the order in which they began.
    pub exposures: Vec<u32>,
    /// Its trades.
    pub trades: Ends,
    /// What the exchange's own side of its cross-matches comes to, by the runner that wins.
    pub crossed: Vec<Money>,
    /// What it came to for each account with a bet, by account, until that is final.
    pub results: Vec<Kept>,
    /// When the results are final.
    pub final_due: Option<Due>,
    by_id: Vec<(u64, u16)>,
    active: usize,
    field: Field,
    changed_in: u64,
}

impl Market {
    pub(super) fn new(terms: &Terms, rules: Rules, book: u8) -> Self {
        let runner = |id| Runner {
            id,
            voided: false,
            suspended: false,
            winner: false,
            factor_bp: 0,
            starting: None,
            book: None,
        };
        let runners: Vec<Runner> = terms.runners.iter().map(|terms| runner(terms.id)).collect();
        let mut by_id: Vec<(u64, u16)> = terms.runners.iter().map(|terms| terms.id).zip(0..).collect();
        by_id.sort_unstable();
        let active = runners.len();
        Self {
            status: if terms.rest.inactive { Status::Inactive } else { Status::Open },
            in_play: false,
            book,
            rules,
            commission_bp: terms.commission_bp,
            minimum_stake: terms.minimum_stake,
            version: 1,
            terms_version: 1,
            active,
            field: field(&rules, active),
            crossed: if rules.cross_matching { vec![0; runners.len()] } else { Vec::new() },
            runners,
            exposures: Vec::new(),
            trades: Ends::default(),
            results: Vec::new(),
            final_due: None,
            by_id,
            changed_in: 0,
        }
    }

    /// Its prices.
    #[inline]
    pub fn ladder(&self) -> Ladder {
        self.rules.ladder
    }

    /// Whether it is settled or voided.
    #[inline]
    pub fn is_closed(&self) -> bool {
        matches!(self.status, Status::Settled | Status::Voided)
    }

    /// How it can end.
    #[inline]
    pub fn field(&self) -> Field {
        self.field
    }

    /// How many runners are active.
    pub fn active(&self) -> usize {
        self.active
    }

    /// The key of positions of a runner, or on a line of a tick.
    #[inline]
    pub fn key(&self, runner: u16, tick: u32) -> u32 {
        match self.rules.ladder {
            Ladder::Line(_) => tick,
            _ => runner.into(),
        }
    }

    /// The index of a runner that is not voided.
    ///
    /// # Errors
    /// `RUNNER_UNKNOWN` or `RUNNER_VOIDED`, given its id.
    #[inline(always)]
    pub fn active_runner(&self, id: u64) -> Result<u16, Refusal> {
        let runner = match self.by_id.get((id as usize).wrapping_sub(1)) {
            Some((found, runner)) if *found == id => *runner, // ids that count from 1
            _ => self.search_runner(id)?,
        };
        if self.runners[usize::from(runner)].voided {
            return Err(Refusal::of(Code::RunnerVoided, id));
        }
        Ok(runner)
    }

    #[inline(never)]
    fn search_runner(&self, id: u64) -> Result<u16, Refusal> {
        let found = self.by_id.binary_search_by_key(&id, |(id, _)| *id);
        found.map(|nth| self.by_id[nth].1).map_err(|_| Refusal::of(Code::RunnerUnknown, id))
    }

    /// The indexes of the runners that are not voided, in the market's order.
    pub fn active_runners(&self) -> impl Iterator<Item = u16> + '_ {
        self.runners.iter().zip(0..).filter(|(runner, _)| !runner.voided).map(|(_, nth)| nth)
    }

    /// Takes an active runner out.
    pub fn void_runner(&mut self, runner: u16) {
        self.runners[usize::from(runner)].voided = true;
        self.active -= 1;
        self.field = field(&self.rules, self.active);
    }

    /// A runner's book, if it had an order.
    #[inline]
    pub fn book(&self, runner: u16) -> Option<&Book> {
        self.runners[usize::from(runner)].book.as_deref()
    }

    /// A runner's book, begun if this is its first order.
    #[inline(always)]
    pub fn book_mut(&mut self, runner: u16) -> &mut Book {
        let ladder = self.rules.ladder;
        self.runners[usize::from(runner)].book.get_or_insert_with(|| begin_book(ladder))
    }

    /// Notes a change; several in one step are one.
    #[inline]
    pub fn change(&mut self, step: u64) {
        if self.changed_in != step {
            self.changed_in = step;
            self.version += 1;
        }
    }

    /// Notes a change that a bettor should know of before betting on.
    pub fn change_terms(&mut self, step: u64) {
        self.change(step);
        self.terms_version += 1;
    }
}

/// How a market of so many active runners can end.
fn field(rules: &Rules, active: usize) -> Field {
    match (rules.ladder, rules.winners) {
        (Ladder::Line(_), _) => Field::Line,
        (_, Winners::Variable) => Field::Any,
        (_, Winners::Fixed(1)) if active > 0 => Field::One { active },
        (_, Winners::Fixed(winners)) => Field::Many { active, winners: active.min(winners as usize) },
    }
}

/// Apart from the code that finds a book: it is rare.
#[cold]
#[inline(never)]
fn begin_book(ladder: Ladder) -> Box<Book> {
    Box::new(Book::new(ladder))
}
