//! The state machine: a command at a log time goes in, an answer and events come out.

use serde::{Deserialize, Serialize};

use crate::accounts::{Accounts, Book, LimitName};
use crate::command::{Body, Command, Sender};
use crate::event::Event;
use crate::events::Events;
use crate::exposure::Exposures;
use crate::fingerprint::fingerprint;
use crate::invariants::InvariantError;
use crate::key::Key;
use crate::keys::{Entry, KeyMemory, FUTURE_MS, WINDOW_MS};
use crate::limits::Limits;
use crate::markets::{Markets, Trades};
use crate::memory::timers::Timers;
use crate::orders::Orders;
use crate::outcome::{Answer, Code, Outcome, Refusal};

/// The newest version of the rules that this build knows.
pub const NEWEST_RULES: u32 = 2;

/// The actor that is the operator.
pub const OPERATOR: u32 = 0;

/// Trades that there is room for from the start: more are as welcome, but make room while others wait.
const USUAL_TRADES: u32 = 4_000_000;

/// What time brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// The in-play delay of the order in this slot is over.
    Release(u32),
    /// An account was silent for too long.
    Silence(u32),
    /// A limit of an account comes in force.
    Limit(u32, LimitName),
    /// An account's exclusion is lifted.
    Lift(u32),
    /// A market's result is final.
    Final(u32),
}

/// One shard's whole state.
///
/// Pure: no clock, no I/O, no randomness that an answer, an event or a hash could depend on. A violated invariant
/// leaves it unusable: every later call says so.
pub struct Exchange {
    pub(crate) accounts: Accounts,
    pub(crate) markets: Markets,
    pub(crate) exposures: Exposures,
    pub(crate) orders: Orders,
    pub(crate) trades: Trades,
    pub(crate) timers: Timers<Timer>,
    pub(crate) keys: KeyMemory,
    pub(crate) operator_window_ms: i64,
    pub(crate) limits: Limits,
    pub(crate) now_ms: i64,
    pub(crate) rules: u32,
    pub(crate) commands: u64,
    /// Counts what may change more than orders: an exposure's pass is good for one epoch.
    pub(crate) epoch: u64,
    /// Counts commands and what time brings about: what changes a market in one of them changes it once.
    pub(crate) step: u64,
    check: bool,
    unusable: bool,
}

impl Exchange {
    /// A shard before its first command. With `check`, every invariant is checked after every command, as a debug
    /// build always does: slow, for tests and for finding out.
    pub fn new(limits: Limits, check: bool) -> Self {
        Self {
            accounts: Accounts::default(),
            markets: Markets::default(),
            exposures: Exposures::with_room(limits.exposures),
            orders: Orders::with_room(limits.orders, limits.ended_orders),
            trades: Trades::with_room(limits.orders.min(USUAL_TRADES)),
            timers: Timers::default(),
            keys: KeyMemory::new(limits.keys),
            operator_window_ms: 0,
            limits,
            now_ms: 0,
            rules: 1,
            commands: 0,
            epoch: 1,
            step: 0,
            check: check || cfg!(debug_assertions),
            unusable: false,
        }
    }

    /// Touches the memory that is reserved for so many commands to come, before the first: none of them then waits for
    /// the system to find a page.
    pub fn touch_memory(&mut self, commands: u32) {
        self.orders.touch(commands, commands);
        self.trades.touch(commands);
        self.keys.touch(commands);
    }

    /// The rules' version in force.
    pub fn rules(&self) -> u32 {
        self.rules
    }

    /// The shard's money, by currency.
    pub fn books(&self) -> &[Book] {
        self.accounts.books()
    }

    /// How many commands were applied since the log began: refused and repeated ones too.
    pub fn commands(&self) -> u64 {
        self.commands
    }

    /// How many orders have been accepted since the log began; the last one bears this id.
    pub fn orders_accepted(&self) -> u64 {
        self.orders.last_id()
    }

    /// How many orders are in memory.
    pub fn orders_in_memory(&self) -> usize {
        self.orders.len()
    }

