//! Valletta's deterministic exchange state machine.
//!
//! A command at a log time goes in, an [`outcome::Answer`] and [`event::Event`]s come out: [`exchange::Exchange::apply`].
//! No clock, no I/O, no floats, and no order of a hash map in anything that leaves it, so the same log gives the same
//! answers, events and [state hash](exchange::Exchange::state_hash) on any machine.
//!
//! Inside are plain values; protobuf is spoken at the border only ([`codec`]), Python beyond it.

#![cfg_attr(not(feature = "python"), forbid(unsafe_code))]

pub mod accounts;
pub mod book;
pub mod codec;
pub mod command;
mod ending;
pub mod event;
pub mod events;
pub mod exchange;
pub mod exposure;
pub mod fingerprint;
pub mod hash;
pub mod invariants;
pub mod key;
pub mod keys;
pub mod ladder;
pub mod limits;
pub mod markets;
pub mod memory;
pub mod money;
mod operator;
pub mod orders;
pub mod outcome;
mod players;
#[cfg(feature = "python")]
mod python;
pub mod snapshot;
mod state;
mod trading;
