//! One account.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::care::{Care, Guest};
use super::usage::Usage;
use crate::command::{LimitKind, LimitWindow};
use crate::hash::Walk;
use crate::money::Money;
use crate::outcome::{Code, Refusal};

/// One account. What every order looks at comes first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Account {
    /// What it owns here.
    pub wallet: Money,
    /// The sum of its holds.
    pub held: Money,
    /// The risk of all its resting orders.
    pub open_risk: Money,
    /// Orders in open markets that rest or have a matched part.
    pub orders: u32,
    /// Off its commission, in basis points.
    pub discount_bp: u16,
    /// Which book of money it belongs to.
    pub book: u8,
    /// Whether its holder is verified.
    pub verified: bool,
    /// (market, slot of the exposure) of the open markets that it has ordered in, by market.
    pub exposures: SmallVec<[(u32, u32); 2]>,
    /// The permit that it is under, if its home is another shard.
    pub guest: Option<Box<Guest>>,
    /// What it used of any limits.
    pub usage: Usage,
    /// What the house paid for it and it owes; the wallet is empty while it owes.
    pub receivable: Money,
    /// Keys older than this are too old, besides the window that all share.
    pub window_ms: i64,
    /// What protects it, if anything does.
    pub care: Option<Box<Care>>,
}

impl Account {
    /// What may be withdrawn or held; negative while holds are not covered.
    #[inline]
    pub fn available(&self) -> Money {
        self.wallet - self.held
    }

    /// The part of its holds that the wallet does not cover.
    #[inline]
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
        match self.exposures.first() {
            Some((first, slot)) if *first == market => Some(*slot),
            _ => {
                let nth = self.exposures.binary_search_by_key(&market, |(market, _)| *market).ok()?;
                Some(self.exposures[nth].1)
            }
        }
    }

    /// Notes the slot of its exposure in a market that it had none in.
    pub fn add_exposure(&mut self, market: u32, slot: u32) {
        let nth = self.exposures.partition_point(|(other, _)| *other < market);
        self.exposures.insert(nth, (market, slot));
    }

    /// Forgets its exposure in a market.
    pub fn drop_exposure(&mut self, market: u32) {
        if let Ok(nth) = self.exposures.binary_search_by_key(&market, |(market, _)| *market) {
            self.exposures.remove(nth);
        }
    }

    /// Whether anything but its money bounds what it may bet.
    #[inline]
    pub fn is_bounded(&self) -> bool {
        self.care.is_some() || self.guest.is_some()
    }

    /// Refuses one who may not bet or pay in.
    ///
    /// # Errors
    /// `SELF_EXCLUDED`, `TIMED_OUT` or `PERMIT_STOPPED`.
    #[inline]
    pub fn check_protection(&self, id: u32, now_ms: i64) -> Result<(), Refusal> {
        if let Some(care) = &self.care {
            care.check(now_ms)?;
        }
        match &self.guest {
            Some(guest) if guest.stopped => Err(Refusal::of(Code::PermitStopped, id.into())),
            _ => Ok(()),
        }
    }

    /// What counts against a limit of a kind and window, now.
    pub fn used(&self, kind: LimitKind, window: LimitWindow, now_ms: i64) -> Money {
        let over = self.usage.over(window, now_ms);
        let lent = |slice: fn(&super::care::Permit) -> Money| self.care.as_ref().map_or(0, |care| care.lent(slice));
        match kind {
            LimitKind::Deposit => over.deposits,
            LimitKind::Stake => over.stakes + self.open_risk + lent(|permit| permit.stake),
            LimitKind::Loss => (-over.results).max(0) + self.held + lent(|permit| permit.loss),
        }
    }

    /// Refuses what would take the account above a limit of a kind: the first window whose limit it is.
    ///
    /// # Errors
    /// `DEPOSIT_LIMIT_EXCEEDED`, `LOSS_LIMIT_EXCEEDED` or `STAKE_LIMIT_EXCEEDED`, with what would be used and the limit.
    pub fn check_limits(&self, kind: LimitKind, more: Money, now_ms: i64) -> Result<(), Refusal> {
        let code = match kind {
            LimitKind::Deposit => Code::DepositLimitExceeded,
            LimitKind::Loss => Code::LossLimitExceeded,
            LimitKind::Stake => Code::StakeLimitExceeded,
        };
        if let Some(guest) = &self.guest {
            let (used, allowed) = match kind {
                LimitKind::Deposit => return Ok(()),
                LimitKind::Loss => ((-guest.result).max(0) + self.held, guest.loss),
                LimitKind::Stake => (guest.staked + self.open_risk, guest.stake),
            };
            let exceeded = allowed >= 0 && used + more > allowed;
            return if exceeded { Err(Refusal::new(code, used + more, allowed)) } else { Ok(()) };
        }
        let Some(care) = &self.care else { return Ok(()) };
        for window in LimitWindow::ALL {
            let Some(limit) = care.limit(kind, window) else { continue };
            let used = self.used(kind, window, now_ms) + more;
            if used > limit {
                return Err(Refusal::new(code, used, limit));
            }
        }
        Ok(())
    }

    /// How much of a kind may still be lent: what its tightest limit leaves. `None`: there is no limit.
    pub fn room(&self, kind: LimitKind, now_ms: i64) -> Option<Money> {
        let care = self.care.as_ref()?;
        let left = |window| Some(care.limit(kind, window)? - self.used(kind, window, now_ms));
        LimitWindow::ALL.into_iter().filter_map(left).min()
    }

    /// Counts what a fill risks.
    #[inline]
    pub fn stake(&mut self, risk: Money, now_ms: i64) {
        match &mut self.guest {
            Some(guest) => guest.staked += risk,
            None => self.usage.at(now_ms).stakes += risk,
        }
    }

    /// Counts what a settled market came to.
    pub fn count_result(&mut self, result: Money, now_ms: i64) {
        match &mut self.guest {
            Some(guest) => guest.result += result,
            None => self.usage.at(now_ms).results += result,
        }
    }

    /// What protects it, to be changed.
    pub fn care_mut(&mut self) -> &mut Care {
        self.care.get_or_insert_with(Box::default)
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.numbers(&[self.verified.into(), self.book.into(), self.wallet, self.held, self.receivable]);
        walk.numbers(&[self.open_risk, self.orders.into(), self.discount_bp.into(), self.exposures.len() as i64]);
        self.usage.walk(walk);
        walk.numbers(&[self.care.is_some().into(), self.guest.is_some().into()]);
        if let Some(care) = &self.care {
            care.walk(walk);
        }
        if let Some(guest) = &self.guest {
            guest.walk(walk);
        }
    }
}
