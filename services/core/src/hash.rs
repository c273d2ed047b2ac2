//! The canonical walk: the whole state as a sequence of numbers and byte strings, in one fixed order, into SHA-256.
//!
//! Numbers are little-endian `i64`; strings and lists are preceded by their length, so no two states share a walk.

use sha2::{Digest, Sha256};

/// Takes in a walk.
#[derive(Default)]
pub struct Walk(Sha256);

impl Walk {
    /// Takes in one number.
    pub fn number(&mut self, number: i64) {
        self.0.update(number.to_le_bytes());
    }

    /// Takes in numbers whose count is fixed by their place in the walk.
    pub fn numbers(&mut self, numbers: &[i64]) {
        for number in numbers {
            self.number(*number);
        }
    }

    /// Takes in a number that does not fit an `i64`.
    pub fn wide(&mut self, number: i128) {
        self.0.update(number.to_le_bytes());
    }

    /// Takes in a byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as i64);
        self.0.update(bytes);
    }

    /// The hash of the walk.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
