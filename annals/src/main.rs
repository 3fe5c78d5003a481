//! `annals`: see `annals --help`.

use clap::Parser;
use std::process::ExitCode;

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
