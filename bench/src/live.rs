//! Event streams that nobody sends anything on.

use crate::{
    people,
    report::{Floor, Report},
};
use annals_tests::program::{Program, new_directory};
use reqwest::{Client, Response};
use std::time::Duration;

const STREAMS: usize = 5_000;
/// As many as one person may have.
const EACH: usize = 32;
/// After which threads that have nothing to do have ended; tokio lets them rest for 10 s.
const REST: Duration = Duration::from_secs(12);

pub async fn run(report: &mut Report) {
    annals::limits::raise_open_files();
    // All of them come from one address.
    let settings = [("ANNALS_CONNECTIONS_PER_NETWORK", "off")];
    let program = Program::start_in(new_directory(), &settings).await;
    let accounts = people::accounts(&program, STREAMS.div_ceil(EACH) + 1).await;
    let (client, url) = (Client::new(), program.url("/api/events/stream"));
    // The accounts' passwords took 19 MiB each to hash. A thread that rests keeps the last of them, and while streams
    // are opened it may be given back or used by them: what they take could not be told.
    tokio::time::sleep(REST).await;
    let mut streams: Vec<Response> = Vec::new();
    let mut before = 0.0;
    for n in 0..STREAMS + EACH {
        if n == EACH {
            tokio::time::sleep(REST).await;
            before = program.resident_mebibytes();
        }
        let mut stream =
            client.get(&url).bearer_auth(&accounts[n / EACH].token).send().await.expect("a connection");
        assert!(stream.status().is_success(), "{}", stream.status());
        stream.chunk().await.expect("the first block");
        streams.push(stream);
    }
    let taken = program.resident_mebibytes() - before;
    let note = format!("{before:.0} MiB before");
    report.row("5,000 idle event streams", taken, "MiB", Floor::AtMost(64.0), &note);
    drop(streams);
    program.stop().await;
}
