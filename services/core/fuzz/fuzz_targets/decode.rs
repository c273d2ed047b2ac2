//! Any bytes, read as a command.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valletta_core_fuzz::decode(data));
