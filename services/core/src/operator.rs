//! What the operator does, but for ending bets: accounts, markets, suspension, rules.

use crate::command::Terms;
use crate::event::Event;
use crate::exchange::{Exchange, NEWEST_RULES};
use crate::markets::Status;
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Opens an account, unverified and empty.
    pub(crate) fn open_account(&mut self, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let (count, most) = (self.accounts.len() as i64 + 1, i64::from(self.limits.accounts));
        if count > most {
            return Err(Refusal::capacity(count, most));
        }
        let account = u64::from(self.accounts.open());
        events.push(Event::AccountOpened { account });
        Ok(Outcome::done(account))
    }

    /// Marks an account's holder as verified.
    pub(crate) fn verify_account(&mut self, account: u64, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let id = self.accounts.find(account).ok_or(Refusal::of(Code::AccountUnknown, account))?;
        if self.accounts[id].verified {
            return Err(Refusal::of(Code::AccountAlreadyVerified, account));
        }
        self.accounts[id].verified = true;
        events.push(Event::AccountVerified { account });
        Ok(Outcome::done(account))
    }

    /// Opens a market, taking orders.
    pub(crate) fn open_market(&mut self, terms: &Terms, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        let market = u64::from(self.markets.open(terms, &self.limits)?);
        events.push(Event::MarketOpened { market, terms: Box::new(terms.clone()) });
        Ok(Outcome::done(market))
    }

    /// Suspends a market or takes it up again; what it already is, it may be set to again.
    pub(crate) fn set_suspension(
        &mut self,
        market: u64,
        suspended: bool,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, Refusal> {
        let id = self.markets.not_closed(market)?;
        self.markets[id].status = if suspended { Status::Suspended } else { Status::Open };
        self.markets[id].version += 1;
        events.push(Event::SuspensionSet { market, suspended });
        Ok(Outcome::done(market))
    }

    /// Puts a version of the rules in force: one that this build knows, and never an older one again.
    pub(crate) fn activate_rules(&mut self, version: u32, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        if !(self.rules..=NEWEST_RULES).contains(&version) {
            return Err(Refusal::new(Code::RulesUnknown, version.into(), NEWEST_RULES.into()));
        }
        self.rules = version;
        events.push(Event::RulesActivated { version });
        Ok(Outcome::done(version.into()))
    }
}
