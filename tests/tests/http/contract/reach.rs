//! Whom staff reach (C-18): every act on somebody, by every actor, on every role. A route that changes something and has
//! no row here fails: whoever adds one says whose things it changes.

use crate::{
    account::api_keys::text,
    client::{Answer, Api, PASSWORD, PATIENT, Person, new_name},
    contract::route_table::{Class, TABLE},
    social::follows::id,
};
use annals_tests::program::{Program, new_directory};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const ROLES: [&str; 6] = ["owner", "admin", "moderator", "professional", "data_provider", "normal"];

/// Acts of staff on a person, in an order in which each finds what it needs. `{award}` is an award of theirs.
const ON_PERSON: &[(&str, &str, &[u16])] = &[
    ("PUT", "/api/profiles/{id}", &[200]),
    ("PATCH", "/api/profiles/{id}", &[200]),
    ("DELETE", "/api/profiles/{id}", &[200]),
    ("POST", "/api/user-badges", &[201]),
    ("PUT", "/api/user-badges/{award}", &[200]),
    ("PATCH", "/api/user-badges/{award}", &[200]),
    ("DELETE", "/api/user-badges/{award}", &[200]),
    ("POST", "/api/user-badges/{award}/lift", &[200]),
    ("POST", "/api/admin/users/{id}/wallet/adjustments", &[200, 201]),
    ("PUT", "/api/admin/users/{id}", &[200]),
    ("PUT", "/api/users/{id}", &[200]),
    ("PATCH", "/api/users/{id}", &[200]),
    ("POST", "/api/admin/users/{id}/role", &[200]),
    ("POST", "/api/admin/users/{id}/end-sessions", &[200]),
    ("DELETE", "/api/admin/users/{id}/sessions", &[200]),
    // The account has a password.
    ("POST", "/api/admin/users/{id}/invite", &[409]),
    ("POST", "/api/admin/users/{id}/suspend", &[200]),
    ("POST", "/api/admin/users/{id}/reinstate", &[200]),
    // Nothing is to be taken back.
    ("POST", "/api/admin/users/{id}/cancel-deletion", &[200]),
    // An owner's account stays; the second time it is gone, or leaving.
    ("DELETE", "/api/users/{id}", &[202, 409]),
    ("DELETE", "/api/admin/users/{id}", &[202, 404, 409]),
];

/// Things of the installation, and new accounts.
const ON_NOBODY: &[(&str, &str)] = &[
    ("PATCH", "/api/admin/schedules/{name}"),
    ("POST", "/api/admin/schedules/{name}/run"),
    ("POST", "/api/admin/service-keys"),
    ("DELETE", "/api/admin/service-keys/{id}"),
    ("POST", "/api/admin/service-keys/{id}/take-over"),
    ("POST", "/api/badges"),
    ("PUT", "/api/badges/{id}"),
    ("PATCH", "/api/badges/{id}"),
    ("DELETE", "/api/badges/{id}"),
    ("POST", "/api/badges/preview"),
    ("POST", "/api/users"),
];

/// The caller's own things alone, whatever their role.
const OWN: &[&str] = &[
    "/api/accounts/logout",
    "/api/accounts/profile",
    "/api/auth/",
    "/api/blocks",
    "/api/events",
    "/api/follows",
    "/api/me",
    "/api/mutes",
    "/api/notifications",
    "/api/sessions",
    "/api/settings",
    "/api/skills",
    "/api/users/profile",
];

#[test]
fn every_act_says_whose_things_it_changes() {
    let acts = TABLE.iter().filter(|(method, _, class, _)| *method != "GET" && *class != Class::Open);
    let mut on_person: BTreeSet<(&str, String)> =
        ON_PERSON.iter().map(|(method, path, _)| (*method, path.replace("{award}", "{id}"))).collect();
    let mut on_nobody: BTreeSet<(&str, &str)> = ON_NOBODY.iter().copied().collect();
    for (method, path, ..) in acts {
        let found = on_person.remove(&(*method, (*path).to_owned()))
            || on_nobody.remove(&(*method, *path))
            || (*method, *path) == ("POST", "/api/profiles")
            || OWN.iter().any(|own| path.starts_with(own));
        assert!(found, "whose things does {method} {path} change?");
    }
    assert!(on_person.is_empty() && on_nobody.is_empty(), "no routes: {on_person:?} {on_nobody:?}");
}

/// One actor, one person, and what is needed to act on them.
struct Case<'a> {
    api: &'a Api,
    actor: &'a Person,
    person: Person,
    role: &'a str,
    award: String,
    /// A badge that the person does not have.
    badge: String,
}

impl Case<'_> {
    fn body(&self, path: &str) -> Value {
        match path.rsplit('/').next().unwrap() {
            "user-badges" => json!({ "user": self.person.id, "badge": self.badge }),
            "adjustments" => json!({ "account": "points", "amount": "5", "reason": "goodwill" }),
            "role" => json!({ "role": self.role }),
            "suspend" => json!({ "reason": "spam" }),
            "{award}" => json!({ "notes": format!("by {}", self.actor.username), "reason": "copied" }),
            "{id}" if path.starts_with("/api/profiles/") => json!({ "bio": "changed" }),
            _ => json!({}),
        }
    }

    async fn act(&self, method: &str, path: &str) -> Answer {
        let mut body = self.body(path);
        let keep = if method == "DELETE" { "reason" } else { "notes" };
        if path.ends_with("{award}") {
            body.as_object_mut().unwrap().retain(|name, _| name == keep);
        }
        let at = path.replace("{id}", &self.person.id).replace("{award}", &self.award);
        if method == "DELETE" && !path.ends_with("{award}") {
            return self.api.act(method, &at, self.actor).await;
        }
        self.api.send(method, &at, &self.actor.access, body).await
    }
}

