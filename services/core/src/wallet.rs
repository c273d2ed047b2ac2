//! What an account does with its wallet: deposits and withdrawals.

use crate::event::Event;
use crate::exchange::Exchange;
use crate::money::{Money, LARGEST_AMOUNT, PENNY};
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Pays in; what the house paid for the account is paid back first.
    pub(crate) fn deposit(&mut self, id: u32, amount: Money, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        self.require_verified(id)?;
        check_amount(amount)?;
        if self.accounts[id].wallet > LARGEST_AMOUNT - amount {
            return Err(Refusal::new(Code::AmountOutOfRange, amount, LARGEST_AMOUNT));
        }
        let (balance, covered) = self.accounts.deposit(id, amount);
        let account = u64::from(id);
        events.push(Event::Deposited { account, amount, balance });
        if covered > 0 {
            events.push(Event::ShortfallCovered { account, amount: covered });
        }
        Ok(Outcome::done(account))
    }

    /// Pays out what no hold needs.
    pub(crate) fn withdraw(&mut self, id: u32, amount: Money, events: &mut Vec<Event>) -> Result<Outcome, Refusal> {
        self.require_verified(id)?;
        check_amount(amount)?;
        let available = self.accounts[id].available();
        if amount > available {
            return Err(Refusal::new(Code::InsufficientFunds, amount, available));
        }
        let balance = self.accounts.withdraw(id, amount);
        let account = u64::from(id);
        events.push(Event::Withdrawn { account, amount, balance });
        Ok(Outcome::done(account))
    }

    /// KYC-1: money and bets only once the holder is verified.
    pub(crate) fn require_verified(&self, id: u32) -> Result<(), Refusal> {
        if self.accounts[id].verified {
            return Ok(());
        }
        Err(Refusal::of(Code::AccountNotVerified, id.into()))
    }
}

fn check_amount(amount: Money) -> Result<(), Refusal> {
    let bound = if amount < PENNY || amount % PENNY != 0 {
        PENNY
    } else if amount > LARGEST_AMOUNT {
        LARGEST_AMOUNT
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::AmountOutOfRange, amount, bound))
}
