//! How bets end: runners removed, bets voided, markets settled, voided and settled again.
//!
//! Accounts are taken in the order of their ids and orders in the order of theirs.

mod removal;
mod resettlement;
mod settlement;
mod verdict;
mod voiding;
