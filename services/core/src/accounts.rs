//! Accounts and the shard's money: every amount that moves between a wallet and anything else moves here.

use std::ops::{Index, IndexMut};

use crate::hash::Walk;
use crate::money::Money;

/// One account.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Whether its holder is verified.
    pub verified: bool,
    /// What it owns here.
    pub wallet: Money,
    /// The sum of its holds.
    pub held: Money,
    /// What the house paid for it and it owes; the wallet is empty while it owes.
    pub receivable: Money,
    /// Orders in open markets that rest or have a matched part.
    pub orders: u32,
    /// Keys older than this are too old, besides the window that all share.
    pub window_ms: i64,
    /// (market, slot of the exposure) of the open markets that it has ordered in, by market.
    pub exposures: Vec<(u32, u32)>,
}

impl Account {
    /// What may be withdrawn or held; negative while holds are not covered.
    #[inline]
    pub fn available(&self) -> Money {
        self.wallet - self.held
    }

    /// The part of its holds that the wallet does not cover.
    pub fn uncovered(&self) -> Money {
        (-self.available()).max(0)
    }

    /// Everything it cannot cover: what the house paid, and holds. It may not bet while there is any.
    #[inline]
    pub fn shortfall(&self) -> Money {
        self.receivable + self.uncovered()
    }

    /// The slot of its exposure in a market.
    #[inline]
    pub fn exposure(&self, market: u32) -> Option<u32> {
        let nth = self.exposures.binary_search_by_key(&market, |(market, _)| *market).ok()?;
        Some(self.exposures[nth].1)
    }

    /// Notes the slot of its exposure in a market that it had none in.
    pub fn add_exposure(&mut self, market: u32, slot: u32) {
        let nth = self.exposures.partition_point(|(other, _)| *other < market);
        self.exposures.insert(nth, (market, slot));
    }

    /// Forgets its exposure in a market.
    pub fn drop_exposure(&mut self, market: u32) {
        self.exposures.retain(|(other, _)| *other != market);
    }
}

/// The shard's money. deposited - withdrawn = wallets + commission + house, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Paid in since the log began.
    pub deposited: i128,
    /// Paid out since the log began.
    pub withdrawn: i128,
    /// In all wallets.
    pub wallets: i128,
    /// Taken as commission.
    pub commission: i128,
    /// The house's own: negative by what it paid for accounts that could not.
    pub house: i128,
}

impl Totals {
    /// What is out of balance: 0.
    #[inline]
    pub fn imbalance(&self) -> i128 {
        self.deposited - self.withdrawn - self.wallets - self.commission - self.house
    }
}

/// What settling a market did to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The wallet before a receivable is covered from it.
    pub balance: Money,
    /// What the house had to pay for it.
    pub fronted: Money,
    /// What then went to the house for an older receivable.
    pub covered: Money,
}

/// All accounts, numbered from 1, and the shard's money.
#[derive(Debug, Default)]
pub struct Accounts {
    list: Vec<Account>,
    totals: Totals,
}

impl Accounts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The shard's money.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Every account's id.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        1..=self.list.len() as u32
    }

    /// The account of that id, if there is one.
    #[inline]
    pub fn find(&self, id: u64) -> Option<u32> {
        (1..=self.list.len() as u64).contains(&id).then_some(id as u32)
    }

    /// Opens an account and returns its id.
    pub fn open(&mut self) -> u32 {
        self.list.push(Account::default());
        self.list.len() as u32
    }

    /// Pays in. Returns the balance, and what of it then went to the house for a receivable.
    pub fn deposit(&mut self, id: u32, amount: Money) -> (Money, Money) {
        self.totals.deposited += i128::from(amount);
        self.move_wallet(id, amount);
        (self[id].wallet, self.cover(id))
    }

    /// Pays out what is available. Returns the balance.
    pub fn withdraw(&mut self, id: u32, amount: Money) -> Money {
        assert!((1..=self[id].available()).contains(&amount), "account {id}: a withdrawal of {amount} is not covered");
        self.totals.withdrawn += i128::from(amount);
        self.move_wallet(id, -amount);
        self[id].wallet
    }

    /// Books a market's result: the house pays what the wallet cannot, and is paid back first by what comes in.
    pub fn settle(&mut self, id: u32, profit: Money, commission: Money) -> Settled {
        let net = profit - commission;
        let fronted = (-net - self[id].wallet).max(0);
        self.totals.commission += i128::from(commission);
        self.totals.house -= i128::from(fronted);
        self[id].receivable += fronted;
        self.move_wallet(id, net + fronted);
        Settled { balance: self[id].wallet, fronted, covered: self.cover(id) }
    }

    /// Changes the hold of one market.
    #[inline]
    pub fn change_hold(&mut self, id: u32, before: Money, after: Money) {
        self[id].held += after - before;
    }

    fn cover(&mut self, id: u32) -> Money {
        let covered = self[id].receivable.min(self[id].wallet);
        self[id].receivable -= covered;
        self.totals.house += i128::from(covered);
        self.move_wallet(id, -covered);
        covered
    }

    fn move_wallet(&mut self, id: u32, amount: Money) {
        let wallet = &mut self[id].wallet;
        *wallet = wallet.checked_add(amount).filter(|wallet| *wallet >= 0).expect("a wallet stays in its range");
        self.totals.wallets += i128::from(amount);
    }

    pub(crate) fn walk_totals(&self, walk: &mut Walk) {
        let Totals { deposited, withdrawn, wallets, commission, house } = self.totals;
        [deposited, withdrawn, wallets, commission, house].iter().for_each(|total| walk.wide(*total));
    }
}

impl Index<u32> for Accounts {
    type Output = Account;

    #[inline]
    fn index(&self, id: u32) -> &Account {
        &self.list[id as usize - 1]
    }
}

impl IndexMut<u32> for Accounts {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Account {
        &mut self.list[id as usize - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_beyond_the_wallet_is_paid_by_the_house_and_paid_back_by_the_next_money_in() {
        let mut accounts = Accounts::default();
        let id = accounts.open();
        accounts.deposit(id, 1_000);
        assert_eq!(accounts.settle(id, -1_500, 0), Settled { balance: 0, fronted: 500, covered: 0 });
        assert_eq!((accounts[id].receivable, accounts.totals().house), (500, -500));
        assert_eq!(accounts.settle(id, 400, 20), Settled { balance: 380, fronted: 0, covered: 380 });
        assert_eq!(accounts.deposit(id, 300), (300, 120));
        assert_eq!((accounts[id].wallet, accounts[id].receivable, accounts.totals().house), (180, 0, 0));
    }
}
