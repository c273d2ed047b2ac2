//! Any bytes, read as a sequence of commands of every kind.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valletta_core_fuzz::sequence(data));
