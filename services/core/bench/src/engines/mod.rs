//! The engines that are compared: each plays the same stream in its own way.

pub mod bare;
pub mod lobster;
pub mod orderbook_rs;
pub mod valletta;

use crate::stream::{Record, Stream};
use crate::tally::{Fills, Resting};

/// An engine.
pub trait Engine {
    /// A stream's records as this engine takes them in: made before the clock starts.
    type Prepared;

    /// Translates records.
    fn prepare(stream: &Stream, records: &[Record]) -> Self::Prepared;

    /// With empty books, rich accounts and room for the whole stream.
    fn fresh(stream: &Stream) -> Self;

    /// Carries commands out.
    fn play(&mut self, prepared: &Self::Prepared);

    /// The fills so far.
    fn fills(&self) -> Fills;

    /// What rests: within a price in the order of time.
    fn resting(&self) -> Vec<Resting>;
}
