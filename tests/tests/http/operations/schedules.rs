//! Staff see and change what is done at certain times, over HTTP and at the command line (ADM-05, C-35).

use crate::{
    account::accounts::spellings,
    client::{Api, Person},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NAME: &str = "update-user-counters";
const PATH: &str = "/api/admin/schedules/update-user-counters";

impl Api {
    /// Waits until the schedule is as it should be.
    async fn schedule(&self, staff: &Person, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let reply = self.get(PATH, &staff.access).await;
            if reply.status == 200 && holds(&reply.json()) {
                return reply.json();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "in vain: {} {}", reply.status, reply.json());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the audit log says that this person did to schedules, newest first: act and change.
    async fn acts(&self, staff: &Person) -> Vec<(Value, Value)> {
        let path = format!("/api/admin/audit?actor={}&action=operator_acted", staff.id);
        let begun = Instant::now();
        loop {
            let listed = self.get(&path, &staff.access).await.ok();
            let rows = listed["results"].as_array().unwrap();
            if !rows.is_empty() || begun.elapsed() > Duration::from_secs(60) {
                let act =
                    |row: &Value| (row["new_values"]["act"].clone(), row["new_values"]["change"].clone());
                return rows.iter().map(act).collect();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn staff_list_schedules_by_the_seeds_path_too_and_others_do_not() {
    let api = Api::shared().await;
    let (staff, person) = (api.verified("admin").await, api.verified("normal").await);
    api.schedule(&staff, |_| true).await;
    let mut paths = spellings("/api/admin/schedules");
    paths.extend(["/admin/django_celery_beat".into(), "/admin/django_celery_beat/".into()]);

    for path in paths {
        let listed = api.get(&path, &staff.access).await.ok();
        let names: Vec<&Value> =
            listed["results"].as_array().unwrap().iter().map(|schedule| &schedule["name"]).collect();
        assert!(names.contains(&&json!(NAME)), "{path}: {names:?}");
        assert_eq!(api.get(&path, &person.access).await.status, 403, "{path}");
    }
    let none = api.get("/api/admin/schedules/no-such", &staff.access).await;
    assert_eq!(none.refusal(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn staff_change_and_run_a_schedule_and_the_audit_log_says_so() {
    let api = Api::alone().await;
    let staff = api.verified("admin").await;
    let before = api.schedule(&staff, |_| true).await;
    assert_eq!((&before["task"], &before["enabled"]), (&json!("update_user_counters"), &json!(true)));

    for (body, error) in [
        (json!({ "cron": "every day" }), ("/cron", "cron-invalid")),
        (json!({ "cron": "0 0 31 2 *" }), ("/cron", "cron-invalid")),
        (json!({ "cron": "* * * * * *" }), ("/cron", "cron-invalid")),
        (json!({ "cron": "*/90 * * * *" }), ("/cron", "cron-invalid")),
        (json!({ "cron": "0/99 * * * *" }), ("/cron", "cron-invalid")),
        (json!({ "cron": "0 22-6 * * *" }), ("/cron", "cron-invalid")),
        (json!({ "enabled": "no" }), ("/enabled", "wrong-type")),
        (json!({ "task": "x" }), ("/task", "unknown-field")),
    ] {
        let (pointer, code) = api.send("PATCH", PATH, &staff.access, body.clone()).await.field_error();
        assert_eq!((pointer.as_str(), code.as_str()), error, "{body}");
    }
    let edit = json!({ "cron": " 0  4 31 12 * ", "enabled": true });
    let changed = api.send("PATCH", PATH, &staff.access, edit).await.ok();
    assert_eq!(changed["cron"], "0 4 31 12 *");
    assert!(changed["next_run"].as_str().unwrap().contains("-12-31T04:00:00"), "{changed}");

    let run = api.send("POST", &format!("{PATH}/run"), &staff.access, json!({})).await.is(202);
    assert!(run["job"].is_string() && run["schedule"]["last_run"].is_string(), "{run}");
    api.schedule(&staff, |schedule| schedule["last_outcome"] == "equal").await;

    api.send("PATCH", PATH, &staff.access, json!({ "enabled": false })).await.ok();
    let off = api.schedule(&staff, |schedule| schedule["enabled"] == false).await;
    assert_eq!(off["next_run"], Value::Null);
    let begun = Instant::now();
    while api.acts(&staff).await.len() < 3 && begun.elapsed() < Duration::from_secs(60) {}
    assert_eq!(
        api.acts(&staff).await,
        [
            (json!("change_schedule"), json!({ "enabled": "false" })),
            (json!("run_schedule"), json!({})),
            (json!("change_schedule"), json!({ "cron": "0 4 31 12 *" })),
        ]
    );
    api.into_program().stop().await;
}

#[tokio::test]
async fn operators_change_schedules_at_the_command_line() {
    let api = Api::alone().await;
    let staff = api.verified("admin").await;
    api.schedule(&staff, |_| true).await;
    let program = api.into_program();
    let schedules = async |arguments: &[&str]| {
        let arguments = [&["schedules"], arguments].concat();
        let output = program.command(&arguments).output().await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };

    let (listed, text) = schedules(&["list"]).await;
    assert!(listed && text.contains(NAME) && text.contains("*/30 * * * *"), "{text}");
    let (changed, text) = schedules(&["set", NAME, "15 3 * * *"]).await;
    assert!(changed && text.contains("15 3 * * *"), "{text}");
    let (disabled, text) = schedules(&["disable", NAME]).await;
    assert!(disabled && text.contains("false"), "{text}");
    let (enabled, text) = schedules(&["enable", NAME]).await;
    assert!(enabled && text.contains("03:15Z"), "{text}");
    assert!(schedules(&["run", NAME]).await.0);
    for refused in [&["set", NAME, "never"][..], &["set", NAME, "*/90 * * * *"], &["run", "no-such"]] {
        let (done, text) = schedules(refused).await;
        assert!(!done && text.lines().count() == 1, "{text}");
    }
    program.stop().await;
}
