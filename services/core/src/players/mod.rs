//! What an account does besides betting, and what is decided about it: money in and out, protection, permits.

mod permits;
mod protection;
mod wallet;
