//! What halts an exchange keeps it halted. Random commands of every kind are the fuzz targets' matter.

use valletta_core::command::{Body, Command};
use valletta_core::events::Events;
use valletta_core::exchange::{Exchange, NEWEST_RULES};
use valletta_core::key::Key;
use valletta_core::limits::Limits;

const START_MS: i64 = 1_800_000_000_000;

#[test]
fn a_state_that_violates_an_invariant_refuses_all_further_work() {
    let mut exchange = Exchange::new(Limits::default(), false);
    let command = Command { key: Key::made(START_MS, 1), account: 0, body: Body::OpenAccount { currency: 0 } };
    exchange.apply(START_MS, &command, &mut Events::default()).expect("a first command");
    let back = exchange.apply(START_MS - 1, &command, &mut Events::default()).expect_err("log time went back");
    assert_eq!(back.invariant, "log time");
    let after = exchange.apply(START_MS, &command, &mut Events::default()).expect_err("it is unusable");
    assert_eq!(after.invariant, "usable state");
}

#[test]
fn rules_that_this_build_does_not_know_halt_it() {
    let mut exchange = Exchange::new(Limits::default(), false);
    exchange.require_rules(NEWEST_RULES).expect("known");
    assert_eq!(exchange.require_rules(NEWEST_RULES + 1).expect_err("unknown").invariant, "known rules");
    let command = Command { key: Key::made(START_MS, 1), account: 0, body: Body::OpenAccount { currency: 0 } };
    exchange.apply(START_MS, &command, &mut Events::default()).expect_err("it is unusable");
}
