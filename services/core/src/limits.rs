//! Bounds on everything that grows. They belong to the rules: every node must run with the same ones.

use serde::{Deserialize, Serialize};

/// How much a shard holds before it refuses with CAPACITY_REACHED.
///
/// The defaults are the published ones. Other values are for tests, which reach the bounds with small numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Accounts ever opened.
    pub accounts: u32,
    /// Markets ever opened.
    pub markets: u32,
    /// Markets that are neither settled nor voided.
    pub open_markets: u32,
    /// Runners of all open markets together.
    pub runners: u32,
    /// Pairs of an account and an open market in which it has ordered.
    pub exposures: u32,
    /// Orders in memory.
    pub orders: u32,
    /// Orders of one account in open markets that rest or have a matched part.
    pub orders_per_account: u32,
    /// Orders that ended with nothing matched and are still remembered; beyond it the oldest is forgotten.
    pub ended_orders: u32,
    /// Keys remembered; beyond it the oldest is forgotten, and its account's window starts after it.
    pub keys: u32,
    /// Results of ended markets that can still be changed; beyond it the market that ended longest ago is final.
    pub kept_results: u32,
    /// Withdrawals that wait.
    pub withdrawals: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accounts: 1_000_000,
            markets: 1_000_000,
            open_markets: 4_096,
            runners: 32_768,
            exposures: 2_000_000,
            orders: 4_000_000,
            orders_per_account: 100_000,
            ended_orders: 4_096,
            keys: 2_000_000,
            kept_results: 500_000,
            withdrawals: 100_000,
        }
    }
}
