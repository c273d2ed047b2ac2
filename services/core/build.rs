//! Generates the protobuf types from the repository's contract, in pure Rust: no protoc is needed.

use std::path::Path;

const CONTRACT: &str = "valletta/exchange/v1/exchange.proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new("../../proto");
    println!("cargo:rerun-if-changed={}", root.join(CONTRACT).display());
    let descriptors = protox::compile([CONTRACT], [root])?;
    prost_build::Config::new().compile_fds(descriptors)?;
    Ok(())
}
