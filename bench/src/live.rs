//! Event streams that nobody sends anything on.

use crate::{
    people,
    report::{Floor, Report},
};
use annals_tests::program::Program;
use reqwest::{Client, Response};

const STREAMS: usize = 5_000;
/// As many as one person may have.
const EACH: usize = 32;

pub async fn run(report: &mut Report) {
    annals::limits::raise_open_files();
    let program = Program::start().await;
    let accounts = people::accounts(&program, STREAMS.div_ceil(EACH)).await;
    let (client, url) = (Client::new(), program.url("/api/events/stream"));
    let before = program.resident_mebibytes();
    let mut streams: Vec<Response> = Vec::new();
    for n in 0..STREAMS {
        let mut stream =
            client.get(&url).bearer_auth(&accounts[n / EACH].token).send().await.expect("a connection");
        assert!(stream.status().is_success(), "{}", stream.status());
        stream.chunk().await.expect("the first block");
        streams.push(stream);
    }
    let taken = program.resident_mebibytes() - before;
    report.row("5,000 idle event streams", taken, "MiB", Floor::AtMost(64.0), "");
    drop(streams);
    program.stop().await;
}
