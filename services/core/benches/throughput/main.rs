//! Throughput and latency of the core, driven natively in one thread. `python -m bench.core` runs it and reports.
//!
//! Arguments: `commands=3000000 runs=5 seed=1`. Prints one JSON object.

mod workload;

use std::hint::black_box;
use std::time::Instant;

use cpu_time::ThreadTime;
use valletta_core::command::Command;
use valletta_core::event::Event;
use valletta_core::exchange::Exchange;
use valletta_core::limits::Limits;

use workload::{record, Recording, Shape};

/// Whether keys are remembered and looked up, as the log's commands are.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    With,
    Without,
}

fn main() {
    let (commands, runs, seed) = (argument("commands", 3_000_000), argument("runs", 5), argument("seed", 1));
    let narrow = record(Shape { traded: 1, runners: 2, winners: 1 }, commands, seed);
    let (with_keys, with_keys_cpu) = median_seconds(&narrow, Keys::With, runs);
    let (without_keys, without_keys_cpu) = median_seconds(&narrow, Keys::Without, runs);
    let latency = latencies_ns(&narrow);
    let ours = narrow.stream.len();
    let (trades, mean_resting) = (narrow.trades, narrow.mean_resting);
    drop(narrow);
    let wide = record(Shape { traded: 30, runners: 30, winners: 3 }, commands, seed);
    let (wide_seconds, wide_cpu) = median_seconds(&wide, Keys::With, runs);
    println!(
        "{{\"workload_commands\": {commands}, \"core_commands\": {ours}, \"runs\": {runs}, \"seed\": {seed}, \
         \"trades\": {trades}, \"mean_resting\": {mean_resting}, \"seconds_with_keys\": {with_keys}, \
         \"seconds_without_keys\": {without_keys}, \"cpu_with_keys\": {with_keys_cpu}, \
         \"cpu_without_keys\": {without_keys_cpu}, \"p50_ns\": {}, \"p99_ns\": {}, \"p9999_ns\": {}, \
         \"wide_core_commands\": {}, \"wide_seconds_with_keys\": {wide_seconds}, \
         \"wide_cpu_with_keys\": {wide_cpu}}}",
        percentile(&latency, 5_000),
        percentile(&latency, 9_900),
        percentile(&latency, 9_999),
        wide.stream.len(),
    );
}

fn argument(name: &str, default: u64) -> u64 {
    let prefix = format!("{name}=");
    let given = std::env::args().find_map(|argument| argument.strip_prefix(&prefix).map(str::to_owned));
    given.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

fn prepared(recording: &Recording) -> (Exchange, Vec<Event>) {
    let mut exchange = Exchange::new(Limits::default(), false);
    let mut events = Vec::with_capacity(1_024);
    for (time_ms, command) in &recording.setup {
        events.clear();
        exchange.apply(*time_ms, command, &mut events).expect("no invariant is violated");
    }
    (exchange, events)
}

/// Medians of the seconds on the clock and of those that this thread had a processor.
fn median_seconds(recording: &Recording, keys: Keys, runs: u64) -> (f64, f64) {
    let (clock, cpu): (Vec<f64>, Vec<f64>) = (0..runs).map(|_| seconds(recording, keys)).unzip();
    let median = |mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    };
    (median(clock), median(cpu))
}

fn seconds(recording: &Recording, keys: Keys) -> (f64, f64) {
    let (mut exchange, mut events) = prepared(recording);
    let (start, start_cpu) = (Instant::now(), ThreadTime::now());
    match keys {
        Keys::With => drive_with_keys(&mut exchange, &recording.stream, &mut events),
        Keys::Without => drive(&mut exchange, &recording.stream, &mut events),
    }
    let seconds = (start.elapsed().as_secs_f64(), start_cpu.elapsed().as_secs_f64());
    if keys == Keys::With {
        assert_eq!(exchange.state_hash(true), recording.state_hash, "a replay ends in the same state");
    }
    exchange.check_invariants().expect("every invariant holds at the end");
    seconds
}

#[inline(never)]
fn drive_with_keys(exchange: &mut Exchange, stream: &[(i64, Command)], events: &mut Vec<Event>) {
    for (time_ms, command) in stream {
        events.clear();
        black_box(exchange.apply(*time_ms, command, events).expect("no invariant is violated"));
        black_box(&events);
    }
}

#[inline(never)]
fn drive(exchange: &mut Exchange, stream: &[(i64, Command)], events: &mut Vec<Event>) {
    for (time_ms, command) in stream {
        events.clear();
        let outcome = exchange.execute(*time_ms, command.account, &command.body, events);
        black_box(outcome.expect("no invariant is violated"));
        black_box(&events);
    }
}

/// Closed loop: one command of ours after the other, each timed; the clock's own cost is inside.
fn latencies_ns(recording: &Recording) -> Vec<u64> {
    let (mut exchange, mut events) = prepared(recording);
    let mut latencies = Vec::with_capacity(recording.stream.len());
    for (time_ms, command) in &recording.stream {
        events.clear();
        let start = Instant::now();
        black_box(exchange.apply(*time_ms, command, &mut events).expect("no invariant is violated"));
        latencies.push(start.elapsed().as_nanos() as u64);
    }
    latencies.sort_unstable();
    latencies
}

fn percentile(sorted: &[u64], hundredths: usize) -> u64 {
    sorted[(sorted.len() - 1) * hundredths / 10_000]
}
