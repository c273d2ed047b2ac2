//! Player protection: limits, time-outs, exclusions, heartbeats. What makes it stricter binds at once.

use crate::accounts::{Exclusion, Limit, LimitName, DAY_MS};
use crate::command::{LimitKind, LimitWindow};
use crate::event::{CancelReason, Event, LimitChange};
use crate::events::Events;
use crate::exchange::{Exchange, Timer, OPERATOR};
use crate::money::{Money, LARGEST_AMOUNT, PENNY};
use crate::outcome::{Code, Outcome, Refusal};

/// A limit that is to bind less waits so long, and an exclusion with an end that is to be lifted.
const COOLING_MS: i64 = DAY_MS;
/// An exclusion without an end that is to be lifted.
const LONG_COOLING_MS: i64 = 7 * DAY_MS;
const SHORTEST_TIME_OUT_MS: i64 = DAY_MS;
const LONGEST_TIME_OUT_MS: i64 = 42 * DAY_MS;
/// Six months.
const SHORTEST_EXCLUSION_MS: i64 = 183 * DAY_MS;
/// A hundred years: beyond it one means for ever.
const LONGEST_EXCLUSION_MS: i64 = 36_500 * DAY_MS;
const SHORTEST_HEARTBEAT_MS: u32 = 10_000;
const LONGEST_HEARTBEAT_MS: u32 = 300_000;

impl Exchange {
    /// Whom a protection is for: the sender, or whom the operator names.
    fn whom(&self, actor: u32, named: u64) -> Result<u32, Refusal> {
        if actor != OPERATOR {
            return Ok(actor);
        }
        let id = self.accounts.known(named)?;
        if self.accounts[id].guest.is_some() {
            return Err(Refusal::of(Code::AccountIsGuest, named));
        }
        Ok(id)
    }

    /// Sets a limit: at once where it binds more, after a day where it binds less.
    pub(crate) fn set_limit(
        &mut self,
        actor: u32,
        named: u64,
        (kind, window): (i32, i32),
        amount: Money,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.whom(actor, named)?;
        let (kind, window) = check_limit(kind, window, amount)?;
        let name = LimitName { by_operator: actor == OPERATOR, kind, window };
        let before = self.accounts[id].care_mut().limits.remove(&name).unwrap_or_default();
        if let Some((_, due)) = before.next {
            self.timers.call_off(due);
        }
        let tighter = before.is_tightened_by(amount);
        let looser = !tighter && amount != before.amount;
        let effective_ms = if looser { self.now_ms + COOLING_MS } else { self.now_ms };
        let now = if looser { before.amount } else { amount };
        let next = looser.then(|| (amount, self.timers.set(effective_ms, Timer::Limit(id, name))));
        self.keep_limit(id, name, Limit { amount: now, next });
        let by_operator = name.by_operator;
        events.push(Event::LimitSet(LimitChange { account: id, kind, window, by_operator, amount, effective_ms }));
        let pending = tighter && self.tighten(id, events);
        Ok(Outcome { pending, ..Outcome::done(id.into()) })
    }

    fn keep_limit(&mut self, id: u32, name: LimitName, limit: Limit) {
        if limit != Limit::default() {
            self.accounts[id].care_mut().limits.insert(name, limit);
        }
    }

    /// A limit that waited comes in force.
    pub(crate) fn limit_due(&mut self, id: u32, name: LimitName, events: &mut Events) {
        let waited = self.accounts[id].care_mut().limits.remove(&name).and_then(|limit| limit.next);
        let (amount, due) = waited.expect("a limit's timer is that of what waits");
        self.keep_limit(id, name, Limit { amount, next: None });
        let LimitName { by_operator, kind, window } = name;
        let effective_ms = due.at_ms;
        events.push(Event::LimitInForce(LimitChange { account: id, kind, window, by_operator, amount, effective_ms }));
    }

    /// No bets for some time.
    pub(crate) fn take_time_out(
        &mut self,
        actor: u32,
        named: u64,
        duration_ms: i64,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.whom(actor, named)?;
        check_duration(duration_ms, SHORTEST_TIME_OUT_MS, LONGEST_TIME_OUT_MS)?;
        let until_ms = (self.now_ms + duration_ms).max(self.accounts[id].care_mut().time_out_until_ms);
        self.accounts[id].care_mut().time_out_until_ms = until_ms;
        events.push(Event::TimeOutTaken { account: id, until_ms });
        Ok(self.stop_betting(id, events))
    }

