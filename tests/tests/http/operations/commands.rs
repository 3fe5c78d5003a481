//! The subcommands, beside a running program and without one.

use crate::client::{Api, PASSWORD, new_name};
use annals_tests::program::{Program, new_directory};
use serde_json::json;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;

async fn run(program: &Program, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    program.command(arguments).envs(settings.iter().copied()).output().await.unwrap()
}

/// What a command that must fail says: one line.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[tokio::test]
async fn config_masks_secrets_and_names_the_source() {
    let api = Api::shared().await;
    let key = "k".repeat(40);
    let settings =
        [("JWT_SECRET_KEY", key.as_str()), ("EMAIL_HOST_PASSWORD", "sesame-mail"), ("PORT", "8123")];

    let output = run(&api, &["config"], &settings).await;

    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(!shown.contains(&key) && !shown.contains("sesame-mail"), "{shown}");
    let line = |env: &str| shown.lines().find(|line| line.contains(env)).unwrap().to_owned();
    assert!(line("JWT_SECRET_KEY").contains("****") && line("JWT_SECRET_KEY").contains("environment"));
    assert!(line(" PORT ").contains("8123"));
    assert!(
        line("JWT_ACCESS_TOKEN_LIFETIME").contains("900")
            && line("JWT_ACCESS_TOKEN_LIFETIME").contains("default")
    );
}

#[tokio::test]
async fn invalid_setting_stops_with_one_line_that_names_it() {
    let api = Api::shared().await;
    for (arguments, settings, named) in [
        (vec!["serve"], vec![("ANNALS_POOL_SIZE", "many")], "ANNALS_POOL_SIZE"),
        (vec!["serve"], vec![("JWT_ALGORITHM", "none")], "JWT_ALGORITHM"),
        (vec!["serve"], vec![("JWT_SECRET_KEY", "short-secret")], "JWT_SECRET_KEY"),
        (vec!["serve"], vec![("DATABASE_URL", "postgres://a:sesame@127.0.0.1:1/x")], "NATS_URL"),
        (vec!["serve", "--set", "http.lisen=x"], vec![], "http.lisen"),
        (vec!["serve"], vec![("ANNALS_LISEN", "x")], "ANNALS_LISEN"),
        (vec!["status"], vec![("PORT", "70000")], "PORT"),
        (vec!["config"], vec![("EMAIL_BACKEND", "pigeon")], "EMAIL_BACKEND"),
    ] {
        let mut arguments = arguments;
        if arguments[0] == "serve" {
            arguments.extend(["--data-dir", "/nonexistent/annals"]);
        }
        let said = complaint(&run(&api, &arguments, &settings).await);
        assert!(said.contains(named), "{named}: {said}");
        assert!(!said.contains("sesame") && !said.contains("short-secret"), "a secret: {said}");
    }
}

#[tokio::test]
async fn status_tells_where_everything_is() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;

    let status = api.status().await;

    assert_eq!(status["http"], api.url(""));
    assert_eq!(status["pid"], api.pid());
    assert!(status["postgres"].as_str().unwrap().starts_with("postgres://"));
    assert!(status["nats"].as_str().unwrap().starts_with("nats://readonly:"));
    for name in projections::NAMES.iter().map(|name| name.as_str()) {
        assert!(status["projections"][name].as_i64().unwrap() > 0, "{status}");
    }
    let changed = api.send("PATCH", "/api/users/profile", &person.access, json!({ "bio": "x" })).await;
    assert!(api.status().await["head"].as_i64().unwrap() >= changed.position());
    let text = run(&api, &["status"], &[]).await;
    assert!(String::from_utf8_lossy(&text.stdout).contains(&api.url("")));
}

#[tokio::test]
async fn status_without_a_program_says_so() {
    let program = Program::spawn(new_directory(), Vec::new(), &["workers"]);
    let nowhere = new_directory().display().to_string();

    let said = complaint(&run(&program, &["status", "--data-dir", &nowhere], &[]).await);

    assert!(said.contains("nothing runs on") && said.contains(&nowhere), "{said}");
    program.stop().await;
}

#[tokio::test]
async fn every_read_model_is_rebuilt_and_compared_while_it_is_used() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for name in projections::NAMES.iter().map(|name| name.as_str()) {
        for (arguments, says) in [
            (vec!["rebuild", name], "was rebuilt and swapped in"),
            (vec!["rebuild", name, "--check"], "equals a rebuild"),
        ] {
            let output = run(&api, &arguments, &[]).await;
            let (said, wrong) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && said.contains(says), "{name}: {said}{wrong}");
        }
    }

    let changed = api.send("PATCH", "/api/users/profile", &person.access, json!({ "city": "Porto" })).await;
    assert_eq!(changed.ok()["city"], "Porto");
    assert_eq!(changed.header("annals-fresh"), None);
    assert_eq!(api.get("/api/me", &person.access).await.ok()["username"], person.username);
}

#[tokio::test]
async fn unknown_read_model_is_refused() {
    let api = Api::shared().await;

    assert!(complaint(&run(&api, &["rebuild", "accountz"], &[]).await).contains("accountz"));
}

#[tokio::test]
async fn user_create_refuses_what_the_domain_refuses() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    api.create_user(&username, &email, "normal", PASSWORD).await;
    let (other, fresh) = new_name();
    for (username, email, role, password, named) in [
        (username.as_str(), fresh.as_str(), "normal", PASSWORD, "username"),
        (&other, &email, "normal", PASSWORD, "email"),
        (&other, &fresh, "king", PASSWORD, "king"),
        (&other, &fresh, "normal", "short", "password"),
        (&other, &fresh, "normal", "", "password"),
        ("a b", &fresh, "normal", PASSWORD, "a b"),
        (&other, "nobody", "normal", PASSWORD, "nobody"),
    ] {
        let mut command = api.command(&["user", "create", "--password-stdin", "--username", username]);
        command.args(["--email", email, "--role", role]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who refuses early does not read it.
        let _ = child.stdin.take().unwrap().write_all(password.as_bytes()).await;
        let said = complaint(&child.wait_with_output().await.unwrap());
        assert!(said.contains(named), "{named}: {said}");
    }
}
