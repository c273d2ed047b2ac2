//! Snapshots: the whole state as bytes, to go on from without the log before it.
//!
//! Slots, queues and the memory of keys come back as they were, so that whoever goes on from a snapshot answers, tells and
//! hashes like one who never stopped. A snapshot is for builds that know its form; the log is what lasts.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::accounts::Accounts;
use crate::exchange::{Exchange, Timer, NEWEST_RULES};
use crate::exposure::Exposures;
use crate::keys::{Entry, KeyMemory};
use crate::limits::Limits;
use crate::markets::{Markets, Trades};
use crate::memory::timers::Timers;
use crate::orders::Orders;

/// Tells a snapshot, and the form of its contents.
const MAGIC: &[u8; 8] = b"VALSNAP2";
const HASH_BYTES: usize = 32;

/// Bytes that are no snapshot to go on from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// They do not begin as one does.
    #[error("these {0} bytes are no snapshot of this form (it would begin with VALSNAP2)")]
    Unknown(usize),
    /// Their hash is another: they were cut or changed.
    #[error("the snapshot was cut or changed: its hash is not the one at its end")]
    Damaged,
    /// They cannot be read by this build.
    #[error("the snapshot cannot be read by this build: {0}")]
    Unreadable(String),
    /// They are of rules that this build does not know.
    #[error("rules version {0} is in force in the snapshot, and this build knows 1 to {NEWEST_RULES}")]
    Rules(u32),
}

/// The parts, in one place, so that none is forgotten: lent out to be written, or owned once read.
#[derive(Serialize, Deserialize)]
struct Parts<A, M, E, O, T, W, K> {
    limits: Limits,
    accounts: A,
    markets: M,
    exposures: E,
    orders: O,
    trades: T,
    timers: W,
    keys: K,
    operator_window_ms: i64,
    now_ms: i64,
    rules: u32,
    commands: u64,
    step: u64,
}

type Lent<'a> =
    Parts<&'a Accounts, &'a Markets, &'a Exposures, &'a Orders, &'a Trades, &'a Timers<Timer>, Vec<&'a Entry>>;
type Owned = Parts<Accounts, Markets, Exposures, Orders, Trades, Timers<Timer>, Vec<Entry>>;

impl Exchange {
    /// The whole state as bytes, with their hash at the end.
    ///
    /// # Panics
    /// Never: everything of a state can be written.
    pub fn snapshot(&self) -> Vec<u8> {
        let parts = Lent {
            limits: self.limits.clone(),
            accounts: &self.accounts,
            markets: &self.markets,
            exposures: &self.exposures,
            orders: &self.orders,
            trades: &self.trades,
            timers: &self.timers,
            keys: self.keys.entries().collect(),
            operator_window_ms: self.operator_window_ms,
            now_ms: self.now_ms,
            rules: self.rules,
            commands: self.commands,
            step: self.step,
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(postcard::to_allocvec(&parts).expect("everything of a state can be written"));
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        bytes
    }

    /// A shard as a snapshot left it. `check` as in [`Exchange::new`].
    ///
    /// # Errors
    /// The bytes are no snapshot that this build can go on from.
    pub fn restore(snapshot: &[u8], check: bool) -> Result<Self, SnapshotError> {
        let unknown = || SnapshotError::Unknown(snapshot.len());
        let (content, hash) = snapshot.split_last_chunk::<HASH_BYTES>().ok_or_else(unknown)?;
        let body = content.strip_prefix(MAGIC.as_slice()).ok_or_else(unknown)?;
        if Sha256::digest(content).as_slice() != hash {
            return Err(SnapshotError::Damaged);
        }
        let parts: Owned = postcard::from_bytes(body).map_err(|error| SnapshotError::Unreadable(error.to_string()))?;
        if !(1..=NEWEST_RULES).contains(&parts.rules) {
            return Err(SnapshotError::Rules(parts.rules));
        }
        let mut keys = KeyMemory::new(parts.limits.keys);
        parts.keys.into_iter().for_each(|entry| _ = keys.remember(entry));
        let mut exchange = Self::new(parts.limits, check);
        exchange.accounts = parts.accounts;
        exchange.markets = parts.markets;
        exchange.exposures = parts.exposures;
        exchange.orders = parts.orders;
        exchange.trades = parts.trades;
        exchange.timers = parts.timers;
        exchange.keys = keys;
        exchange.operator_window_ms = parts.operator_window_ms;
        exchange.now_ms = parts.now_ms;
        exchange.rules = parts.rules;
        exchange.commands = parts.commands;
        exchange.step = parts.step;
        exchange.make_room();
        Ok(exchange)
    }

    /// What a snapshot does not carry: an index, and room to grow without moving.
    fn make_room(&mut self) {
        self.exposures.make_room(self.limits.exposures);
        self.orders.make_room(self.limits.orders);
    }
}
