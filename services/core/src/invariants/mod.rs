//! The invariants, each recomputed from scratch: slow, for debug builds, tests and whoever doubts a state.
//!
//! What must hold of every single step (log time, conservation, cover at acceptance, fills that raise no hold, results
//! that sum to what rounding left) is asserted where the step is made, in release builds too.

mod accounts;
mod markets;

use crate::exchange::Exchange;

/// A violated invariant: the state must not be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invariant violated: {invariant}: {detail}")]
pub struct InvariantError {
    /// Which one.
    pub invariant: &'static str,
    /// What was found.
    pub detail: String,
}

impl InvariantError {
    /// A violation.
    pub fn new(invariant: &'static str, detail: String) -> Self {
        Self { invariant, detail }
    }
}

type Checked = Result<(), InvariantError>;

fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Checked {
    if holds {
        return Ok(());
    }
    Err(InvariantError::new(invariant, detail()))
}

impl Exchange {
    /// Checks every invariant of the whole state.
    ///
    /// # Errors
    /// The first one that does not hold.
    pub fn check_invariants(&self) -> Checked {
        self.check_money()?;
        self.check_bounds()?;
        self.check_ended_orders()?;
        for id in self.accounts.ids() {
            self.check_account(id)?;
        }
        for id in self.markets.ids() {
            self.check_market(id)?;
        }
        Ok(())
    }

    fn check_bounds(&self) -> Checked {
        let counts = [
            (self.accounts.len(), self.limits.accounts),
            (self.markets.len(), self.limits.markets),
            (self.exposures.len(), self.limits.exposures),
            (self.orders.len(), self.limits.orders),
            (self.keys.len(), self.limits.keys.max(1)),
            (self.markets.kept(), self.limits.kept_results),
            (self.accounts.withdrawals().len(), self.limits.withdrawals),
        ];
        let broken = counts.into_iter().find(|(count, most)| *count > *most as usize);
        ensure(broken.is_none(), "bounds", || format!("{broken:?}"))?;
        let results: usize = self.markets.ids().map(|id| self.markets[id].results.len()).sum();
        ensure(results == self.markets.kept(), "kept results", || format!("{results} and {}", self.markets.kept()))
    }
}
