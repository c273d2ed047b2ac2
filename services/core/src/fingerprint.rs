//! A 64-bit fingerprint of a command's payload, the same on every machine: tells a repeat from a reuse of its key.
//!
//! It guards a client against its own mistakes, within its own keys, so it needs to mix well but not to resist an
//! attacker. Multiply-and-fold (the core of wyhash): two words in, one 128-bit product, its halves xored.

use crate::command::{Body, Grant, Outturn, Place, Replace, Return, Slice, Terms};

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const PRIME: u64 = 0xd6e8_feb8_6659_fd93;

/// The fingerprint of a body. The first word is the number of its message in the contract.
#[inline]
pub fn fingerprint(body: &Body) -> u64 {
    let mut mixer = Mixer(SEED);
    match body {
        Body::PlaceOrder(place) => mixer.place(place),
        Body::CancelOrder { market, order, reduction } => mixer.words(&[17, *market, *order, *reduction as u64]),
        Body::ReplaceOrder(Replace { market, order, price, market_version }) => {
            mixer.words(&[22, *market, *order, (*price).into(), *market_version]);
        }
        other => mixer.rare(other),
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

    #[inline]
    fn place(&mut self, place: &Place) {
        let &Place { market, runner, side, price, size, .. } = place;
        self.words(&[16, market, runner, side as u64, price.into(), size as u64]);
        let &Place { order_type, persistence, time_in_force, min_fill, strategy, market_version, .. } = place;
        let kinds = [order_type as u64, persistence as u64, time_in_force as u64, u64::from(strategy)];
        if kinds != [0; 4] || min_fill != 0 || market_version != 0 {
            self.words(&kinds);
            self.words(&[min_fill as u64, market_version]);
        }
    }

    fn rare(&mut self, body: &Body) {
        match body {
            Body::PlaceOrder(_) | Body::CancelOrder { .. } | Body::ReplaceOrder(_) => {
                unreachable!("mixed before")
            }
            Body::OpenAccount { currency } => self.words(&[10, (*currency).into()]),
            Body::VerifyAccount { account } => self.words(&[11, *account]),
            Body::Deposit { amount } => self.words(&[12, *amount as u64]),
            Body::Withdraw { amount } => self.words(&[13, *amount as u64]),
            Body::OpenMarket(terms) => self.terms(terms),
            Body::SetSuspension { market, runner, suspended } => {
                self.words(&[15, *market, *runner, (*suspended).into()]);
            }
            Body::VoidRunner { market, runner } => self.words(&[18, *market, *runner]),
            Body::SettleMarket { market, result } => self.outturn(19, *market, result),
            Body::VoidMarket { market, reason } => self.words_and_text(&[20, *market], reason),
            Body::ActivateRules { version } => self.words(&[21, (*version).into()]),
            Body::UpdateOrder { market, order, persistence } => {
                self.words(&[23, *market, *order, *persistence as u64]);
            }
            Body::CancelAll { market, strategy, account } => self.words(&[24, *market, (*strategy).into(), *account]),
            Body::Heartbeat { timeout_ms } => self.words(&[25, (*timeout_ms).into()]),
            Body::TurnInPlay { market } => self.words(&[26, *market]),
            Body::RemoveRunner { market, runner, factor_bp } => {
                self.words(&[27, *market, *runner, (*factor_bp).into()]);
            }
            Body::VoidBet { market, trade, reason } => self.words_and_text(&[28, *market, *trade], reason),
            Body::ResettleMarket { market, result } => self.outturn(29, *market, result),
            Body::Tick => self.words(&[30]),
            about_players => self.about_players(about_players),
        }
    }

    fn about_players(&mut self, body: &Body) {
        match body {
            Body::SetDiscount { account, discount_bp } => self.words(&[31, *account, (*discount_bp).into()]),
            Body::SetLimit { account, kind, window, amount } => {
                self.words(&[32, *account, *kind as u64, *window as u64, *amount as u64]);
            }
            Body::TakeTimeOut { account, duration_ms } => self.words(&[33, *account, *duration_ms as u64]),
            Body::SelfExclude { account, duration_ms } => self.words(&[34, *account, *duration_ms as u64]),
            Body::LiftExclusion => self.words(&[35]),
            Body::RequestWithdrawal { amount } => self.words(&[36, *amount as u64]),
            Body::EndWithdrawal { withdrawal, paid } => self.words(&[37, *withdrawal, (*paid).into()]),
            Body::GrantPermit(Grant { account, shard, money, loss, stake }) => {
                self.words(&[38, *account, (*shard).into(), *money as u64, *loss as u64, *stake as u64]);
            }
            Body::AcceptPermit(Slice { home, account, id, currency, money, loss, stake }) => {
                self.words(&[39, (*home).into(), *account, *id, (*currency).into()]);
                self.words(&[*money as u64, *loss as u64, *stake as u64]);
            }
            Body::TightenPermit { home, account } => self.words(&[40, (*home).into(), *account]),
            Body::ConfirmTightening { account, shard, exposed, staked } => {
                self.words(&[41, *account, (*shard).into(), *exposed as u64, *staked as u64]);
            }
            Body::ReturnPermit { home, account, amount } => {
                self.words(&[42, (*home).into(), *account, *amount as u64]);
            }
            Body::AcceptReturn(Return { account, shard, id, money, result, staked, closed }) => {
                self.words(&[43, *account, (*shard).into(), *id, *money as u64]);
                self.words(&[*result as u64, *staked as u64, (*closed).into()]);
            }
            _ => unreachable!("mixed before"),
        }
    }

    fn words_and_text(&mut self, words: &[u64], text: &str) {
        self.words(words);
        self.text(text);
    }

    fn outturn(&mut self, number: u64, market: u64, outturn: &Outturn) {
        let Outturn { winners, dead_heat, line_result, source } = outturn;
        self.words(&[number, market, winners.len() as u64, dead_heat.len() as u64]);
        self.words(winners);
        self.words(dead_heat);
        self.words(&[line_result.map_or(u64::MAX, u64::from)]);
        self.text(source);
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
        let rest = &terms.rest;
        let switches = [rest.inactive, rest.starting_price, rest.cross_matching, rest.passive_delay];
        switches.iter().chain(&[rest.variable_winners]).for_each(|switch| self.words(&[(*switch).into()]));
        self.words(&[rest.ladder as u64, rest.positions.into(), rest.line_minimum as u64, rest.line_interval as u64]);
        self.words(&[
            rest.self_match as u64,
            rest.in_play_delay_ms.into(),
            rest.reduction as u64,
            rest.currency.into(),
        ]);
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
