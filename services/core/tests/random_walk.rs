//! Random commands of every kind against a small exchange. `check` recomputes every invariant after every command.

use valletta_core::command::{Body, Command, Place, RunnerTerms, Terms};
use valletta_core::event::Event;
use valletta_core::exchange::Exchange;
use valletta_core::key::Key;
use valletta_core::limits::Limits;
use valletta_core::outcome::{Answer, Code};

const START_MS: i64 = 1_800_000_000_000;
const RUNNERS: u64 = 3;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn open_market(random: &mut Random) -> Body {
    Body::OpenMarket(Box::new(Terms {
        runners: (1..=RUNNERS).map(|id| RunnerTerms { id, name: String::new() }).collect(),
        winners: 1 + random.below(4) as u32 / 3,
        commission_bp: 250,
        minimum_stake: 100,
        ..Terms::default()
    }))
}

/// Accounts 1 to 3 mostly lay: bets on several runners that cover each other, until one of the runners is voided.
fn place(random: &mut Random, account: u64, market: u64) -> Body {
    let usual = if account <= 3 { 2 } else { 1 };
    Body::PlaceOrder(Place {
        market,
        runner: 1 + random.below(RUNNERS),
        side: if random.below(8) == 0 { 3 - usual } else { usual },
        price: 95 + random.below(5) as u32,
        size: 100 * (1 + random.below(400) as i64),
    })
}

fn winners(random: &mut Random) -> Vec<u64> {
    (1..=RUNNERS).filter(|_| random.below(3) == 0).collect()
}

fn body(random: &mut Random, orders: u64, markets: u64) -> (u64, Body) {
    let (account, market) = (1 + random.below(6), markets - random.below(2));
    match random.below(200) {
        0..=134 => (account, place(random, account, market)),
        135..=155 => {
            let order = 1 + orders.saturating_sub(random.below(30));
            (account, Body::CancelOrder { market, order, reduction: 100 * random.below(3) as i64 })
        }
        156..=164 => (account, Body::Deposit { amount: 100 * random.below(400) as i64 }),
        165..=177 => (account, Body::Withdraw { amount: 100 * random.below(200) as i64 }),
        178..=179 => (0, Body::VoidRunner { market, runner: 1 + random.below(RUNNERS) }),
        180..=182 => (0, Body::SettleMarket { market, winners: winners(random), source: "test".to_owned() }),
        185 if random.below(3) == 0 => (0, Body::VoidMarket { market, reason: "test".to_owned() }),
        186..=187 => (0, Body::SetSuspension { market, suspended: random.below(4) == 0 }),
        188..=189 => (0, open_market(random)),
        191 => (0, Body::OpenAccount),
        192 => (0, Body::VerifyAccount { account }),
        193 => (0, Body::ActivateRules { version: random.below(3) as u32 }),
        194 => (0, Body::Deposit { amount: 100 }),
        195 => (account, Body::VoidRunner { market, runner: 1 }),
        _ => (account, Body::Withdraw { amount: 20_000 }),
    }
}

fn commands(seed: u64, count: u64) -> Vec<(i64, Command)> {
    let mut random = Random(seed);
    let opening = (1..=6).flat_map(|account| {
        [(0, Body::OpenAccount), (0, Body::VerifyAccount { account }), (account, Body::Deposit { amount: 60_000 })]
    });
    let mut bodies: Vec<(u64, Body)> = opening.collect();
    bodies.extend((0..4).map(|_| (0, open_market(&mut random))));
    let mut markets = 4;
    for nth in 0..count {
        let (account, body) = body(&mut random, nth * 2 / 5, markets);
        markets += u64::from(matches!(body, Body::OpenMarket(_)));
        bodies.push((account, body));
    }
    let stamped = bodies.into_iter().zip(0..).map(|((account, body), nth)| {
        let time_ms = START_MS + nth / 3;
        let key = Key::made(time_ms, random.below(1_000_000) | (nth as u64) << 20);
        (time_ms, Command { key, account, body })
    });
    stamped.collect()
}

fn play(commands: &[(i64, Command)]) -> (Exchange, Vec<Answer>, Vec<Event>) {
    let limits = Limits { ended_orders: 5, orders_per_account: 60, keys: 50, ..Limits::default() };
    let (mut exchange, mut events) = (Exchange::new(limits, true), Vec::new());
    let answer = |(time_ms, command): &(i64, Command)| {
        exchange.apply(*time_ms, command, &mut events).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    };
    let answers = commands.iter().map(answer).collect();
    (exchange, answers, events)
}

#[test]
fn every_invariant_holds_after_every_command_and_a_replay_ends_in_the_same_state() {
    for seed in 1..=12 {
        let commands = commands(seed, 1_500);
        let (first, answers, events) = play(&commands);
        let (second, again, events_again) = play(&commands);
        assert_eq!(first.state_hash(true), second.state_hash(true), "seed {seed}");
        assert_eq!((answers, events), (again, events_again), "seed {seed}");
    }
}

#[test]
fn the_walk_goes_everywhere_but_to_a_receivable_that_is_paid_back() {
    let all: Vec<Event> = (1..=12).flat_map(|seed| play(&commands(seed, 1_500)).2).collect();
    let kinds: std::collections::HashSet<_> = all.iter().map(std::mem::discriminant).collect();
    assert_eq!(kinds.len(), 17, "of 18 kinds of events; the tests in tests/core reach the last");
    let refusal = |event: &Event| if let Event::Refused { code, .. } = event { Some(*code) } else { None };
    for code in [Code::AccountBlocked, Code::InsufficientFunds, Code::RunnerVoided, Code::OrderComplete] {
        assert!(all.iter().filter_map(refusal).any(|refused| refused == code), "{code:?} never came");
    }
}

#[test]
fn a_state_that_violates_an_invariant_refuses_all_further_work() {
    let mut exchange = Exchange::new(Limits::default(), false);
    let command = Command { key: Key::made(START_MS, 1), account: 0, body: Body::OpenAccount };
    exchange.apply(START_MS, &command, &mut Vec::new()).expect("a first command");
    let back = exchange.apply(START_MS - 1, &command, &mut Vec::new()).expect_err("log time went back");
    assert_eq!(back.invariant, "log time");
    let after = exchange.apply(START_MS, &command, &mut Vec::new()).expect_err("it is unusable");
    assert_eq!(after.invariant, "usable state");
}

#[test]
fn rules_that_this_build_does_not_know_halt_it() {
    let mut exchange = Exchange::new(Limits::default(), false);
    exchange.require_rules(1).expect("known");
    assert_eq!(exchange.require_rules(2).expect_err("unknown").invariant, "known rules");
    let command = Command { key: Key::made(START_MS, 1), account: 0, body: Body::OpenAccount };
    exchange.apply(START_MS, &command, &mut Vec::new()).expect_err("it is unusable");
}
