//! Orders: placed, matched by price and then time, held, cancelled, replaced, and taken to the starting price.

mod accepting;
mod cancelling;
mod checks;
mod crossing;
mod executing;
mod fill_or_kill;
mod holding;
mod placing;
mod resting;
mod starting_price;

pub(crate) use holding::Concerned;