    /// Applies a command at a log time in milliseconds. Its events are appended.
    ///
    /// # Errors
    /// An invariant is violated, now or earlier, or log time goes back: the state must not be used any more.
    pub fn apply(&mut self, time_ms: i64, command: &Command, events: &mut Events) -> Result<Answer, InvariantError> {
        let mut answer = Answer::default();
        self.apply_to(time_ms, command, events, &mut answer)?;
        Ok(answer)
    }

    /// The same, with the answer where the caller wants it.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_to(
        &mut self,
        time_ms: i64,
        command: &Command,
        events: &mut Events,
        answer: &mut Answer,
    ) -> Result<(), InvariantError> {
        self.begin(time_ms, events)?;
        match self.admit(command) {
            Ok(Some(before)) => *answer = before,
            Ok(None) => self.answer(command, events, answer),
            Err(refusal) => *answer = self.refused(command.account, refusal, events),
        }
        self.end()
    }

    /// Refuses what could not be read as a command. Nothing is remembered: a repeat is refused again.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn refuse(
        &mut self,
        time_ms: i64,
        account: u64,
        refusal: Refusal,
        events: &mut Events,
    ) -> Result<Answer, InvariantError> {
        self.begin(time_ms, events)?;
        let answer = self.refused(account, refusal, events);
        self.end()?;
        Ok(answer)
    }

    /// Applies a body without a key, and so without memory of it: what the bench compares with.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn execute(
        &mut self,
        time_ms: i64,
        account: u64,
        body: &Body,
        events: &mut Events,
        outcome: &mut Outcome,
    ) -> Result<(), InvariantError> {
        self.begin(time_ms, events)?;
        match self.actor(account) {
            Ok(actor) => self.do_what_is_asked(actor, body, events, outcome),
            Err(refusal) => *outcome = self.refused(account, refusal, events).outcome,
        }
        self.end()
    }

    /// Refuses to go on under rules that this build does not know: for whoever meets a record, an event or a
    /// snapshot that names the version in force.
    ///
    /// # Errors
    /// The version is not known; the state must not be used any more.
    pub fn require_rules(&mut self, version: u32) -> Result<(), InvariantError> {
        if (1..=NEWEST_RULES).contains(&version) {
            return Ok(());
        }
        self.unusable = true;
        let detail = format!("rules version {version} is in force, and this build knows 1 to {NEWEST_RULES}");
        Err(InvariantError::new("known rules", detail))
    }

    #[inline(always)]
    fn begin(&mut self, time_ms: i64, events: &mut Events) -> Result<(), InvariantError> {
        if self.unusable {
            let detail = "an earlier command violated an invariant or failed half-way".to_owned();
            return Err(InvariantError::new("usable state", detail));
        }
        self.unusable = true;
        if time_ms < self.now_ms {
            let detail = format!("log time went back from {} to {time_ms} ms", self.now_ms);
            return Err(InvariantError::new("log time", detail));
        }
        self.now_ms = time_ms;
        self.keys.expire(time_ms);
        self.commands += 1;
        self.step += 1;
        if !self.timers.is_quiet(time_ms) {
            self.epoch += 1;
            self.let_time_work(events);
            self.step += 1;
        }
        Ok(())
    }

    /// Everything whose time has come, in its order.
    #[cold]
    fn let_time_work(&mut self, events: &mut Events) {
        while let Some(timer) = self.timers.take(self.now_ms) {
            self.step += 1;
            match timer {
                Timer::Release(slot) => self.release(slot, events),
                Timer::Silence(account) => self.silence_due(account, events),
                Timer::Limit(account, name) => self.limit_due(account, name, events),
                Timer::Lift(account) => self.lift_due(account, events),
                Timer::Final(market) => self.make_final(market, events),
            }
        }
    }

    #[inline(always)]
    fn end(&mut self) -> Result<(), InvariantError> {
        if let Some((currency, imbalance)) = self.accounts.imbalance() {
            let detail = format!("the money of currency {currency} is off by {imbalance}");
            return Err(InvariantError::new("conservation", detail));
        }
        if self.check {
            self.check_invariants()?;
        }
        self.unusable = false;
        Ok(())
    }

    /// `Some` answer if the key is remembered, `None` if the command is new.
    fn admit(&self, command: &Command) -> Result<Option<Answer>, Refusal> {
        let (time_ms, latest) = (command.key.time_ms(), self.now_ms.saturating_add(FUTURE_MS));
        if time_ms > latest {
            return Err(Refusal::new(Code::KeyInvalid, time_ms, latest));
        }
        let actor = self.actor(command.account)?;
        let own_window = if actor == OPERATOR { self.operator_window_ms } else { self.accounts[actor].window_ms };
        let window = own_window.max(self.now_ms - WINDOW_MS);
        if time_ms < window {
            return Err(Refusal::new(Code::KeyTooOld, time_ms, window));
        }
        let Some(entry) = self.keys.find(actor, command.key) else {
            return Ok(None);
        };
        if entry.fingerprint != fingerprint(&command.body) {
            return Err(Refusal::new(Code::KeyReused, 0, 0));
        }
        Ok(Some(Answer { outcome: entry.outcome, repeated: true }))
    }

    fn actor(&self, account: u64) -> Result<u32, Refusal> {
        if account == u64::from(OPERATOR) {
            return Ok(OPERATOR);
        }
        self.accounts.find(account).ok_or(Refusal::of(Code::AccountUnknown, account))
    }

    fn answer(&mut self, command: &Command, events: &mut Events, answer: &mut Answer) {
        let actor = command.account as u32; // admitted: it is the operator or an account
        answer.repeated = false;
        self.do_what_is_asked(actor, &command.body, events, &mut answer.outcome);
        self.remember(actor, command.key, fingerprint(&command.body), answer.outcome);
    }

    fn remember(&mut self, account: u32, key: Key, fingerprint: u64, outcome: Outcome) {
        let entry = Entry { key, account, arrived_ms: self.now_ms, fingerprint, outcome };
        if let Some((account, time_ms)) = self.keys.remember(entry) {
            let window = match account {
                OPERATOR => &mut self.operator_window_ms,
                account => &mut self.accounts[account].window_ms,
            };
            *window = (*window).max(time_ms + 1);
        }
    }

    #[inline(always)]
    fn do_what_is_asked(&mut self, actor: u32, body: &Body, events: &mut Events, outcome: &mut Outcome) {
        if !self.express(actor, body, events, outcome) {
            self.do_at_length(actor, body, events, outcome);
        }
    }

    #[inline(never)]
    fn do_at_length(&mut self, actor: u32, body: &Body, events: &mut Events, outcome: &mut Outcome) {
        *outcome = match self.dispatch(actor, body, events) {
            Ok(outcome) => self.with_balance(actor.into(), outcome),
            Err(refusal) => self.refused(actor.into(), refusal, events).outcome,
        };
    }

    /// Refuses a body that the rules in force do not know, or that this actor may not send.
    #[inline(always)]
    fn check_sender(&self, actor: u32, body: &Body) -> Result<(), Refusal> {
        let allowed = match body.sender() {
            Sender::Player => actor != OPERATOR,
            Sender::Operator => actor == OPERATOR,
            Sender::Either { account } => actor == OPERATOR || account == 0,
        };
        if !allowed || self.rules < 2 && !body.is_of_rules_1() {
            return Err(Refusal::new(Code::Malformed, 0, 0));
        }
        if actor != OPERATOR && self.accounts[actor].guest.is_some() && !body.is_for_guests() {
            return Err(Refusal::of(Code::AccountIsGuest, actor.into()));
        }
        Ok(())
    }

    #[inline(always)]
    fn dispatch(&mut self, actor: u32, body: &Body, events: &mut Events) -> Result<Outcome, Refusal> {
        self.check_sender(actor, body)?;
        match body {
            Body::PlaceOrder(place) => self.place(actor, place, events),
            Body::CancelOrder { market, order, reduction } => self.cancel(actor, (*market, *order), *reduction, events),
            Body::ReplaceOrder(asked) => self.replace(actor, asked, events),
            Body::UpdateOrder { market, order, persistence } => {
                self.update(actor, (*market, *order), *persistence, events)
            }
            other => {
                self.epoch += 1;
                self.dispatch_rare(actor, other, events)
            }
        }
    }

    /// What concerns accounts and their money; the rest is about markets.
    #[inline(never)]
    fn dispatch_rare(&mut self, actor: u32, body: &Body, events: &mut Events) -> Result<Outcome, Refusal> {
        match body {
            Body::CancelAll { market, strategy, account } => {
                self.cancel_all(actor, (*market, *strategy, *account), events)
            }
            Body::Heartbeat { timeout_ms } => self.heartbeat(actor, *timeout_ms, events),
            Body::OpenAccount { currency } => self.open_account(*currency, events),
            Body::VerifyAccount { account } => self.verify_account(*account, events),
            Body::Deposit { amount } => self.deposit(actor, *amount, events),
            Body::Withdraw { amount } => self.withdraw(actor, *amount, events),
            Body::RequestWithdrawal { amount } => self.request_withdrawal(actor, *amount, events),
            Body::EndWithdrawal { withdrawal, paid } => self.end_withdrawal(*withdrawal, *paid, events),
            Body::SetDiscount { account, discount_bp } => self.set_discount(*account, *discount_bp, events),
            Body::SetLimit { account, kind, window, amount } => {
                self.set_limit(actor, *account, (*kind, *window), *amount, events)
            }
            Body::TakeTimeOut { account, duration_ms } => self.take_time_out(actor, *account, *duration_ms, events),
            Body::SelfExclude { account, duration_ms } => self.self_exclude(actor, *account, *duration_ms, events),
            Body::LiftExclusion => self.lift_exclusion(actor, events),
            Body::GrantPermit(grant) => self.grant_permit(grant, events),
            Body::AcceptPermit(slice) => self.accept_permit(slice, events),
            Body::TightenPermit { home, account } => self.tighten_permit(*home, *account, events),
            Body::ConfirmTightening { account, shard, exposed, staked } => {
                self.confirm_tightening(*account, *shard, (*exposed, *staked), events)
            }
            Body::ReturnPermit { home, account, amount } => self.return_permit(*home, *account, *amount, events),
            Body::AcceptReturn(back) => self.accept_return(back, events),
            about_markets => self.dispatch_market(about_markets, events),
        }
    }

    fn dispatch_market(&mut self, body: &Body, events: &mut Events) -> Result<Outcome, Refusal> {
        match body {
            Body::OpenMarket(terms) => self.open_market(terms, events),
            Body::SetSuspension { market, runner, suspended } => {
                self.set_suspension((*market, *runner), *suspended, events)
            }
            Body::TurnInPlay { market } => self.turn_in_play(*market, events),
            Body::VoidRunner { market, runner } => self.void_runner(*market, *runner, events),
            Body::RemoveRunner { market, runner, factor_bp } => {
                self.remove_runner(*market, *runner, *factor_bp, events)
            }
            Body::VoidBet { market, trade, reason } => self.void_bet(*market, *trade, reason, events),
            Body::SettleMarket { market, result } => self.settle_market(*market, result, events),
            Body::VoidMarket { market, reason } => self.void_market(*market, reason, events),
            Body::ResettleMarket { market, result } => self.resettle_market(*market, result, events),
            Body::ActivateRules { version } => self.activate_rules(*version, events),
            Body::Tick => Ok(Outcome::done(0)),
            _ => unreachable!("every other body was dispatched before"),
        }
    }

    fn refused(&self, account: u64, refusal: Refusal, events: &mut Events) -> Answer {
        let Refusal { code, given, bound } = refusal;
        events.push(Event::Refused { account, code, given, bound });
        Answer { outcome: self.with_balance(account, refusal.into()), repeated: false }
    }

    fn with_balance(&self, account: u64, outcome: Outcome) -> Outcome {
        let Some(account) = self.accounts.find(account) else {
            return outcome;
        };
        let account = &self.accounts[account];
        Outcome { balance: account.wallet, available: account.available(), ..outcome }
    }
}
