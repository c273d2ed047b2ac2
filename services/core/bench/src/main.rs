//! What `python -m bench.core` drives: it makes the command stream, and plays it to the core and to the peers.
//!
//!     valletta-core-bench stream FILE [commands=N] [markets=N] [accounts=N] [resting=N] [seed=N]
//!     valletta-core-bench play ENGINE FILE
//!     valletta-core-bench latency FILE RATE
//!     valletta-core-bench settle BETS
//!     valletta-core-bench steady ROUNDS COMMANDS

mod engines;
mod generate;
mod latency;
mod life;
mod play;
mod random;
mod stream;
mod tally;

use std::path::Path;
use std::process::ExitCode;

use generate::Shape;
use serde_json::json;
use stream::Stream;

const USAGE: &str = "usage: valletta-core-bench stream FILE [commands=N] [markets=N] [accounts=N] [resting=N] [seed=N]
       valletta-core-bench play ENGINE FILE
       valletta-core-bench latency FILE RATE
       valletta-core-bench settle BETS
       valletta-core-bench steady ROUNDS COMMANDS";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["stream", file, ref shape @ ..] => {
            let stream = generate::generate(shape_of(shape)?);
            stream.write(Path::new(file)).map_err(|error| format!("{file}: {error}"))
        }
        ["play", engine, file] => {
            let stream = Stream::read(Path::new(file)).map_err(|error| error.to_string())?;
            play::serve(engine, &stream).map_err(|error| error.to_string())
        }
        ["latency", file, rate] => {
            let stream = Stream::read(Path::new(file)).map_err(|error| error.to_string())?;
            let (rate, commands) = (number(rate)?, stream.measured.len() as u64);
            println!(
                "{}",
                json!({
                    "valletta": latency::open_loop::<false>(&stream, rate),
                    "keys": latency::open_loop::<true>(&stream, rate),
                    "floor": latency::floor(commands, rate),
                })
            );
            Ok(())
        }
        ["settle", bets] => {
            println!("{}", life::settlement(number(bets)?));
            Ok(())
        }
        ["steady", rounds, commands] => {
            println!("{}", life::steady(number(rounds)? as u32, number(commands)? as u32));
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn number(text: &str) -> Result<u64, String> {
    let read = text.parse().ok().filter(|number| (1..=u64::from(u32::MAX)).contains(number));
    read.ok_or_else(|| format!("{text}: expected a number from 1 to {}", u32::MAX))
}

fn shape_of(given: &[&str]) -> Result<Shape, String> {
    let mut shape = Shape::default();
    for argument in given {
        let (name, value) = argument.split_once('=').ok_or_else(|| format!("{argument}: expected name=number"))?;
        let number: u32 = value.parse().map_err(|_| format!("{argument}: {value} is not a number"))?;
        match name {
            "commands" => shape.commands = number,
            "markets" => shape.markets = number.max(1),
            "accounts" => shape.accounts = number.max(2) & !1,
            "resting" => shape.resting = number,
            "seed" => shape.seed = number.into(),
            _ => return Err(format!("{argument}: no such number\n{USAGE}")),
        }
    }
    Ok(shape)
}
