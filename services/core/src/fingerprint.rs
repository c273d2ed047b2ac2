//! A 64-bit fingerprint of a command's payload, the same on every machine: tells a repeat from a reuse of its key.
//!
//! It guards a client against its own mistakes, within its own keys, so it needs to mix well but not to resist an
//! attacker. Multiply-and-fold (the core of wyhash): two words in, one 128-bit product, its halves xored.

use crate::command::{Body, Terms};

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const PRIME: u64 = 0xd6e8_feb8_6659_fd93;

/// The fingerprint of a body.
pub fn fingerprint(body: &Body) -> u64 {
    let mut mixer = Mixer(SEED);
    match body {
        Body::PlaceOrder(place) => {
            mixer.words(&[16, place.market, place.runner, place.side as u64, place.price.into(), place.size as u64]);
        }
        Body::CancelOrder { market, order, reduction } => mixer.words(&[17, *market, *order, *reduction as u64]),
        Body::OpenAccount => mixer.words(&[10]),
        Body::VerifyAccount { account } => mixer.words(&[11, *account]),
        Body::Deposit { amount } => mixer.words(&[12, *amount as u64]),
        Body::Withdraw { amount } => mixer.words(&[13, *amount as u64]),
        Body::OpenMarket(terms) => mixer.terms(terms),
        Body::SetSuspension { market, suspended } => mixer.words(&[15, *market, (*suspended).into()]),
        Body::VoidRunner { market, runner } => mixer.words(&[18, *market, *runner]),
        Body::SettleMarket { market, winners, source } => {
            mixer.words(&[19, *market, winners.len() as u64]);
            mixer.words(winners);
            mixer.text(source);
        }
        Body::VoidMarket { market, reason } => {
            mixer.words(&[20, *market]);
            mixer.text(reason);
        }
        Body::ActivateRules { version } => mixer.words(&[21, (*version).into()]),
    }
    mixer.0
}

struct Mixer(u64);

impl Mixer {
    #[inline]
    fn words(&mut self, words: &[u64]) {
        for word in words {
            let product = u128::from(self.0 ^ word) * u128::from(PRIME);
            self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(SEED);
        }
    }

    fn text(&mut self, text: &str) {
        self.words(&[text.len() as u64]);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.words(&[u64::from_le_bytes(word)]);
        }
    }

    fn terms(&mut self, terms: &Terms) {
        self.words(&[14]);
        for text in [&terms.name, &terms.event, &terms.event_type] {
            self.text(text);
        }
        self.words(&[terms.start_time_ms as u64, terms.runners.len() as u64]);
        for runner in &terms.runners {
            self.words(&[runner.id]);
            self.text(&runner.name);
        }
        self.words(&[terms.winners.into(), terms.commission_bp.into(), terms.minimum_stake as u64]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn neighbouring_payloads_have_different_fingerprints() {
        let amounts = (0..1_000).map(|amount| Body::Deposit { amount });
        let withdrawals = (0..1_000).map(|amount| Body::Withdraw { amount });
        let seen: HashSet<u64> = amounts.chain(withdrawals).map(|body| fingerprint(&body)).collect();
        assert_eq!(seen.len(), 2_000);
    }

    #[test]
    fn it_never_changes_for_it_is_part_of_the_state_hash() {
        assert_eq!(fingerprint(&Body::Deposit { amount: 10_000 }), 6_862_153_410_465_677_910);
    }
}
