//! The core's fuzz targets. Whatever the bytes, nothing may panic and no invariant may break.
#![forbid(unsafe_code)]

mod bodies;
mod source;

use valletta_core::codec;
use valletta_core::command::{Body, Command};
use valletta_core::event::Event;
use valletta_core::events::Events;
use valletta_core::exchange::Exchange;
use valletta_core::key::Key;
use valletta_core::limits::Limits;
use valletta_core::outcome::Answer;

use bodies::body;
use source::Source;

/// Log time of the first command.
pub const START_MS: i64 = 1_800_000_000_000;

/// A long sequence is worth no more than a short one, and slower.
const MOST_COMMANDS: usize = 400;

/// Bounds that are soon reached.
pub fn small() -> Limits {
    Limits {
        accounts: 9,
        ended_orders: 5,
        orders: 60,
        orders_per_account: 20,
        keys: 40,
        kept_results: 8,
        withdrawals: 2,
        ..Limits::default()
    }
}

/// Reads bytes as a command and, if they are one, applies it: to an empty exchange, and to one where something is going on.
///
/// # Panics
/// A command breaks the core.
pub fn decode(data: &[u8]) {
    let Ok(command) = codec::decode(data) else { return };
    for (mut exchange, time_ms) in [(Exchange::new(small(), true), START_MS), busy()] {
        let mut events = Events::default();
        let answer = exchange.apply(time_ms, &command, &mut events).expect("a command breaks no invariant");
        _ = codec::encode_answer(&answer);
        events.take().for_each(|event| _ = codec::encode_event(event));
    }
}

/// Plays bytes as commands, with every invariant checked after each. Then again, with a snapshot in the middle: the
/// answers, the events and the state have to be the same.
///
/// # Panics
/// The core breaks, or a replay differs.
pub fn sequence(data: &[u8]) {
    let log = commands(data);
    let (first, told) = play(Exchange::new(small(), true), &log);
    let (before, after) = log.split_at(log.len() / 2);
    let (half, mut again) = play(Exchange::new(small(), false), before);
    let restored = Exchange::restore(&half.snapshot(), false).expect("a snapshot is read by the build that wrote it");
    let (second, rest) = play(restored, after);
    again.extend(rest);
    assert_eq!(first.state_hash(true), second.state_hash(true), "a replay ends in the same state");
    assert_eq!(told, again, "a replay is answered alike");
}

/// What a command came to.
pub type Told = (Answer, Vec<Event>);

/// Applies a log.
///
/// # Panics
/// The core breaks.
pub fn play(mut exchange: Exchange, log: &[(i64, Command)]) -> (Exchange, Vec<Told>) {
    let (mut all, mut events) = (Vec::with_capacity(log.len()), Events::default());
    for (time_ms, command) in log {
        let answer = exchange.apply(*time_ms, command, &mut events);
        all.push((answer.unwrap_or_else(|error| panic!("{command:?}: {error}")), events.take().collect()));
    }
    (exchange, all)
}

/// The log that bytes stand for: a world that is set up, and then whatever they say.
pub fn commands(data: &[u8]) -> Vec<(i64, Command)> {
    let mut source = Source::new(data);
    let mut time_ms = START_MS;
    let mut bodies = opening(&mut source);
    let mut log: Vec<(i64, Command)> = Vec::new();
    while log.len() < MOST_COMMANDS {
        let (account, body) = match bodies.pop() {
            Some(next) => next,
            None if source.is_empty() => break,
            None => {
                time_ms += source.pause_ms();
                body(&mut source, log.len() as u64)
            }
        };
        let again = source.one_in(40).then(|| log.last().cloned()).flatten();
        let key = Key::made(time_ms, log.len() as u64);
        let command = again.map_or(Command { key, account, body }, |(_, command)| command);
        log.push((time_ms, command));
    }
    log
}

/// Accounts with money, rules 2 (mostly), and the first markets; the last comes first.
fn opening(source: &mut Source) -> Vec<(u64, Body)> {
    let mut all = vec![(0, Body::ActivateRules { version: if source.one_in(8) { 1 } else { 2 } })];
    for account in 1..=4 {
        all.push((0, Body::OpenAccount { currency: 0 }));
        all.push((0, Body::VerifyAccount { account }));
        all.push((account, Body::Deposit { amount: 100 * i64::from(source.byte()) * 40 }));
    }
    all.extend((0..2).map(|_| (0, bodies::open_market(source))));
    all.reverse();
    all
}

/// An exchange in the middle of things, and its log time.
fn busy() -> (Exchange, i64) {
    let data: Vec<u8> = (0..2_000u32).map(|nth| (nth.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let log = commands(&data);
    let now_ms = log.last().map_or(START_MS, |(time_ms, _)| *time_ms);
    (play(Exchange::new(small(), false), &log).0, now_ms)
}
