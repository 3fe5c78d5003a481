//! The OpenAPI document against the program, by schemathesis: examples, the edges of every schema, random requests and
//! sequences of them, with all checks. What does not do as it is documented fails.
//!
//! `ANNALS_PROOF_SECONDS` makes it longer: so many seconds for each caller.

use crate::client::Api;
use annals_tests::python;
use std::{env, path::Path, process::Stdio};
use tokio::process::Command;

const PACKAGE: &str = "schemathesis==4.32.5";
const RUN: &str = "from schemathesis.cli import schemathesis; schemathesis()";
/// Acts after which the caller's token is of no more use; they are tried on their own.
const LAST_ACTS: [&str; 5] =
    ["logout", "delete_own_account", "end_other_sessions", "end_session", "change_password"];
/// Never ends.
const STREAM: &str = "follow_events";
/// Requests of one kind in make test.
const EXAMPLES: &str = "4";

async fn check(api: &Api, token: &str, choice: &[&str]) {
    let packages = tokio::task::spawn_blocking(|| python::packages(PACKAGE)).await.unwrap();
    let mut command = Command::new("python3");
    command
        .args(["-c", RUN, "--config-file"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/contract.toml"))
        .args(["run", &api.url("/api/openapi.json"), "--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure"])
        .args(["--workers", "1", "--no-color", "--warnings", "off"])
        .args(choice)
        .env("PYTHONPATH", packages)
        .current_dir(&api.data_dir)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match env::var_os("ANNALS_PROOF_SECONDS") {
        Some(seconds) => command.arg("--max-time").arg(seconds),
        None => command.args(["--max-examples", EXAMPLES, "--seed", "1"]),
    };
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("passed"), "nothing was tried: {said}");
}

fn but(operations: &[&'static str]) -> Vec<&'static str> {
    operations.iter().flat_map(|operation| ["--exclude-operation-id", *operation]).collect()
}

async fn lasting_acts(role: &str) {
    let api = Api::alone().await;
    let person = api.verified(role).await;

    check(&api, &person.access, &but(&[&LAST_ACTS[..], &[STREAM]].concat())).await;

    api.into_program().stop().await;
}

#[tokio::test]
async fn user_gets_what_is_documented() {
    lasting_acts("normal").await;
}

#[tokio::test]
async fn staff_gets_what_is_documented() {
    lasting_acts("owner").await;
}

#[tokio::test]
async fn what_ends_a_session_does_what_is_documented() {
    let api = Api::alone().await;
    let person = api.verified("normal").await;
    let choice: Vec<&str> =
        LAST_ACTS.iter().flat_map(|operation| ["--include-operation-id", *operation]).collect();

    check(&api, &person.access, &choice).await;

    api.into_program().stop().await;
}
