//! Orders: placed, matched by price and then time, held, cancelled, replaced, and taken to the starting price.

mod accepting;
mod cancelling;
mod checks;
mod crossing;
mod desk;
mod executing;
mod express;
mod fill_or_kill;
mod holding;
mod placing;
mod replacing;
mod resting;
mod starting_price;

pub(crate) use holding::Concerned;