    /// No bets for a long time, or ever, and not before that was lifted.
    pub(crate) fn self_exclude(
        &mut self,
        actor: u32,
        named: u64,
        duration_ms: i64,
        events: &mut Events,
    ) -> Result<Outcome, Refusal> {
        let id = self.whom(actor, named)?;
        if duration_ms != 0 {
            check_duration(duration_ms, SHORTEST_EXCLUSION_MS, LONGEST_EXCLUSION_MS)?;
        }
        let least_ms = if duration_ms == 0 { SHORTEST_EXCLUSION_MS } else { duration_ms };
        let mut exclusion = Exclusion {
            until_ms: if duration_ms == 0 { 0 } else { self.now_ms + duration_ms },
            earliest_ms: self.now_ms + least_ms,
            lifting: None,
        };
        if let Some(before) = self.accounts[id].care_mut().exclusion.take() {
            if let Some(due) = before.lifting {
                self.timers.call_off(due);
            }
            exclusion.earliest_ms = exclusion.earliest_ms.max(before.earliest_ms);
            let endless = exclusion.until_ms == 0 || before.until_ms == 0;
            exclusion.until_ms = if endless { 0 } else { exclusion.until_ms.max(before.until_ms) };
        }
        self.accounts[id].care_mut().exclusion = Some(exclusion);
        events.push(Event::SelfExcluded { account: id, until_ms: exclusion.until_ms });
        Ok(self.stop_betting(id, events))
    }

    fn stop_betting(&mut self, id: u32, events: &mut Events) -> Outcome {
        self.cancel_account(id, CancelReason::Protection, events);
        let pending = self.tighten(id, events);
        Outcome { pending, ..Outcome::done(id.into()) }
    }

    /// Asks for an exclusion to be lifted: after a time to think it over.
    pub(crate) fn lift_exclusion(&mut self, id: u32, events: &mut Events) -> Result<Outcome, Refusal> {
        let exclusion = self.accounts[id].care.as_ref().and_then(|care| care.exclusion);
        let exclusion = exclusion.ok_or(Refusal::of(Code::NotExcluded, id.into()))?;
        let stands = |until_ms| Err(Refusal::new(Code::ExclusionStands, 0, until_ms));
        if self.now_ms < exclusion.earliest_ms {
            return stands(exclusion.earliest_ms);
        }
        if let Some(due) = exclusion.lifting {
            return stands(due.at_ms);
        }
        let cooling_ms = if exclusion.until_ms == 0 { LONG_COOLING_MS } else { COOLING_MS };
        let due = self.timers.set(self.now_ms + cooling_ms, Timer::Lift(id));
        self.accounts[id].care_mut().exclusion = Some(Exclusion { lifting: Some(due), ..exclusion });
        events.push(Event::LiftingAsked { account: id, effective_ms: due.at_ms });
        Ok(Outcome::done(id.into()))
    }

    /// An exclusion is lifted.
    pub(crate) fn lift_due(&mut self, id: u32, events: &mut Events) {
        self.accounts[id].care_mut().exclusion = None;
        events.push(Event::ExclusionLifted { account: id });
    }

    /// A client says that it is there, and for how long it may be silent.
    pub(crate) fn heartbeat(&mut self, id: u32, timeout_ms: u32, events: &mut Events) -> Result<Outcome, Refusal> {
        let refuse = |bound: u32| Err(Refusal::new(Code::HeartbeatInvalid, timeout_ms.into(), bound.into()));
        if timeout_ms != 0 && timeout_ms < SHORTEST_HEARTBEAT_MS {
            return refuse(SHORTEST_HEARTBEAT_MS);
        }
        if timeout_ms > LONGEST_HEARTBEAT_MS {
            return refuse(LONGEST_HEARTBEAT_MS);
        }
        if let Some(before) = self.accounts[id].care_mut().heartbeat.take() {
            self.timers.call_off(before);
        }
        let due = (timeout_ms != 0).then(|| self.timers.set(self.now_ms + i64::from(timeout_ms), Timer::Silence(id)));
        self.accounts[id].care_mut().heartbeat = due;
        events.push(Event::HeartbeatSet { account: id, due_ms: due.map_or(0, |due| due.at_ms) });
        Ok(Outcome::done(id.into()))
    }

    /// A client was silent for too long.
    pub(crate) fn silence_due(&mut self, id: u32, events: &mut Events) {
        self.accounts[id].care_mut().heartbeat = None;
        events.push(Event::HeartbeatExpired { account: id });
        self.cancel_account(id, CancelReason::HeartbeatLost, events);
    }
}

fn check_limit(kind: i32, window: i32, amount: Money) -> Result<(LimitKind, LimitWindow), Refusal> {
    let refuse = |given: i64, bound: i64| Refusal::new(Code::LimitInvalid, given, bound);
    let named_kind = LimitKind::of(kind.wrapping_sub(1)).ok_or(refuse(kind.into(), 3))?;
    let named_window = LimitWindow::of(window.wrapping_sub(1)).ok_or(refuse(window.into(), 3))?;
    let bound = if amount < 0 {
        0
    } else if amount % PENNY != 0 {
        PENNY
    } else if amount > LARGEST_AMOUNT {
        LARGEST_AMOUNT
    } else {
        return Ok((named_kind, named_window));
    };
    Err(refuse(amount, bound))
}

fn check_duration(duration_ms: i64, shortest: i64, longest: i64) -> Result<(), Refusal> {
    let bound = if duration_ms < shortest { shortest } else { longest };
    if (shortest..=longest).contains(&duration_ms) {
        return Ok(());
    }
    Err(Refusal::new(Code::DurationInvalid, duration_ms, bound))
}
