//! What is to happen at a log time that has not come yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hash::Walk;

/// Names something that is to come, for whoever wants to call it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    /// When, in log time.
    pub at_ms: i64,
    /// The number under which it was set: earlier ones come first at the same time.
    pub number: u64,
}

/// Things to come, in the order of (due time, when they were set).
#[derive(Debug, Serialize, Deserialize)]
pub struct Timers<T> {
    waiting: BTreeMap<Due, T>,
    set: u64,
    next_ms: i64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), set: 0, next_ms: i64::MAX }
    }
}

impl<T: Copy> Timers<T> {
    /// Whether nothing has come by that time: one comparison.
    #[inline]
    pub fn is_quiet(&self, now_ms: i64) -> bool {
        now_ms < self.next_ms
    }

    /// Lets something come at a time.
    pub fn set(&mut self, at_ms: i64, what: T) -> Due {
        self.set += 1;
        let due = Due { at_ms, number: self.set };
        self.waiting.insert(due, what);
        self.next_ms = self.next_ms.min(at_ms);
        due
    }

    /// Calls something off that has not come yet.
    pub fn call_off(&mut self, due: Due) {
        self.waiting.remove(&due);
        self.look_ahead();
    }

    /// The next of what has come by that time.
    pub fn take(&mut self, now_ms: i64) -> Option<T> {
        let (due, what) = self.waiting.first_key_value().map(|(due, what)| (*due, *what))?;
        if due.at_ms > now_ms {
            return None;
        }
        self.waiting.remove(&due);
        self.look_ahead();
        Some(what)
    }

    fn look_ahead(&mut self) {
        self.next_ms = self.waiting.first_key_value().map_or(i64::MAX, |(due, _)| due.at_ms);
    }

    /// Everything that is to come, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = (Due, T)> + '_ {
        self.waiting.iter().map(|(due, what)| (*due, *what))
    }

    pub(crate) fn walk(&self, walk: &mut Walk, mut numbers: impl FnMut(T) -> [i64; 3]) {
        walk.numbers(&[self.set as i64, self.waiting.len() as i64]);
        for (due, what) in self.waiting() {
            walk.numbers(&[due.at_ms, due.number as i64]);
            walk.numbers(&numbers(what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_by_time_and_then_in_the_order_in_which_it_was_set() {
        let mut timers = Timers::default();
        timers.set(20, 'c');
        timers.set(10, 'a');
        let off = timers.set(10, 'x');
        timers.set(10, 'b');
        timers.call_off(off);
        assert!(timers.is_quiet(9) && !timers.is_quiet(10));
        let come: Vec<char> = std::iter::from_fn(|| timers.take(19)).collect();
        assert_eq!(come, ['a', 'b']);
        assert!(timers.is_quiet(19) && !timers.is_quiet(20));
    }
}
