//! What an account deposited, staked and won or lost, by hour and by day: what its limits count.

use serde::{Deserialize, Serialize};

use crate::command::LimitWindow;
use crate::hash::Walk;
use crate::money::Money;

/// An hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// A day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

const HOURS: i64 = 24;
const WEEK_DAYS: i64 = 7;
const MONTH_DAYS: i64 = 31;

/// What was used in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Paid in.
    pub deposits: Money,
    /// Risked by fills: a backer's stake, a layer's liability.
    pub stakes: Money,
    /// What settled markets came to, less commission; negative: lost.
    pub results: Money,
}

impl Used {
    fn add(&mut self, other: &Self) {
        self.deposits += other.deposits;
        self.stakes += other.stakes;
        self.results += other.results;
    }
}

/// Of the current hour, and of the finished ones as far back as a limit looks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Usage {
    hour: i64,
    current: Used,
    hours: Vec<(i64, Used)>,
    days: Vec<(i64, Used)>,
}

impl Usage {
    /// The current hour's, to be added to.
    #[inline]
    pub fn at(&mut self, now_ms: i64) -> &mut Used {
        if now_ms >= (self.hour + 1) * HOUR_MS {
            self.turn(now_ms);
        }
        &mut self.current
    }

    /// Puts the hour that is over to the finished ones, and forgets what no limit looks at any more.
    #[cold]
    fn turn(&mut self, now_ms: i64) {
        let (over, day) = (std::mem::take(&mut self.current), self.hour / HOURS);
        if over != Used::default() {
            self.hours.push((self.hour, over));
            match self.days.last_mut() {
                Some((last, used)) if *last == day => used.add(&over),
                _ => self.days.push((day, over)),
            }
        }
        self.hour = now_ms / HOUR_MS;
        let (first_hour, first_day) = (self.hour - HOURS, self.hour / HOURS - MONTH_DAYS);
        self.hours.retain(|(hour, _)| *hour >= first_hour);
        self.days.retain(|(day, _)| *day >= first_day);
    }

    /// What was used in a window that ends now.
    pub fn over(&self, window: LimitWindow, now_ms: i64) -> Used {
        let (hour, day) = (now_ms / HOUR_MS, now_ms / DAY_MS);
        let (finished, first, current) = match window {
            LimitWindow::Day => (&self.hours, hour - HOURS, self.hour),
            LimitWindow::Week => (&self.days, day - WEEK_DAYS, self.hour / HOURS),
            LimitWindow::Month => (&self.days, day - MONTH_DAYS, self.hour / HOURS),
        };
        let mut used = if current >= first { self.current } else { Used::default() };
        finished.iter().filter(|(number, _)| *number >= first).for_each(|(_, over)| used.add(over));
        used
    }

    pub(crate) fn walk(&self, walk: &mut Walk) {
        let number = |walk: &mut Walk, number: i64, used: &Used| {
            walk.numbers(&[number, used.deposits, used.stakes, used.results]);
        };
        number(walk, self.hour, &self.current);
        for finished in [&self.hours, &self.days] {
            walk.number(finished.len() as i64);
            finished.iter().for_each(|(nth, used)| number(walk, *nth, used));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_in_its_oldest_hour_and_then_its_oldest_day_and_forgets_them_after() {
        let (mut usage, start) = (Usage::default(), 20_000 * DAY_MS + 5 * HOUR_MS);
        usage.at(start).deposits += 100;
        usage.at(start + HOUR_MS).deposits += 10;
        let deposits = |usage: &Usage, window, after: i64| usage.over(window, start + after).deposits;
        assert_eq!(deposits(&usage, LimitWindow::Day, 24 * HOUR_MS), 110);
        assert_eq!(deposits(&usage, LimitWindow::Day, 25 * HOUR_MS), 10);
        assert_eq!(deposits(&usage, LimitWindow::Day, 26 * HOUR_MS), 0);
        assert_eq!(deposits(&usage, LimitWindow::Week, 7 * DAY_MS + 18 * HOUR_MS), 110);
        assert_eq!(deposits(&usage, LimitWindow::Week, 7 * DAY_MS + 19 * HOUR_MS), 0);
        usage.at(start + 31 * DAY_MS).deposits += 1;
        assert_eq!(deposits(&usage, LimitWindow::Month, 31 * DAY_MS), 111);
        usage.at(start + 32 * DAY_MS).deposits += 1;
        assert_eq!(deposits(&usage, LimitWindow::Month, 32 * DAY_MS), 2);
        assert_eq!((usage.hours.len(), usage.days.len()), (1, 1), "what no limit looks at is forgotten");
    }
}
