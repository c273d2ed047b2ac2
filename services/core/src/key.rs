//! A command's key: a UUIDv7 (RFC 9562), 16 bytes whose first 48 bits are milliseconds since the Unix epoch.

use serde::{Deserialize, Serialize};

use crate::outcome::{Code, Refusal};

/// A UUIDv7, chosen by the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key(u128);

impl Key {
    /// Reads 16 bytes.
    ///
    /// # Errors
    /// `KEY_INVALID`: not 16 bytes (given the length, bound 16), not version 7 (given the version, bound 7), or not of
    /// RFC 9562's variant (given the variant bits, bound 2).
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let sixteen: [u8; 16] = bytes.try_into().map_err(|_| Refusal::new(Code::KeyInvalid, bytes.len() as i64, 16))?;
        let (version, variant) = (sixteen[6] >> 4, sixteen[8] >> 6);
        if version != 7 {
            return Err(Refusal::new(Code::KeyInvalid, i64::from(version), 7));
        }
        if variant != 2 {
            return Err(Refusal::new(Code::KeyInvalid, i64::from(variant), 2));
        }
        Ok(Self(u128::from_be_bytes(sixteen)))
    }

    /// A key of a given time and 62 bits that tell it from others: for programs that make their own, like the bench.
    pub fn made(time_ms: i64, unique: u64) -> Self {
        let time = (time_ms as u128) << 80;
        Self(time | 7 << 76 | 2 << 62 | u128::from(unique & (u64::MAX >> 2)))
    }

    /// The milliseconds since the Unix epoch that it carries.
    pub fn time_ms(self) -> i64 {
        (self.0 >> 80) as i64
    }

    /// The 16 bytes, as a number.
    pub fn value(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_parses_and_keeps_its_time() {
        let key = Key::made(1_700_000_000_123, u64::MAX);
        assert_eq!(Key::parse(&key.value().to_be_bytes()), Ok(key));
        assert_eq!(key.time_ms(), 1_700_000_000_123);
    }

    #[test]
    fn a_key_of_another_length_version_or_variant_is_named() {
        let mut bytes = Key::made(5, 9).value().to_be_bytes();
        assert_eq!(Key::parse(&bytes[..15]), Err(Refusal::new(Code::KeyInvalid, 15, 16)));
        bytes[8] = 0xc0;
        assert_eq!(Key::parse(&bytes), Err(Refusal::new(Code::KeyInvalid, 3, 2)));
        bytes[6] = 0x40;
        assert_eq!(Key::parse(&bytes), Err(Refusal::new(Code::KeyInvalid, 4, 7)));
    }
}
