//! Counts say what lists show, to every viewer and whoever is away at the time (SOC-02, SOC-06, BDG-01, BDG-19).

use crate::{
    badges::definitions::new_badge_name,
    client::{Api, PASSWORD, Person},
    social::follows::id,
};
use chrono::TimeDelta;
use commands::{Clock, SystemClock};
use serde_json::{Value, json};
use std::time::Duration;

/// Jane, two who follow each other and her, and everybody who looks.
struct Circle {
    api: Api,
    jane: Person,
    john: Person,
    joan: Person,
    viewers: Vec<(&'static str, Person)>,
    admin: Person,
    badge: String,
    word: String,
}

impl Circle {
    async fn new() -> Self {
        let api = Api::shared().await;
        let (owner, admin) = (api.verified("owner").await, api.verified("admin").await);
        let [jane, john, joan, stranger, blocker] = api.people().await;
        for (follower, followed) in [(&john, &jane), (&joan, &jane), (&jane, &john), (&jane, &joan)] {
            api.follow(follower, &followed.id).await.is(201);
        }
        api.block(&blocker, &john.id).await.is(201);
        let badge = api.badge(&owner, json!({ "name": new_badge_name(), "points": 20 })).await;
        let word = format!("word{}", jane.username);
        for person in [&jane, &john, &joan] {
            api.give(&owner.access, person, &id(&badge)).await.is(201);
            api.set(person, json!({ "bio": format!("{word} at dusk") })).await;
        }
        let seen = [("joan", &joan), ("stranger", &stranger), ("blocker", &blocker), ("staff", &admin)];
        let viewers = seen.map(|(name, person)| (name, person.clone())).to_vec();
        Self { api, jane, john, joan, viewers, admin, badge: id(&badge), word }
    }

    async fn read(&self, path: &str, viewer: &Person) -> Value {
        self.api.get(path, &viewer.access).await.ok()
    }

    /// The count of a list, which is how many there are in it.
    async fn counted(&self, path: &str, viewer: &Person) -> Value {
        let list = self.read(path, viewer).await;
        assert_eq!(list["count"], list["results"].as_array().unwrap().len(), "{path}: {list}");
        list["count"].clone()
    }

    /// What is shown of Jane's circle while John is there, or away.
    async fn assert_shown(&self, state: &str, john_is_there: bool) {
        for (name, viewer) in &self.viewers {
            let meets = john_is_there && *name != "blocker";
            let profile = self.read(&format!("/api/profiles/{}", self.jane.id), viewer).await;
            for direction in ["followers", "following"] {
                let path = format!("/api/follows?user={}&direction={direction}", self.jane.id);
                let count = self.counted(&path, viewer).await;
                assert_eq!(count, 1 + i64::from(meets), "{direction} for the {name}, John {state}");
                let shown = ["follower_count", "following_count"][usize::from(direction == "following")];
                assert_eq!(profile[shown], count, "{shown} for the {name}, John {state}");
            }
            let expected = 2 + i64::from(meets || *name == "staff");
            for path in ["profiles", "users"] {
                let path = format!("/api/{path}?search={}", self.word);
                let found = self.read(&path, viewer).await;
                assert_eq!(found["count"], expected, "{path} by the {name}, John {state}");
                assert_eq!(found["results"].as_array().unwrap().len() as i64, expected);
            }
            let badge = self.read(&format!("/api/badges/{}", self.badge), viewer).await;
            assert_eq!(badge["earned_count"], 2 + i64::from(john_is_there), "for the {name}, John {state}");
        }
        let own = self.read("/api/users/profile", &self.jane).await;
        assert_eq!(own["follower_count"], 1 + i64::from(john_is_there), "Jane herself, John {state}");
    }

    async fn staff(&self, act: &str, body: Value) {
        let path = format!("/api/admin/users/{}/{act}", self.john.id);
        self.api.send("POST", &path, &self.admin.access, body).await.ok();
    }
}

#[tokio::test]
async fn counts_agree_with_lists_whoever_is_away_and_whoever_looks() {
    let circle = Circle::new().await;
    circle.assert_shown("as ever", true).await;

    circle.staff("suspend", json!({ "reason": "spam" })).await;
    circle.assert_shown("suspended", false).await;
    circle.staff("reinstate", json!({})).await;
    circle.assert_shown("reinstated", true).await;

    let john = circle.api.log_in(&circle.john.username, &circle.john.email).await;
    circle.api.send("DELETE", "/api/me", &john.access, json!({ "current_password": PASSWORD })).await.is(202);
    circle.assert_shown("leaving", false).await;
    let body = json!({ "username": john.username, "password": PASSWORD, "cancel_deletion": true });
    circle.api.post("/api/auth/login", body).await.ok();
    circle.assert_shown("staying", true).await;
}

#[tokio::test]
async fn suspension_that_ends_by_itself_counts_again() {
    let circle = Circle::new().await;
    let until = SystemClock.now() + TimeDelta::seconds(6);
    circle.staff("suspend", json!({ "reason": "spam", "until": until })).await;
    circle.assert_shown("suspended for a while", false).await;

    while SystemClock.now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    circle.assert_shown("free again", true).await;
}

#[tokio::test]
async fn follow_that_begins_or_ends_while_somebody_is_away_counts_when_they_are_back() {
    let circle = Circle::new().await;
    circle.staff("suspend", json!({ "reason": "spam" })).await;
    let follows = circle.api.get("/api/follows?direction=following", &circle.joan.access).await.ok();
    let one = id(&follows["results"][0]);
    circle.api.act("DELETE", &format!("/api/follows/{one}"), &circle.joan).await.ok();
    let [new] = circle.api.people().await;
    circle.api.follow(&new, &circle.jane.id).await.is(201);

    circle.staff("reinstate", json!({})).await;

    let path = format!("/api/follows?user={}&direction=followers", circle.jane.id);
    assert_eq!(circle.counted(&path, &circle.joan).await, 2, "John and the new one");
    let own = circle.read("/api/users/profile", &circle.jane).await;
    assert_eq!((&own["follower_count"], &own["following_count"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn analytics_count_whom_they_list() {
    let circle = Circle::new().await;
    let recent = async || {
        let all = circle.read("/api/badges/analytics", &circle.admin).await;
        let is_johns = |award: &&Value| award.to_string().contains(&circle.john.id);
        (
            all["recent_awards"].as_array().unwrap().iter().filter(is_johns).count(),
            all["popular_badges"].clone(),
        )
    };
    circle.staff("suspend", json!({ "reason": "spam" })).await;

    let (johns, popular) = recent().await;

    assert_eq!(johns, 0, "an award of somebody who is away");
    let count = |badge: &&Value| badge["id"] == circle.badge.as_str();
    if let Some(badge) = popular.as_array().unwrap().iter().find(count) {
        assert_eq!(badge["earned_count"], 2);
    }
}
