//! `annals`: see `annals --help`.

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A command allocates many small things on one thread and frees them on another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match annals::cli::run(annals::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: what failed, and why.
            eprintln!("annals: {error:#}");
            ExitCode::FAILURE
        }
    }
}
