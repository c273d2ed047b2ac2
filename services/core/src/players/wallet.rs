//! What an account does with its wallet: deposits and withdrawals.

use crate::command::LimitKind;
use crate::event::Event;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::money::{Money, LARGEST_AMOUNT, PENNY};
use crate::outcome::{Code, Outcome, Refusal};

impl Exchange {
    /// Pays in; what the house paid for the account is paid back first.
    pub(crate) fn deposit(&mut self, id: u32, amount: Money, events: &mut Events) -> Result<Outcome, Refusal> {
        self.require_verified(id)?;
        let account = &self.accounts[id];
        account.check_protection(id, self.now_ms)?;
        check_amount(amount)?;
        if account.wallet > LARGEST_AMOUNT - amount {
            return Err(Refusal::new(Code::AmountOutOfRange, amount, LARGEST_AMOUNT));
        }
        account.check_limits(LimitKind::Deposit, amount, self.now_ms)?;
        self.accounts[id].usage.at(self.now_ms).deposits += amount;
        let (balance, covered) = self.accounts.deposit(id, amount);
        events.push(Event::Deposited { account: id, amount, balance });
        tell_covered(id, covered, events);
        Ok(Outcome::done(id.into()))
    }

    /// Pays out what no hold needs.
    pub(crate) fn withdraw(&mut self, id: u32, amount: Money, events: &mut Events) -> Result<Outcome, Refusal> {
        self.check_withdrawal(id, amount)?;
        let balance = self.accounts.withdraw(id, amount);
        events.push(Event::Withdrawn { account: id, amount, balance });
        Ok(Outcome::done(id.into()))
    }

    /// Takes what is to be paid out from the wallet: it cannot be bet any more.
    pub(crate) fn request_withdrawal(
        &mut self,
        id: u32,
        amount: Money,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        self.check_withdrawal(id, amount)?;
        Refusal::unless_within(self.accounts.withdrawals().len() as i64 + 1, self.limits.withdrawals.into())?;
        let (withdrawal, balance) = self.accounts.request_withdrawal(id, amount);
        events.push(Event::WithdrawalRequested { account: id, withdrawal, amount, balance });
        Ok(Outcome::done(withdrawal))
    }

    /// A requested withdrawal was paid, or could not be: then the money is in the wallet again.
    pub(crate) fn end_withdrawal(
        &mut self,
        withdrawal: u64,
        paid: bool,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let unknown = Refusal::of(Code::WithdrawalUnknown, withdrawal);
        let (ended, balance, covered) = self.accounts.end_withdrawal(withdrawal, paid).ok_or(unknown)?;
        let (account, amount) = (ended.account, ended.amount);
        events.push(Event::WithdrawalEnded { account, withdrawal, amount, paid, balance });
        tell_covered(account, covered, events);
        Ok(Outcome::done(withdrawal))
    }

    fn check_withdrawal(&self, id: u32, amount: Money) -> Result<(), Refusal> {
        self.require_verified(id)?;
        check_amount(amount)?;
        let available = self.accounts[id].available();
        if amount > available {
            return Err(Refusal::new(Code::InsufficientFunds, amount, available));
        }
        Ok(())
    }

    /// KYC-1: money and bets only once the holder is verified.
    pub(super) fn require_verified(&self, id: u32) -> Result<(), Refusal> {
        if self.accounts[id].verified {
            return Ok(());
        }
        Err(Refusal::of(Code::AccountNotVerified, id.into()))
    }
}

/// Says that a receivable was paid back, if one was.
pub(super) fn tell_covered(account: u32, amount: Money, events: &mut Events) {
    if amount > 0 {
        events.push(Event::ShortfallCovered { account, amount });
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
