//! Whole lives of markets: what settling a large one takes, and whether memory grows as one follows the other.

use std::time::Instant;

use serde_json::{json, Value};
use valletta_core::command::{Body, Outturn, Place, RunnerTerms, Side, Terms, TimeInForce};
use valletta_core::events::Events;
use valletta_core::exchange::Exchange;
use valletta_core::limits::Limits;
use valletta_core::outcome::{Code, Outcome};

use crate::engines::valletta::{bodies, opened, START_MS, UNIT};
use crate::generate::{generate, Shape};
use crate::stream::Stream;

const ACCOUNTS: u32 = 2_000;
const MIDDLE: u32 = 175;

/// An exchange that is sent one command after the other, none of them refused.
struct Sender {
    exchange: Exchange,
    events: Events,
    outcome: Outcome,
    sent: u64,
}

impl Sender {
    fn new(exchange: Exchange) -> Self {
        Self { exchange, events: Events::default(), outcome: Outcome::default(), sent: 0 }
    }

    fn send(&mut self, account: u64, body: &Body) -> Outcome {
        self.sent += 1;
        self.events.clear();
        let time_ms = START_MS + (self.sent / 1_000) as i64;
        let applied = self.exchange.execute(time_ms, account, body, &mut self.events, &mut self.outcome);
        applied.expect("no invariant is violated");
        assert_eq!(self.outcome.code, Code::Ok, "{body:?}: {:?}", self.outcome);
        self.outcome
    }

    fn open_market(&mut self) -> u64 {
        let runners = (1..=2).map(|id| RunnerTerms { id, name: String::new() }).collect();
        let terms = Terms { runners, winners: 1, commission_bp: 500, minimum_stake: UNIT, ..Terms::default() };
        self.send(0, &Body::OpenMarket(Box::new(terms))).id
    }

    fn settle(&mut self, market: u64) {
        let result = Box::new(Outturn { winners: vec![1], ..Outturn::default() });
        self.send(0, &Body::SettleMarket { market, result });
    }
}

/// Settles a market of so many matched bets between 2 000 accounts; each bet is a trade, with a backer and a layer.
pub fn settlement(bets: u64) -> Value {
    let stream = Stream { accounts: ACCOUNTS, ..Stream::default() };
    let limits = Limits { orders_per_account: u32::MAX, orders: 2 * bets as u32 + 1, ..Limits::default() };
    let mut sender = Sender::new(opened(&stream, 2, limits));
    let market = sender.open_market();
    for nth in 0..bets {
        let pair = nth % u64::from(ACCOUNTS / 2);
        for (account, side) in [(2 * pair + 1, Side::Back), (2 * pair + 2, Side::Lay)] {
            let (side, time_in_force) = (side as i32, TimeInForce::Day as i32);
            let place = Place { market, runner: 1, side, price: MIDDLE, size: UNIT, time_in_force, ..Place::default() };
            sender.send(account, &Body::PlaceOrder(place));
        }
    }
    let start = Instant::now();
    sender.settle(market);
    let seconds = start.elapsed().as_secs_f64();
    sender.exchange.check_invariants().expect("every invariant holds after the settlement");
    json!({ "bets": bets, "accounts": ACCOUNTS, "seconds": seconds, "events": sender.events.len() })
}

/// One market after the other, each traded on by so many commands and settled; the process's memory after each round.
pub fn steady(rounds: u32, commands: u32) -> Value {
    let shape = Shape { commands, accounts: ACCOUNTS, ..Shape::default() };
    let stream = generate(shape);
    let limits = Limits { kept_results: 4 * ACCOUNTS, ended_orders: 4_096, keys: 1, ..Limits::default() };
    let mut sender = Sender::new(opened(&Stream { accounts: ACCOUNTS, ..Stream::default() }, 2, limits));
    let mut resident = Vec::new();
    let start = Instant::now();
    for _ in 0..rounds {
        let market = sender.open_market();
        let first = sender.exchange.orders_accepted();
        for (account, body) in bodies(&stream, market, first) {
            sender.send(account, &body);
        }
        sender.settle(market);
        resident.push(resident_mib());
    }
    json!({ "commands": sender.sent, "seconds": start.elapsed().as_secs_f64(), "resident_mib": resident })
}

/// What of the process lies in memory; 0 where the system does not say.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1_024)
}
