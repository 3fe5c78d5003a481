//! It starts, stops and starts again: with Ctrl-C, after `kill -9`, and never twice on the same data.

use crate::client::{Api, PASSWORD};
use annals_tests::program::{Program, new_directory};
use serde_json::json;
use std::{fs, path::Path, sync::Arc, time::Duration};

/// The process ids of PostgreSQL and NATS.
fn servers(data_dir: &Path) -> Vec<u32> {
    ["run/postgres.pid", "run/nats.pid"]
        .iter()
        .map(|file| {
            let text = fs::read_to_string(data_dir.join(file)).expect("a pid file");
            text.split_whitespace().next().unwrap().parse().expect("a process id")
        })
        .collect()
}

/// Not a zombie, either.
fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

async fn remembers(program: Program) -> Program {
    let api = Api::of(Arc::new(program));
    let person = api.log_in("jane", "jane@example.com").await;
    assert_eq!(api.get("/api/me", &person.access).await.ok()["username"], "jane");
    api.into_program()
}

#[tokio::test]
async fn interrupt_ends_everything_and_the_next_start_finds_its_data() {
    let mut program = Program::start().await;
    program.create_user("jane", "jane@example.com", "normal", PASSWORD).await;
    let pids = servers(&program.data_dir);
    assert!(pids.iter().all(|pid| lives(*pid)), "{pids:?}");

    let status = program.interrupt().await;

    assert_eq!(status.code(), Some(0), "{}", program.log());
    assert!(!pids.iter().any(|pid| lives(*pid)), "{pids:?}");
    assert!(!program.data_dir.join("run/instance.json").exists());
    let program = remembers(program.restart().await).await;
    program.stop().await;
}

#[tokio::test]
async fn kill_loses_nothing_and_leaves_no_second_server() {
    let mut program = Program::start().await;
    program.create_user("jane", "jane@example.com", "normal", PASSWORD).await;
    let before = servers(&program.data_dir);

    for _ in 0..3 {
        program.kill().await;
        program = remembers(program.restart().await).await;
    }

    let after = servers(&program.data_dir);
    assert!(after.iter().all(|pid| lives(*pid)));
    assert!(before.iter().all(|pid| after.contains(pid) || !lives(*pid)), "{before:?} {after:?}");
    let mut program = program;
    assert!(program.interrupt().await.success());
    assert!(!after.iter().any(|pid| lives(*pid)), "{after:?}");
}

#[tokio::test]
async fn interrupt_during_the_start_ends_it_too() {
    let mut program = Program::spawn(new_directory(), Vec::new(), &[]);
    // It listens to signals before it takes the directory, and then has servers to start.
    for _ in 0..3_000 {
        if program.data_dir.join("run/lock").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let status = program.interrupt().await;

    assert_eq!(status.code(), Some(0), "{}", program.log());
    for file in ["run/postgres.pid", "run/nats.pid"] {
        let text = fs::read_to_string(program.data_dir.join(file)).unwrap_or_default();
        let pid = text.split_whitespace().next().and_then(|pid| pid.parse().ok());
        assert!(!pid.is_some_and(lives), "{file}");
    }
}

#[tokio::test]
async fn second_program_on_the_same_data_ends_with_one_line() {
    let api = Api::shared().await;

    let output = api.command(&["serve"]).output().await.unwrap();

    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with('{')).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains(&api.pid().to_string()) && lines[0].contains("data directory"), "{said}");
    assert_eq!(api.post("/api/auth/jwt/verify", json!({ "token": "x" })).await.ok()["valid"], false);
}

#[tokio::test]
async fn two_programs_that_start_at_once_become_one() {
    let data_dir = new_directory();
    let mut first = Program::spawn(data_dir.clone(), Vec::new(), &[]);
    // Whoever has the lock is the one, long before it answers.
    let (pid, lock) = (first.pid().to_string(), data_dir.join("run/lock"));
    let locked = async {
        while fs::read_to_string(&lock).unwrap_or_default() != pid {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), locked).await.expect("the first has its lock");
    let second = first.command(&["serve"]).output().await.unwrap();

    assert!(!second.status.success());
    first.wait_until_ready().await;
    first.stop().await;
}
