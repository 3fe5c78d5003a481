//! The README's walk, executed from its text, so that it cannot rot.

use crate::client::Api;
use annals_tests::program::{Program, binary};
use serde_json::Value;
use std::{path::Path, process::Output};
use tokio::process::Command;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap()
}

/// The shell blocks of a section, one after the other.
fn shell_of(section: &str, text: &str) -> String {
    let start = text.find(&format!("\n## {section}\n")).expect("the section is there") + 1;
    let end = text[start..].find("\n## ").map_or(text.len(), |end| start + end);
    let mut blocks = text[start..end].split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.by_ref().collect()
}

/// Runs a script as a user of this program would, who has it on the usual port and in the usual folder.
async fn run(script: &str, program: &Program) -> Output {
    let data_dir = program.data_dir.display().to_string();
    let address = program.url("").replace("http://", "");
    for used in ["127.0.0.1:8000", ".annals", "./target/debug/annals"] {
        assert!(script.contains(used), "the walk names {used}");
    }
    let script = script
        .replace("./target/debug/annals", &binary().display().to_string())
        .replace("127.0.0.1:8000", &address)
        .replace(".annals/", &format!("{data_dir}/"));
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", &script]).env("ANNALS_DATA_DIR", &data_dir).kill_on_drop(true);
    bash.output().await.unwrap()
}

fn json_lines(printed: &str) -> Vec<Value> {
    printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[tokio::test]
async fn walk_of_the_readme_prints_what_it_promises() {
    let api = Api::alone().await;

    let output = run(&shell_of("A walk with curl", &readme()), &api).await;

    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{printed}\n{errors}");
    let replies = json_lines(&printed);
    let [registered, verified, profile, changed, audit, event] = &replies[..] else {
        panic!("six JSON texts: {printed}\n{errors}")
    };
    assert_eq!(
        (&registered["username"], &registered["status"]),
        (&"jane".into(), &"pending_verification".into())
    );
    assert_eq!((&verified["user_id"], &verified["status"]), (&registered["user_id"], &"active".into()));
    assert_eq!((&profile["username"], &profile["full_name"]), (&"jane".into(), &Value::Null));
    assert_eq!((&changed["full_name"], &changed["city"]), (&"Jane Doe".into(), &"Lisbon".into()));
    let position: i64 = header(&printed, "annals-position: ").parse().unwrap();
    let entry = audit["results"].as_array().unwrap().iter().find(|entry| entry["position"] == position);
    let entry = entry.unwrap_or_else(|| panic!("{position} in {audit}"));
    assert_eq!(entry["actor"], format!("user:{}", registered["user_id"].as_str().unwrap()));
    assert_eq!(
        (&entry["action"], &entry["new_values"]["city"]),
        (&"profile_updated".into(), &"Lisbon".into())
    );
    assert_eq!(
        (&event["event_type"], &event["aggregate_id"]),
        (&"profile_updated".into(), &registered["user_id"])
    );
    assert!(event["position"].as_i64().unwrap() > position);
    assert_eq!(header(&printed, "ce-type: "), "annals.profile.profile_updated.v1");
    assert_eq!(header(&printed, "ce-id: "), event["event_id"].as_str().unwrap());
    assert!(!event.to_string().contains("Porto"), "sealed: {event}");
    api.into_program().stop().await;
}

fn header<'a>(printed: &'a str, name: &str) -> &'a str {
    printed
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_else(|| panic!("{name}in {printed}"))
        .trim()
}

#[test]
fn readme_opens_with_the_two_commands() {
    let text = readme();
    let commands: Vec<&str> =
        text.split("```sh\n").skip(1).take(2).map(|rest| rest.split("```").next().unwrap().trim()).collect();

    assert_eq!(commands, ["make run", "make test"]);
    assert!(text.find("```sh").unwrap() < 20, "they open the text");
}

#[test]
fn every_link_of_the_readme_leads_somewhere() {
    let text = readme();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let missing: Vec<&str> = text
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap())
        .filter(|target| !root.join(target).exists())
        .collect();

    assert!(missing.is_empty(), "{missing:?}");
}
