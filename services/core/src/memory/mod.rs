//! Where state lies: slots that are used again, lists threaded through them, an index by id, things to come by time.

pub mod chain;
pub mod directory;
pub mod ring;
pub mod slab;
pub mod timers;
