//! Open-loop latency: commands are due at a steady rate whether the core is ready or not, and each is timed from when it
//! was due, so that a pause counts for every command that it kept waiting.

use std::time::Instant;

use hdrhistogram::Histogram;
use serde_json::{json, Value};

use crate::engines::valletta::Valletta;
use crate::engines::Engine;
use crate::stream::Stream;

/// Plays a stream at so many commands a second. Percentiles are in nanoseconds.
pub fn open_loop<const KEYS: bool>(stream: &Stream, rate: u64) -> Value {
    let mut core = Valletta::<KEYS>::fresh(stream);
    core.play(&Valletta::<KEYS>::prepare(stream, &stream.setup));
    let commands = Valletta::<KEYS>::prepare(stream, &stream.measured);
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 10_000_000_000, 3).expect("bounds that HDR takes");
    let start = Instant::now();
    for (nth, (time_ms, command)) in (0u64..).zip(&commands) {
        let due_ns = nth * 1_000_000_000 / rate;
        while (start.elapsed().as_nanos() as u64) < due_ns {
            std::hint::spin_loop();
        }
        core.apply(*time_ms, command);
        histogram.saturating_record((start.elapsed().as_nanos() as u64).saturating_sub(due_ns));
    }
    let at = |quantile: f64| histogram.value_at_quantile(quantile);
    json!({
        "commands": commands.len(),
        "rate": rate,
        "p50_ns": at(0.5),
        "p99_ns": at(0.99),
        "p9999_ns": at(0.9999),
        "max_ns": histogram.max(),
    })
}

/// The same loop with nothing to do: what the clock and the machine's pauses alone come to.
pub fn floor(commands: u64, rate: u64) -> Value {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 10_000_000_000, 3).expect("bounds that HDR takes");
    let start = Instant::now();
    for nth in 0..commands {
        let due_ns = nth * 1_000_000_000 / rate;
        while (start.elapsed().as_nanos() as u64) < due_ns {
            std::hint::spin_loop();
        }
        histogram.saturating_record((start.elapsed().as_nanos() as u64).saturating_sub(due_ns));
    }
    let at = |quantile: f64| histogram.value_at_quantile(quantile);
    json!({ "p50_ns": at(0.5), "p99_ns": at(0.99), "p9999_ns": at(0.9999), "max_ns": histogram.max() })
}
