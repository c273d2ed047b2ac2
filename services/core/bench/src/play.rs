//! An engine in a process of its own, run as often as it is asked to: how engines are measured in turn.
//!
//! Says `ready` once the stream is read; then, for each line `run` that it is sent, plays the stream from the start and
//! says one JSON object.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use serde_json::{json, Value};

use crate::engines::bare::Bare;
use crate::engines::lobster::Lobster;
use crate::engines::orderbook_rs::OrderbookRs;
use crate::engines::valletta::Valletta;
use crate::engines::Engine;
use crate::stream::Stream;
use crate::tally::{levels_hash, orders_hash};

/// The engines by name.
pub const ENGINES: [&str; 6] = ["valletta", "valletta-keys", "bare", "bare-holds", "lobster", "orderbook-rs"];

/// Serves an engine until the input ends.
///
/// # Errors
/// There is no such engine, or the input or the output breaks.
pub fn serve(engine: &str, stream: &Stream) -> io::Result<()> {
    match engine {
        "valletta" => serve_one::<Valletta<false>>(stream),
        "valletta-keys" => serve_one::<Valletta<true>>(stream),
        "bare" => serve_one::<Bare<false>>(stream),
        "bare-holds" => serve_one::<Bare<true>>(stream),
        "lobster" => serve_one::<Lobster>(stream),
        "orderbook-rs" => serve_one::<OrderbookRs>(stream),
        other => {
            let known = ENGINES.join(", ");
            Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no engine is named {other}; there are {known}")))
        }
    }
}

fn serve_one<E: Engine>(stream: &Stream) -> io::Result<()> {
    let (setup, measured) = (E::prepare(stream, &stream.setup), E::prepare(stream, &stream.measured));
    say(&Value::String("ready".into()))?;
    for line in io::stdin().lock().lines() {
        match line?.as_str() {
            "run" => say(&run::<E>(stream, &setup, &measured))?,
            other => return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("expected run, got {other:?}"))),
        }
    }
    Ok(())
}

fn run<E: Engine>(stream: &Stream, setup: &E::Prepared, measured: &E::Prepared) -> Value {
    let mut engine = E::fresh(stream);
    engine.play(setup);
    let start = Instant::now();
    engine.play(measured);
    let seconds = start.elapsed().as_secs_f64();
    let (fills, resting) = (engine.fills(), engine.resting());
    let tells_orders = resting.iter().all(|order| order.order != 0);
    json!({
        "seconds": seconds,
        "commands": stream.measured.len(),
        "trades": fills.trades,
        "volume": fills.volume,
        "notional": fills.notional,
        "levels": format!("{:016x}", levels_hash(&resting)),
        "orders": tells_orders.then(|| format!("{:016x}", orders_hash(&resting))),
    })
}

fn say(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}
