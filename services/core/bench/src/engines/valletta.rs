//! The core, with every rule on: accounts verified, limits and holds checked, events written.
//!
//! Its own orders are numbered as they are accepted, and a move is a new order in the old one's place: the stream's
//! numbers are translated before the clock starts.

use std::collections::HashMap;
use std::hint::black_box;

use prost::Message;
use valletta_core::codec::proto::OrderImages;
use valletta_core::command::{Body, Command, Place, Replace, RunnerTerms, Side as Ours, Terms, TimeInForce};
use valletta_core::events::Events;
use valletta_core::exchange::{Exchange, NEWEST_RULES};
use valletta_core::key::Key;
use valletta_core::limits::Limits;
use valletta_core::money::Money;
use valletta_core::outcome::{Answer, Code, Outcome};

use super::Engine;
use crate::random::Random;
use crate::stream::{Op, Record, Side, Stream};
use crate::tally::{Fills, Resting};

/// A unit of the stream in parts.
pub const UNIT: Money = 10_000;
/// When the log begins.
pub const START_MS: i64 = 1_800_000_000_000;
/// A million commands a second, in log time.
const COMMANDS_PER_MS: usize = 1_000;
const DEPOSIT: Money = 10_000_000 * UNIT;
const RUNNER: u64 = 1;

/// The core. With `KEYS`, every command's key is looked up and remembered, as the log's are.
pub struct Valletta<const KEYS: bool> {
    exchange: Exchange,
    events: Events,
    answer: Answer,
    fills: Fills,
    accounts: u32,
    numbers: HashMap<u64, u32>,
}

/// A stream's commands, each with its log time.
pub type Timed = Vec<(i64, Command)>;

/// Commands of records, which come after so many others.
pub fn commands(stream: &Stream, records: &[Record]) -> Timed {
    let (mut ids, mut last, mut random) = (HashMap::new(), 0, Random::seeded(records.len() as u64));
    let before = if records.as_ptr() == stream.measured.as_ptr() { &stream.setup[..] } else { &[] };
    let all = before.iter().chain(records).enumerate();
    let translated = all.map(|(nth, record)| {
        let time_ms = START_MS + (nth / COMMANDS_PER_MS) as i64;
        let body = body(record, &mut ids, &mut last);
        (time_ms, Command { key: Key::made(time_ms, random.below(u64::MAX)), account: record.account.into(), body })
    });
    translated.skip(before.len()).collect()
}

/// The whole stream's bodies, each with its account, on one market of that number, where so many orders were accepted
/// before.
pub fn bodies(stream: &Stream, market: u64, accepted: u64) -> impl Iterator<Item = (u64, Body)> + '_ {
    let (mut ids, mut last) = (HashMap::new(), accepted);
    stream.setup.iter().chain(&stream.measured).map(move |record| {
        let there = Record { market: market as u32, ..*record };
        (record.account.into(), body(&there, &mut ids, &mut last))
    })
}

/// The core's command; `ids`: its number of the stream's orders.
fn body(record: &Record, ids: &mut HashMap<u32, u64>, last: &mut u64) -> Body {
    let &Record { op, side, tick, size, order, market, .. } = record;
    let (market, price) = (u64::from(market), u32::from(tick));
    let known = ids.get(&order).copied().unwrap_or_default();
    if op == Op::Cancel {
        return Body::CancelOrder { market, order: known, reduction: 0 };
    }
    *last += 1;
    ids.insert(order, *last);
    if op == Op::Move {
        return Body::ReplaceOrder(Replace { market, order: known, price, market_version: 0 });
    }
    let side = if side == Side::Back { Ours::Back } else { Ours::Lay } as i32;
    let time_in_force = if op == Op::Place { TimeInForce::Day } else { TimeInForce::ImmediateOrCancel } as i32;
    let size = Money::from(size) * UNIT;
    Body::PlaceOrder(Place { market, runner: RUNNER, side, price, size, time_in_force, ..Place::default() })
}

