//! The memory of keys: (account, key) -> the payload's fingerprint and its outcome, for a window of log time.
//!
//! A key is too old when the time in it lies before its account's *window*, which starts [`WINDOW_MS`] before log time.
//! Entries leave in the order of their arrival, once no key that could match them is young enough to be looked up. When
//! the memory is full the oldest entry leaves early, and its account's window starts after it: a repeat is then refused
//! as too old, never carried out twice, and nobody else's window moves.

use std::hash::BuildHasher;

use serde::{Deserialize, Serialize};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::hash::Walk;
use crate::key::Key;
use crate::outcome::Outcome;

/// How long a key is remembered, in log time: 7 days.
pub const WINDOW_MS: i64 = 7 * 86_400_000;

/// How far ahead of log time a key's own time may be: 5 minutes, for clocks that are a little fast. A key from far ahead
/// that is crowded out would move its account's window into the future.
pub const FUTURE_MS: i64 = 300_000;

/// What is remembered of one command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The key, unique within its account.
    pub key: Key,
    /// Who acted; 0 is the operator.
    pub account: u32,
    /// When it was applied, in log time.
    pub arrived_ms: i64,
    /// Of the payload.
    pub fingerprint: u64,
    /// The answer.
    pub outcome: Outcome,
}

/// The index is cut by the time in the key: commands come with keys of about now, so that what is looked up, added and
/// forgotten lies in few tables, which stay in the processor's cache. Chosen times cost no more than one large table.
const TABLES: usize = 256;
const TABLE_MS: i64 = 16;

/// Where an entry lies, beside part of its hash: growing a table reads no entries, a stranger is told by its hash.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: u32,
    hash: u32,
}

impl Place {
    fn new(slot: usize, hash: u64) -> Self {
        Self { slot: slot as u32, hash: (hash >> 32) as u32 }
    }

    /// The hash under which it lies in a table, which takes its high and its low bits.
    fn spread(&self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// A ring of entries in order of arrival, and an index into it.
///
/// The index's hash is seeded at random against chosen keys; nothing ever walks it, so no answer depends on the seed.
pub struct KeyMemory {
    ring: Vec<Entry>,
    oldest: usize,
    length: usize,
    most: usize,
    index: Vec<HashTable<Place>>,
    hasher: RandomState,
}

impl KeyMemory {
    /// An empty memory of at most `most` entries. The room is reserved, and touched only as it fills.
    pub fn new(most: u32) -> Self {
        let most = most.max(1) as usize;
        Self {
            ring: Vec::with_capacity(most),
            oldest: 0,
            length: 0,
            most,
            index: vec![HashTable::new(); TABLES],
            hasher: RandomState::default(),
        }
    }

    /// Touches the room for so many keys of an empty memory.
    pub fn touch(&mut self, keys: u32) {
        if self.ring.is_empty() {
            let (key, outcome) = (Key::made(0, 0), Outcome::default());
            let none = Entry { key, account: 0, arrived_ms: 0, fingerprint: 0, outcome };
            self.ring.resize((keys as usize).min(self.most), none);
            self.ring.clear();
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no key is remembered.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What is remembered of a key.
    pub fn find(&self, account: u32, key: Key) -> Option<&Entry> {
        let sought = Place::new(0, self.hash(account, key));
        let found = self.index[table(key)].find(sought.spread(), |place| {
            let entry = &self.ring[place.slot as usize];
            place.hash == sought.hash && entry.account == account && entry.key == key
        });
        found.map(|place| &self.ring[place.slot as usize])
    }

    /// Forgets what no young enough key can match any more.
    pub fn expire(&mut self, now_ms: i64) {
        while self.length > 0 && self.ring[self.oldest].arrived_ms + WINDOW_MS + FUTURE_MS < now_ms {
            self.forget_oldest();
        }
    }

    /// Remembers a key that is not remembered yet. Returns the account whose window must now start after the given
    /// time, if an entry had to leave early.
    pub fn remember(&mut self, entry: Entry) -> Option<(u32, i64)> {
        let crowded_out = (self.length == self.most).then(|| self.forget_oldest());
        let slot = (self.oldest + self.length) % self.most;
        let (table, place) = (table(entry.key), Place::new(slot, self.hash(entry.account, entry.key)));
        if slot == self.ring.len() {
            self.ring.push(entry);
        } else {
            self.ring[slot] = entry;
        }
        self.length += 1;
        self.index[table].insert_unique(place.spread(), place, Place::spread);
        crowded_out
    }

    fn forget_oldest(&mut self) -> (u32, i64) {
        let (account, key) = (self.ring[self.oldest].account, self.ring[self.oldest].key);
        let sought = Place::new(self.oldest, self.hash(account, key));
        let indexed = self.index[table(key)].find_entry(sought.spread(), |place| place.slot == sought.slot);
        indexed.expect("every entry is indexed").remove();
        self.oldest = (self.oldest + 1) % self.most;
        self.length -= 1;
        (account, key.time_ms())
    }

    fn hash(&self, account: u32, key: Key) -> u64 {
        self.hasher.hash_one((account, key))
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        (0..self.length).map(|nth| &self.ring[(self.oldest + nth) % self.most])
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        walk.number(self.length as i64);
        for entry in self.entries() {
            walk.number(entry.account.into());
            walk.bytes(&entry.key.value().to_be_bytes());
            walk.number(entry.arrived_ms);
            walk.number(entry.fingerprint as i64);
            let outcome = &entry.outcome;
            walk.numbers(&[outcome.code as i64, outcome.id as i64, outcome.matched, outcome.matched_payout]);
            walk.numbers(&[outcome.remaining, outcome.cancelled, outcome.given, outcome.bound]);
            walk.numbers(&[outcome.balance, outcome.available, outcome.replaced, outcome.pending.into()]);
        }
    }
}

fn table(key: Key) -> usize {
    (key.time_ms() / TABLE_MS) as usize % TABLES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(account: u32, time_ms: i64, arrived_ms: i64) -> Entry {
        Entry { key: Key::made(time_ms, 1), account, arrived_ms, fingerprint: 7, outcome: Outcome::done(9) }
    }

    #[test]
    fn a_full_memory_gives_up_its_oldest_entry_and_says_whose_window_moves() {
        let mut memory = KeyMemory::new(2);
        assert_eq!(memory.remember(entry(4, 10, 11)), None);
        assert_eq!(memory.remember(entry(5, 20, 21)), None);
        assert_eq!(memory.remember(entry(6, 30, 31)), Some((4, 10)));
        assert!(memory.find(4, Key::made(10, 1)).is_none());
        assert!(memory.find(5, Key::made(20, 1)).is_some() && memory.find(6, Key::made(30, 1)).is_some());
        assert!(memory.find(6, Key::made(20, 1)).is_none(), "a key belongs to its account");
        assert_eq!(memory.len(), 2);
    }

    #[test]
    fn an_entry_leaves_once_the_window_and_the_lead_of_a_fast_clock_have_passed() {
        let mut memory = KeyMemory::new(4);
        memory.remember(entry(1, 1_000, 1_000));
        memory.expire(1_000 + WINDOW_MS + FUTURE_MS);
        assert_eq!(memory.len(), 1);
        memory.expire(1_001 + WINDOW_MS + FUTURE_MS);
        assert!(memory.is_empty());
    }
}
