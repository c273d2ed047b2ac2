//! Books of money: one for each currency, each in balance by itself.

use serde::{Deserialize, Serialize};

use crate::hash::Walk;

/// A currency's money on this shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Paid in since the log began.
    pub deposited: i128,
    /// Paid out since the log began.
    pub withdrawn: i128,
    /// In all wallets.
    pub wallets: i128,
    /// Withdrawals asked for, neither paid nor refused yet.
    pub withdrawing: i128,
    /// Lent to other shards (on the home shard), or from them (negative).
    pub in_transit: i128,
    /// Taken as commission.
    pub commission: i128,
    /// The house's own: negative by what it paid for accounts that could not.
    pub house: i128,
    /// What cross-matches and dead heats left.
    pub rounding: i128,
}

impl Totals {
    /// What is out of balance: 0.
    #[inline]
    pub fn imbalance(&self) -> i128 {
        let kept = self.wallets + self.withdrawing + self.in_transit + self.commission + self.house + self.rounding;
        self.deposited - self.withdrawn - kept
    }

    /// The parts, in the order in which they stand above.
    pub fn parts(&self) -> [i128; 8] {
        let Self { deposited, withdrawn, wallets, withdrawing, in_transit, commission, house, rounding } = *self;
        [deposited, withdrawn, wallets, withdrawing, in_transit, commission, house, rounding]
    }

    /// The sum of several.
    pub fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            deposited: sum.deposited + one.deposited,
            withdrawn: sum.withdrawn + one.withdrawn,
            wallets: sum.wallets + one.wallets,
            withdrawing: sum.withdrawing + one.withdrawing,
            in_transit: sum.in_transit + one.in_transit,
            commission: sum.commission + one.commission,
            house: sum.house + one.house,
            rounding: sum.rounding + one.rounding,
        })
    }
}

/// The book of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// ISO 4217's number; 0: the shard's first.
    pub currency: u32,
    /// Its money.
    pub totals: Totals,
}

impl Book {
    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.number(self.currency.into());
        self.totals.parts().iter().for_each(|part| walk.wide(*part));
    }
}