/// An exchange with a stream's accounts and markets: verified and rich, on two runners of which one wins.
pub fn opened(stream: &Stream, runners: u64, limits: Limits) -> Exchange {
    let mut exchange = Exchange::new(limits, false);
    let commands = (stream.setup.len() + stream.measured.len()) as u32;
    exchange.touch_memory(commands);
    let (mut events, mut outcome) = (Events::default(), Outcome::default());
    let mut send = |account: u64, body: Body| {
        exchange.execute(START_MS, account, &body, &mut events, &mut outcome).expect("no invariant is violated");
        assert_eq!(outcome.code, Code::Ok, "{body:?}: {outcome:?}");
        events.clear();
    };
    send(0, Body::ActivateRules { version: NEWEST_RULES });
    for account in 1..=u64::from(stream.accounts) {
        send(0, Body::OpenAccount { currency: 0 });
        send(0, Body::VerifyAccount { account });
        send(account, Body::Deposit { amount: DEPOSIT });
    }
    for _ in 0..stream.markets {
        let runner = |id| RunnerTerms { id, name: String::new() };
        let runners = (1..=runners).map(runner).collect();
        let terms = Terms { runners, winners: 1, commission_bp: 500, minimum_stake: UNIT, ..Terms::default() };
        send(0, Body::OpenMarket(Box::new(terms)));
    }
    exchange
}

/// Bounds that the stream keeps within, whatever its shape.
pub fn limits(stream: &Stream) -> Limits {
    let default = Limits::default();
    Limits { open_markets: default.open_markets.max(stream.markets), ..default }
}

impl<const KEYS: bool> Valletta<KEYS> {
    /// Carries one command out.
    #[inline]
    pub fn apply(&mut self, time_ms: i64, command: &Command) {
        self.events.clear();
        let Self { exchange, events, answer, .. } = self;
        let applied = if KEYS {
            exchange.apply_to(time_ms, command, events, answer)
        } else {
            exchange.execute(time_ms, command.account, &command.body, events, &mut answer.outcome)
        };
        applied.expect("no invariant is violated");
        assert_eq!(answer.outcome.code, Code::Ok, "{command:?} is refused");
        for fill in self.events.fills() {
            self.fills.add((fill.size / UNIT) as u64, fill.price.into());
        }
        black_box(&self.events);
    }
}

impl<const KEYS: bool> Engine for Valletta<KEYS> {
    type Prepared = Timed;

    fn prepare(stream: &Stream, records: &[Record]) -> Timed {
        commands(stream, records)
    }

    fn fresh(stream: &Stream) -> Self {
        let (mut ids, mut last) = (HashMap::new(), 0);
        for record in stream.setup.iter().chain(&stream.measured) {
            body(record, &mut ids, &mut last);
        }
        Self {
            exchange: opened(stream, 2, limits(stream)),
            events: Events::with_room(1_024),
            answer: Answer::default(),
            fills: Fills::default(),
            accounts: stream.accounts,
            numbers: ids.into_iter().map(|(theirs, ours)| (ours, theirs)).collect(),
        }
    }

    #[inline(never)]
    fn play(&mut self, prepared: &Timed) {
        prepared.iter().for_each(|(time_ms, command)| self.apply(*time_ms, command));
    }

    fn fills(&self) -> Fills {
        self.fills
    }

    fn resting(&self) -> Vec<Resting> {
        self.exchange.check_invariants().expect("every invariant holds at the end");
        let mut orders: Vec<_> = (1..=u64::from(self.accounts)).flat_map(|account| self.orders_of(account)).collect();
        orders.sort_unstable_by_key(|(id, _)| *id);
        orders.into_iter().map(|(_, resting)| resting).collect()
    }
}

impl<const KEYS: bool> Valletta<KEYS> {
    /// An account's resting orders, with the core's numbers: their order in time.
    fn orders_of(&self, account: u64) -> Vec<(u64, Resting)> {
        let bytes = self.exchange.orders_image(account, 0).expect("the account is known");
        let images = OrderImages::decode(&bytes[..]).expect("an image is well-formed");
        let resting = images.orders.into_iter().filter(|image| image.remaining > 0).map(|image| {
            let side = if image.side == Ours::Back as i32 { Side::Back } else { Side::Lay };
            let (market, tick) = (image.market as u32, image.price as u16);
            let (order, size) = (self.numbers[&image.order], (image.remaining / UNIT) as u32);
            (image.order, Resting { market, side, tick, order, account: account as u32, size })
        });
        resting.collect()
    }
}
