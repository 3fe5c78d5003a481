//! The comparisons that the README quotes: ours and the others side by side, in one run, as ratios.
//!
//! `make bench` prints the table and writes `bench/results/`. Open loops are paced and bounded; every part ends by
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
use report::Report;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let [name, url] = &only[..]
        && name == bare::NAME
    {
        return bare::serve(url).await;
    }
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    let mut report = Report::start(Lab::get().await);
    if wanted("commands") {
        commands::throughput(&mut report).await;
        commands::contention(&mut report).await;
    }
    if wanted("ledgers") {
        ledgers::run(&mut report).await;
    }
    if wanted("latency") {
        commands::one_client(&mut report).await;
    }
    if wanted("bus") {
        bus::commit_to_client(&mut report).await;
    }
    if wanted("http") {
        http::run(&mut report).await;
    }
    if wanted("live") {
        live::run(&mut report).await;
    }
    if wanted("people") {
        people::run(&mut report).await;
    }
    if wanted("badges") {
        badges::run(&mut report).await;
    }
    report.finish();
}
