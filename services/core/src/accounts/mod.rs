//! Accounts and the shard's money: every amount that moves between a wallet and anything else moves here.

mod account;
mod care;
mod totals;
mod usage;

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

pub use account::Account;
pub use care::{Care, Exclusion, Guest, Limit, LimitName, Permit};
pub use totals::{Book, Totals};
pub use usage::{Used, DAY_MS};

use crate::hash::Walk;
use crate::money::Money;
use crate::outcome::{Code, Refusal};

/// The most currencies that a shard has books for.
pub const MOST_BOOKS: usize = 16;
/// The highest number of a currency: ISO 4217's have three digits.
pub const LARGEST_CURRENCY: u32 = 999;

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

/// A withdrawal that was asked for, neither paid nor refused yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Whose.
    pub account: u32,
    /// How much.
    pub amount: Money,
}

/// All accounts, numbered from 1, and the shard's money.
#[derive(Debug, Serialize, Deserialize)]
pub struct Accounts {
    list: Vec<Account>,
    books: Vec<Book>,
    guests: BTreeMap<(u32, u64), u32>,
    withdrawals: BTreeMap<u64, Withdrawal>,
    last_withdrawal: u64,
    moved: bool,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            books: vec![Book::default()],
            guests: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            last_withdrawal: 0,
            moved: false,
        }
    }
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

    /// The books of all currencies.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// The book of a currency, if there is one or may be.
    ///
    /// # Errors
    /// `CAPACITY_REACHED`: there are as many as there may be.
    pub fn check_book(&self, currency: u32) -> Result<(), Refusal> {
        if self.books.iter().any(|book| book.currency == currency) {
            return Ok(());
        }
        Refusal::unless_within(self.books.len() as i64 + 1, MOST_BOOKS as i64)
    }

    /// The number of a currency's book, begun if it is the first time.
    pub fn book_of(&mut self, currency: u32) -> u8 {
        let found = self.books.iter().position(|book| book.currency == currency);
        let nth = found.unwrap_or_else(|| {
            self.books.push(Book { currency, ..Book::default() });
            self.books.len() - 1
        });
        nth as u8
    }

    /// The currency of an account.
    pub fn currency(&self, id: u32) -> u32 {
        self.books[usize::from(self[id].book)].currency
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

    /// The account of that id.
    ///
    /// # Errors
    /// `ACCOUNT_UNKNOWN`, given the id.
    pub fn known(&self, id: u64) -> Result<u32, Refusal> {
        self.find(id).ok_or(Refusal::of(Code::AccountUnknown, id))
    }

    /// Opens an account and returns its id.
    pub fn open(&mut self, book: u8) -> u32 {
        self.list.push(Account { book, ..Account::default() });
        self.list.len() as u32
    }

    /// The account here of an account whose home is another shard.
    pub fn guest(&self, home: u32, account: u64) -> Option<u32> {
        self.guests.get(&(home, account)).copied()
    }

    /// Opens one.
    pub fn open_guest(&mut self, home: u32, account: u64, book: u8) -> u32 {
        let id = self.open(book);
        self[id].verified = true;
        self[id].guest = Some(Box::new(Guest { home, account, ..Guest::default() }));
        self.guests.insert((home, account), id);
        id
    }

    /// Pays in. Returns the balance, and what of it then went to the house for a receivable.
    pub fn deposit(&mut self, id: u32, amount: Money) -> (Money, Money) {
        self.totals_of(id).deposited += i128::from(amount);
        self.move_wallet(id, amount);
        (self[id].wallet, self.cover(id))
    }

    /// Pays out what is available. Returns the balance.
    pub fn withdraw(&mut self, id: u32, amount: Money) -> Money {
        self.assert_available(id, amount);
        self.totals_of(id).withdrawn += i128::from(amount);
        self.move_wallet(id, -amount);
        self[id].wallet
    }

    /// Takes what is to be withdrawn out of the wallet. Returns the withdrawal's id and the balance.
    pub fn request_withdrawal(&mut self, id: u32, amount: Money) -> (u64, Money) {
        self.assert_available(id, amount);
        self.totals_of(id).withdrawing += i128::from(amount);
        self.move_wallet(id, -amount);
        self.last_withdrawal += 1;
        self.withdrawals.insert(self.last_withdrawal, Withdrawal { account: id, amount });
        (self.last_withdrawal, self[id].wallet)
    }

    /// The withdrawals that wait, by id.
    pub fn withdrawals(&self) -> &BTreeMap<u64, Withdrawal> {
        &self.withdrawals
    }

    /// Pays a waiting withdrawal out, or back. Returns it, the balance, and what of that went to the house.
    pub fn end_withdrawal(&mut self, withdrawal: u64, paid: bool) -> Option<(Withdrawal, Money, Money)> {
        let ended = self.withdrawals.remove(&withdrawal)?;
        let Withdrawal { account: id, amount } = ended;
        self.totals_of(id).withdrawing -= i128::from(amount);
        if paid {
            self.totals_of(id).withdrawn += i128::from(amount);
            return Some((ended, self[id].wallet, 0));
        }
        self.move_wallet(id, amount);
        Some((ended, self[id].wallet, self.cover(id)))
    }

    /// Sends money from a wallet to another shard. Returns the balance.
    pub fn send(&mut self, id: u32, amount: Money) -> Money {
        assert!((0..=self[id].available().max(0)).contains(&amount), "account {id}: {amount} cannot be sent");
        self.totals_of(id).in_transit += i128::from(amount);
        self.move_wallet(id, -amount);
        self[id].wallet
    }

    /// Takes in money from another shard. Returns the balance, and what of it then went to the house for a receivable.
    pub fn receive(&mut self, id: u32, amount: Money) -> (Money, Money) {
        self.totals_of(id).in_transit -= i128::from(amount);
        self.move_wallet(id, amount);
        (self[id].wallet, self.cover(id))
    }

    /// Books a market's result, or a change of it: the house pays what the wallet cannot, and is paid back first by what
    /// comes in.
    pub fn settle(&mut self, id: u32, profit: Money, commission: Money) -> Settled {
        let net = profit - commission;
        let fronted = (-net - self[id].wallet).max(0);
        let totals = self.totals_of(id);
        totals.commission += i128::from(commission);
        totals.house -= i128::from(fronted);
        self[id].receivable += fronted;
        self.move_wallet(id, net + fronted);
        Settled { balance: self[id].wallet, fronted, covered: self.cover(id) }
    }

    /// Books what rounding left to the house.
    pub fn round(&mut self, book: u8, amount: Money) {
        self.books[usize::from(book)].totals.rounding += i128::from(amount);
        self.moved = true;
    }

    /// Changes the hold of one market.
    #[inline]
    pub fn change_hold(&mut self, id: u32, before: Money, after: Money) {
        self[id].held += after - before;
    }

    /// The first book that is out of balance, and by how much; looked at only if money moved since it was asked last.
    #[inline]
    pub fn imbalance(&mut self) -> Option<(u32, i128)> {
        if !std::mem::take(&mut self.moved) {
            return None;
        }
        let off = self.books.iter().map(|book| (book.currency, book.totals.imbalance()));
        off.into_iter().find(|(_, imbalance)| *imbalance != 0)
    }

    fn assert_available(&self, id: u32, amount: Money) {
        assert!((1..=self[id].available()).contains(&amount), "account {id}: a withdrawal of {amount} is not covered");
    }

    fn cover(&mut self, id: u32) -> Money {
        let covered = self[id].receivable.min(self[id].wallet);
        self[id].receivable -= covered;
        self.totals_of(id).house += i128::from(covered);
        self.move_wallet(id, -covered);
        covered
    }

    fn totals_of(&mut self, id: u32) -> &mut Totals {
        self.moved = true;
        let book = self[id].book;
        &mut self.books[usize::from(book)].totals
    }

    fn move_wallet(&mut self, id: u32, amount: Money) {
        let wallet = &mut self[id].wallet;
        *wallet = wallet.checked_add(amount).filter(|wallet| *wallet >= 0).expect("a wallet stays in its range");
        self.totals_of(id).wallets += i128::from(amount);
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.number(self.books.len() as i64);
        self.books.iter().for_each(|book| book.walk(walk));
        walk.numbers(&[self.last_withdrawal as i64, self.withdrawals.len() as i64]);
        for (id, withdrawal) in &self.withdrawals {
            walk.numbers(&[*id as i64, withdrawal.account.into(), withdrawal.amount]);
        }
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
        let id = accounts.open(0);
        accounts.deposit(id, 1_000);
        assert_eq!(accounts.settle(id, -1_500, 0), Settled { balance: 0, fronted: 500, covered: 0 });
        assert_eq!((accounts[id].receivable, accounts.books()[0].totals.house), (500, -500));
        assert_eq!(accounts.settle(id, 400, 20), Settled { balance: 380, fronted: 0, covered: 380 });
        assert_eq!(accounts.deposit(id, 300), (300, 120));
        assert_eq!((accounts[id].wallet, accounts[id].receivable, accounts.books()[0].totals.house), (180, 0, 0));
    }

    #[test]
    fn a_refused_withdrawal_is_in_the_wallet_again_and_a_paid_one_has_left() {
        let mut accounts = Accounts::default();
        let id = accounts.open(0);
        accounts.deposit(id, 1_000);
        assert_eq!(accounts.request_withdrawal(id, 600), (1, 400));
        assert_eq!(accounts.request_withdrawal(id, 100), (2, 300));
        assert_eq!(accounts.end_withdrawal(1, false).map(|(_, balance, _)| balance), Some(900));
        assert_eq!(accounts.end_withdrawal(1, true), None);
        assert_eq!(accounts.end_withdrawal(2, true).map(|(_, balance, _)| balance), Some(900));
        assert_eq!((accounts.books()[0].totals.withdrawn, accounts.imbalance()), (100, None));
    }
}
