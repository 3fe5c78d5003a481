//! The comparisons that the README quotes: ours and the others side by side, in one run, as ratios.
//!
//! `make bench` prints the table and writes `bench/results/`. Each part is a process with servers of its own, so that
//! none pays for what another has left behind. Open loops are paced and bounded; every part ends by
//! itself. Floors are those of the project; a missed one is printed as such, never tuned away.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run has failed")]

mod badges;
mod bare;
mod bus;
mod commands;
mod http;
mod ledgers;
mod live;
mod people;
mod raw;
mod report;
mod stock;
mod workers;

use annals_tests::Lab;
use mimalloc::MiMalloc;
use report::{Report, Results};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const PARTS: [&str; 8] = ["commands", "ledgers", "latency", "bus", "http", "live", "people", "badges"];
/// The argument that makes this process one part of a run.
const PART: &str = "part";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [bare::NAME, url] => bare::serve(url).await,
        [PART, name] => part(name).await,
        [] => Results::of(&PARTS).await.keep(),
        _ => {
            let wanted: Vec<&str> = PARTS.into_iter().filter(|name| words.contains(name)).collect();
            assert!(wanted.len() == words.len(), "parts are {}", PARTS.join(", "));
            drop(Results::of(&wanted).await);
        }
    }
}

async fn part(name: &str) {
    let mut report = Report::start(Lab::get().await);
    let report = &mut report;
    match name {
        "commands" => {
            commands::throughput(report).await;
            commands::contention(report).await;
        }
        "ledgers" => ledgers::run(report).await,
        "latency" => commands::one_client(report).await,
        "bus" => bus::commit_to_client(report).await,
        "http" => http::run(report).await,
        "live" => live::run(report).await,
        "people" => people::run(report).await,
        "badges" => badges::run(report).await,
        _ => unreachable!("a part of PARTS"),
    }
}
