//! What the operator does, but for ending bets: accounts, markets, suspension, rules.

use crate::accounts::LARGEST_CURRENCY;
use crate::command::{Persistence, Terms};
use crate::event::{CancelReason, Event};
use crate::events::Events;
use crate::exchange::{Exchange, NEWEST_RULES};
use crate::markets::{check_terms, Status};
use crate::money::WHOLE_BP;
use crate::orders::Standing;
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Opens an account, unverified and empty.
    pub(crate) fn open_account(&mut self, currency: u32, events: &mut Events) -> Result<Outcome, Refusal> {
        if currency > LARGEST_CURRENCY {
            return Err(Refusal::new(Code::CurrencyMismatch, currency.into(), LARGEST_CURRENCY.into()));
        }
        self.check_account_room(currency)?;
        let book = self.accounts.book_of(currency);
        let account = self.accounts.open(book);
        events.push(Event::AccountOpened { account, currency });
        Ok(Outcome::done(account.into()))
    }

    /// Refuses one more account that would pass a bound.
    pub(crate) fn check_account_room(&self, currency: u32) -> Result<(), Refusal> {
        Refusal::unless_within(self.accounts.len() as i64 + 1, self.limits.accounts.into())?;
        self.accounts.check_book(currency)
    }

    /// Marks an account's holder as verified.
    pub(crate) fn verify_account(&mut self, account: u64, events: &mut Events) -> Result<Outcome, Refusal> {
        let id = self.accounts.known(account)?;
        if self.accounts[id].verified {
            return Err(Refusal::of(Code::AccountAlreadyVerified, account));
        }
        self.accounts[id].verified = true;
        events.push(Event::AccountVerified { account: id });
        Ok(Outcome::done(account))
    }

    /// Takes something off an account's commission.
    pub(crate) fn set_discount(
        &mut self,
        account: u64,
        discount_bp: u32,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.accounts.known(account)?;
        let fits = u16::try_from(discount_bp).ok().filter(|discount| i64::from(*discount) <= WHOLE_BP);
        let discount_bp = fits.ok_or(Refusal::new(Code::DiscountInvalid, discount_bp.into(), WHOLE_BP))?;
        self.accounts[id].discount_bp = discount_bp;
        events.push(Event::DiscountSet { account: id, discount_bp });
        Ok(Outcome::done(account))
    }

    /// Opens a market, taking orders unless its terms say otherwise.
    pub(crate) fn open_market(&mut self, terms: &Terms, events: &mut Events) -> Result<Outcome, Refusal> {
        let rules = check_terms(terms)?;
        self.markets.check_room(terms.runners.len() as u32, &self.limits)?;
        self.accounts.check_book(terms.rest.currency)?;
        let book = self.accounts.book_of(terms.rest.currency);
        let market = self.markets.open(terms, rules, book);
        events.push(Event::MarketOpened { market, terms: Box::new(terms.clone()) });
        Ok(Outcome::done(market.into()))
    }

    /// Suspends a market, one of its runners or the whole exchange, or takes it up again; what it already is, it may be
    /// set to again.
    pub(crate) fn set_suspension(
        &mut self,
        (market, runner): (u64, u64),
        suspended: bool,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        if market == 0 && runner == 0 && self.rules >= 2 {
            return Ok(self.suspend_all(suspended, events));
        }
        let id = self.markets.not_closed(market)?;
        let only = if runner == 0 { None } else { Some(self.markets[id].active_runner(runner)?) };
        match only {
            Some(nth) => self.markets[id].runners[usize::from(nth)].suspended = suspended,
            None => self.markets[id].status = if suspended { Status::Suspended } else { Status::Open },
        }
        self.markets[id].change_terms(self.step);
        events.push(Event::SuspensionSet { market: id, suspended, runner });
        if suspended {
            self.halt(id, only, events);
        }
        Ok(Outcome::done(market))
    }

    fn suspend_all(&mut self, suspended: bool, events: &mut Events) -> Outcome {
        self.markets.suspended = suspended;
        events.push(Event::SuspensionSet { market: 0, suspended, runner: 0 });
        if suspended {
            for id in self.markets.ids().collect::<Vec<u32>>() {
                self.halt(id, None, events);
            }
        }
        Outcome::done(0)
    }

    /// Cancels what does not outlast a suspension.
    fn halt(&mut self, market: u32, only: Option<u16>, events: &mut Events) {
        if self.markets[market].is_closed() {
            return;
        }
        let ends = |exchange: &Self, slot: u32| {
            let label = exchange.orders[slot].label;
            let kind = label.standing() == Standing::Held
                || label.standing() == Standing::Limit && label.persistence() == Persistence::GoodTillHalted;
            kind && only.is_none_or(|runner| runner == label.runner())
        };
        let concerned = self.take_off_by_id(market, ends, CancelReason::Halted, events);
        if !concerned.is_empty() {
            self.markets[market].change(self.step);
        }
        self.update_holds(concerned, events);
    }

    /// Puts a version of the rules in force: one that this build knows, and never an older one again.
    pub(crate) fn activate_rules(&mut self, version: u32, events: &mut Events) -> Result<Outcome, Refusal> {
        if !(self.rules..=NEWEST_RULES).contains(&version) {
            return Err(Refusal::new(Code::RulesUnknown, version.into(), self.rules.into()));
        }
        self.rules = version;
        events.push(Event::RulesActivated { version });
        Ok(Outcome::done(version.into()))
    }
}