async fn case<'a>(api: &'a Api, giver: &Person, actor: &'a Person, role: &'a str) -> Case<'a> {
    let person = api.verified(role).await;
    let had = text(&api.badge(giver, json!({})).await["slug"]);
    let award = id(&api.give(&giver.access, &person, &had).await.is(201));
    let badge = text(&api.badge(giver, json!({})).await["slug"]);
    Case { api, actor, person, role, award, badge }
}

#[tokio::test]
async fn owners_reach_everybody_and_admins_who_is_no_staff() {
    let api = Api::shared().await;
    let (giver, owner, admin) =
        (api.verified("owner").await, api.verified("owner").await, api.verified("admin").await);
    for (actor, is_owner) in [(&owner, true), (&admin, false)] {
        for role in ROLES {
            let case = case(&api, &giver, actor, role).await;
            let reached = is_owner || !["owner", "admin"].contains(&role);
            for (method, path, statuses) in ON_PERSON {
                let reply = case.act(method, path).await;
                let what = format!("{} {method} {path} of {role}: {reply:?}", actor.username);
                match reached {
                    true => assert!(statuses.contains(&reply.status), "{what}"),
                    false => assert_eq!(reply.refusal(), (403, "owner-only".to_owned()), "{what}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_no_staff_reaches_nobody() {
    let api = Api::shared().await;
    let giver = api.verified("owner").await;
    for actor in ["moderator", "professional", "data_provider", "normal"] {
        let actor = api.verified(actor).await;
        for role in ["normal", "admin"] {
            let case = case(&api, &giver, &actor, role).await;
            for (method, path, _) in ON_PERSON {
                let reply = case.act(method, path).await;
                assert!([403, 404].contains(&reply.status), "{method} {path} of {role}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_is_not_verified_lists_and_searches_nobody_and_reads_what_is_their_own() {
    let api = Api::shared().await;
    let (stranger, jane) = (api.unverified().await, api.verified("normal").await);
    let (others, own) = (format!("?user={}", jane.id), format!("?user={}", stranger.id));
    for path in [
        "/api/profiles".to_owned(),
        format!("/api/profiles?search={}", jane.username),
        format!("/api/users?search={}", jane.username),
        "/api/badges/leaderboard".to_owned(),
        format!("/api/follows{others}"),
        format!("/api/user-badges{others}"),
    ] {
        let reply = api.get(&path, &stranger.access).await;
        assert_eq!(reply.refusal(), (403, "contact-unverified".to_owned()), "{path}");
        api.get(&path, &jane.access).await.ok();
    }
    for path in ["/api/users/profile", "/api/follows", "/api/user-badges", "/api/me"] {
        api.get(path, &stranger.access).await.ok();
    }
    for path in [format!("/api/follows{own}"), format!("/api/profiles/{}", stranger.id)] {
        api.get(&path, &stranger.access).await.ok();
    }
    let code = api.code(&stranger.email, 1).await;
    api.post("/api/auth/verify", json!({ "username": stranger.username, "code": code })).await.ok();
    for path in [format!("/api/follows{others}"), "/api/profiles".to_owned()] {
        assert_eq!(api.get(&path, &stranger.access).await.status, 200, "whatever the token says: {path}");
    }
}

/// What it appoints would outlive the owner's reset.
#[tokio::test]
async fn access_token_alone_makes_nobody_staff() {
    let settings = [("ANNALS_FRESH_LOGIN", "0"), PATIENT];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let (owner, admin) = (api.verified("owner").await, api.verified("admin").await);
    let (person, other) = (api.verified("normal").await, api.verified("normal").await);
    let invited = |role: &str| {
        let (username, email) = new_name();
        json!({ "username": username, "email": email, "role": role })
    };
    let mut awaited = invited("admin");
    awaited["current_password"] = json!(PASSWORD);
    let awaited = api.send("POST", "/api/users", &owner.access, awaited).await.is(201);
    let awaited = format!("/api/users/{}", text(&awaited["id"]));
    let asking = [
        ("POST", format!("/api/admin/users/{}/role", person.id), json!({ "role": "owner" })),
        ("PUT", format!("/api/admin/users/{}", other.id), json!({ "role": "admin" })),
        ("PATCH", format!("/api/users/{}", admin.id), json!({ "role": "owner" })),
        ("POST", "/api/users".to_owned(), invited("admin")),
        ("PATCH", awaited, json!({ "email": new_name().1 })),
    ];
    for (method, path, body) in asking {
        let send = |proof: Option<&str>| {
            let mut body = body.clone();
            if let Some(proof) = proof {
                body["current_password"] = json!(proof);
            }
            api.send(method, &path, &owner.access, body)
        };
        assert_eq!(send(None).await.refusal(), (403, "password-needed".to_owned()), "{method} {path}");
        let wrong = send(Some("not it at all")).await;
        assert_eq!(wrong.refusal(), (403, "password-wrong".to_owned()), "{method} {path}");
        let done = send(Some(PASSWORD)).await;
        assert!(done.status < 300, "{method} {path}: {done:?}");
    }

    let moderator = json!({ "role": "moderator" });
    let path = format!("/api/admin/users/{}/role", other.id);
    api.send("POST", &path, &owner.access, moderator).await.ok();
    api.send("POST", "/api/users", &owner.access, invited("professional")).await.is(201);
    api.into_program().stop().await;
}
