//! The corpus, and bytes at random: the short run that needs no fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use valletta_core::event::Event;
use valletta_core::exchange::Exchange;
use valletta_core_fuzz::{commands, decode, play, sequence, small};

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a file that can be read")).collect()
}

/// splitmix64.
fn random(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (z >> 27) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

#[test]
fn no_bytes_of_the_corpus_break_the_decoder_or_what_it_reads() {
    let all = corpus("decode");
    assert!(!all.is_empty());
    for data in &all {
        decode(data);
        for cut in 0..data.len() {
            decode(&data[..cut]);
            let mut changed = data.clone();
            changed[cut] = changed[cut].wrapping_mul(31).wrapping_add(7);
            decode(&changed);
        }
    }
}

#[test]
fn no_sequence_of_the_corpus_breaks_an_invariant_or_is_replayed_otherwise() {
    let all = corpus("sequence");
    assert!(!all.is_empty());
    all.iter().for_each(|data| sequence(data));
}

#[test]
fn no_random_sequence_breaks_an_invariant_or_is_replayed_otherwise() {
    (0..60).for_each(|seed| sequence(&random(seed, 6_000)));
}

#[test]
fn the_random_sequences_bring_nearly_every_kind_of_event_about() {
    let mut kinds = BTreeSet::new();
    for seed in 0..200 {
        let (_, told) = play(Exchange::new(small(), false), &commands(&random(seed, 6_000)));
        kinds.extend(told.iter().flat_map(|(_, events)| events).map(name));
    }
    assert!(kinds.len() >= 42, "{} of 48 kinds: {kinds:?}", kinds.len());
}
