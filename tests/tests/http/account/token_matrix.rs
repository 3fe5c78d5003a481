//! Every token and code that exists × every change that ends it: the table of `docs/tokens.md`, cell by cell
//! (AUTH-05, AUTH-06, AUTH-07, SESS-06, KEY-01).

use crate::{
    account::api_keys::text,
    account::cookies::Page,
    account::session_activity::aged,
    client::{Answer, Api, PASSWORD, Person, answer, new_name},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const NEW: &str = "the tide comes in twice";

const CHANGES: [&str; 13] = [
    "password changed",
    "password reset",
    "address changed",
    "change of address stopped",
    "all other sessions ended",
    "sessions ended by staff",
    "that session ended by its person",
    "logged out",
    "suspended",
    "another role",
    "deletion asked for",
    "erased",
    "refresh token reused",
];

/// Of a verified person, tried in this order: what is used up by the trial comes last.
const OF_SESSIONS: [&str; 6] =
    ["access token", "renewed access token", "session cookie", "CSRF token", "refresh token", "API key"];
/// Of an owner, who answers for it.
const OF_A_SERVICE: &str = "key of a service";
/// Of a verified person. One that lives is used, which ends the others: it has a person of its own.
const MAILED: [&str; 3] = ["code of a change of address", "reset token", "link that stops the change"];
const FIRST_CODE: &str = "code of the first verification";
const INVITATION: &str = "invitation token";

type Table = BTreeMap<(String, String), String>;

/// The cells of the document by token and change.
fn table() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/tokens.md");
    let text = std::fs::read_to_string(path).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines =
        text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| !line.is_empty());
    assert_eq!(cells(lines.next().unwrap())[1..], CHANGES);
    let mut table = Table::new();
    for line in lines.skip(1) {
        let row = cells(line);
        for (change, cell) in CHANGES.iter().zip(&row[1..]) {
            table.insert((row[0].clone(), (*change).to_owned()), cell.clone());
        }
    }
    let tokens: std::collections::BTreeSet<_> = table.keys().map(|(token, _)| token.as_str()).collect();
    let known =
        OF_SESSIONS.iter().chain(&MAILED).chain([&OF_A_SERVICE, &FIRST_CODE, &INVITATION]).copied().collect();
    assert_eq!(tokens, known, "a token without a trial, or a trial without a token");
    table
}

/// Somebody, who else acts on them, and what is changed.
struct Case<'a> {
    api: &'a Api,
    staff: &'a Person,
    change: &'static str,
    /// The account, with the session that acts.
    person: Person,
    /// The session that the change is about.
    other: Person,
}

impl Case<'_> {
    async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.api.send("POST", path, token, body).await
    }

    async fn staff(&self, below: &str, body: Value) {
        let path = format!("/api/admin/users/{}/{below}", self.person.id);
        self.post(&path, &self.staff.access, body).await.ok();
    }

    async fn delete(&self, path: &str, by: &Person) -> Answer {
        answer(self.api.request("DELETE", path).bearer_auth(&by.access)).await
    }

    /// Makes the change.
    async fn happens(&mut self) {
        let (person, other) = (&self.person, &self.other);
        match self.change {
            "password changed" => {
                let body = json!({ "current_password": PASSWORD, "new_password": NEW });
                self.post("/api/auth/password/change", &person.access, body).await.ok();
            }
            "password reset" => self.resets().await,
            "address changed" => {
                let (address, code) = self.pending().await;
                let done = self.post("/api/auth/verify", &person.access, json!({ "code": code })).await;
                assert_eq!(done.status, 200, "{address}: {done:?}");
            }
            "change of address stopped" => {
                let token = self.api.stop_link(person).await;
                self.post("/api/auth/stop-email-change", "", json!({ "token": token })).await.ok();
            }
            "all other sessions ended" => drop(self.delete("/api/sessions", person).await.ok()),
            "sessions ended by staff" => self.staff("end-sessions", json!({})).await,
            "that session ended by its person" => {
                self.delete(&format!("/api/sessions/{}", other.session), person).await.ok();
            }
            "logged out" => {
                self.post("/api/auth/logout", &other.access, json!({})).await.ok();
            }
            "suspended" => self.staff("suspend", json!({ "reason": "spam" })).await,
            "another role" => self.staff("role", json!({ "role": "moderator" })).await,
            "deletion asked for" => drop(self.delete("/api/me", person).await.is(202)),
            "erased" => self.is_erased().await,
            "refresh token reused" => self.reuses().await,
            unknown => panic!("nobody knows how to make it happen: {unknown}"),
        }
    }

    /// By name: the address of who is not verified names nobody.
    async fn resets(&self) {
        let email = &self.person.email;
        let is_reset = |mail: &str| {
            mail.lines().any(|line| line.trim() == format!("To: {email}"))
                && mail.contains("asked to reset the password")
        };
        let before = self.api.outbox().iter().filter(|mail| is_reset(mail)).count();
        let forgot = json!({ "email": self.person.username });
        self.post("/api/auth/forgot-password", "", forgot).await.is(202);
        let token = token_of(&self.api.mail_that(is_reset, before + 1).await);
        let body = json!({ "token": token, "new_password": NEW });
        self.post("/api/auth/reset-password", "", body).await.ok();
    }

    async fn is_erased(&self) {
        let path = format!("/api/admin/users/{}", self.person.id);
        self.delete(&path, self.staff).await.is(202);
        let path = format!("/api/admin/erasures/{}", self.person.id);
        for _ in 0..1_000 {
            if self.api.get(&path, &self.staff.access).await.ok()["status"] == "certified" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} is not certified");
    }

    /// The second use of a spent token, after its successor was used.
    async fn reuses(&mut self) {
        let mut token = self.other.refresh.clone();
        for _ in 0..2 {
            let next = self.post("/api/auth/refresh", "", json!({ "refresh_token": token })).await.ok();
            token = text(&next["refresh_token"]);
        }
        let again = json!({ "refresh_token": self.other.refresh });
        assert_eq!(self.post("/api/auth/refresh", "", again).await.status, 401);
        self.other.refresh = token;
    }

    /// A suspension and a deletion are taken back, so that what ended is told from what only waits.
    async fn is_taken_back(&self) {
        match self.change {
            "suspended" => self.staff("reinstate", json!({})).await,
            "deletion asked for" => self.staff("cancel-deletion", json!({})).await,
            _ => {}
        }
    }

    /// The address that is pending, and its code.
    async fn pending(&self) -> (String, String) {
        let me = self.api.get("/api/me", &self.person.access).await.ok();
        let address = text(&me["pending_email"]);
        let code = self.api.code(&address, 1).await;
        (address, code)
    }

    /// A session that began after the change; none for who is gone.
    async fn comes_back(&self) -> Option<String> {
        let password = match self.change {
            "password changed" | "password reset" => NEW,
            "erased" => return None,
            _ => PASSWORD,
        };
        let body = json!({ "username": self.person.username, "password": password });
        Some(text(&self.post("/api/auth/login", "", body).await.ok()["access_token"]))
    }
}

fn token_of(mail: &str) -> String {
    let line = mail.lines().find(|line| line.contains("#token=")).expect("a link");
    line.split_once("token=").unwrap().1.trim().to_owned()
}

/// In a word of the table.
fn word(reply: &Answer) -> &'static str {
    match reply.status {
        200..300 => "lives",
        401 if reply.problem() == "api-key-dormant" => "sleeps",
        401 | 404 | 422 => "ends",
        _ => panic!("this tells nothing: {reply:?}"),
    }
}

/// What is tried and what came of it, in the words of the table.
type Tried = Vec<(&'static str, &'static str)>;

/// What a session holds, and keys.
async fn sessions(table: &Table, mut case: Case<'_>) -> Tried {
    let (api, person) = (case.api, case.person.clone());
    let login = json!({ "username": person.username, "password": PASSWORD });
    let login = api.post("/api/auth/login", login).await;
    let page = Page::of(&login);
    case.other = Person {
        access: text(&login.json()["access_token"]),
        refresh: text(&login.json()["refresh_token"]),
        session: text(&login.json()["session_id"]),
        ..person
    };
    let old = api.request("GET", "/api/me").bearer_auth(aged(&case.other, 800, 900));
    let renewed = answer(old).await.header("x-renewed-access").expect("a new token").to_owned();
    let (_, key) = api.key_of(&case.person, &["account:read"]).await;
    let mailed = case.mailed(table, |cell| cell == "ends").await;
    case.happens().await;
    let mut tried = Tried::new();
    for token in OF_SESSIONS {
        let reply = match token {
            "access token" => api.get("/api/me", &case.other.access).await,
            "renewed access token" => api.get("/api/me", &renewed).await,
            "session cookie" => answer(page.asks(api.request("GET", "/api/me"))).await,
            "CSRF token" => {
                let request = page.asks(api.request("POST", "/api/auth/session/refresh"));
                answer(request.header("x-csrf-token", &page.csrf)).await
            }
            "refresh token" => {
                let exchange = json!({ "refresh_token": case.other.refresh });
                api.post("/api/auth/refresh", exchange).await
            }
            _ => api.get("/api/me", &key).await,
        };
        tried.push((token, word(&reply)));
    }
    case.is_taken_back().await;
    tried.extend(case.try_mailed(mailed).await);
    tried
}

/// A service's key, whose maker makes the change.
async fn of_a_service(table: &Table, mut case: Case<'_>) -> Tried {
    let body = json!({ "service": "token-matrix", "scopes": ["users:read"] });
    let made = case.post("/api/admin/service-keys", &case.person.access, body).await.is(201);
    if ["deletion asked for", "erased"].contains(&case.change) {
        // An owner stays.
        case.staff("role", json!({ "role": "admin" })).await;
        case.person = case.api.log_in(&case.person.username, &case.person.email).await;
    }
    case.other = case.api.log_in(&case.person.username, &case.person.email).await;
    case.mailed(table, |_| false).await;
    case.happens().await;
    vec![(OF_A_SERVICE, word(&case.api.get("/api/admin/users", &text(&made["key"])).await))]
}

/// One mailed code or token that lives, alone: its use ends the others.
async fn alone(token: &'static str, mut case: Case<'_>) -> Tried {
    let held = vec![(token, case.mail(token).await)];
    case.other = case.api.log_in(&case.person.username, &case.person.email).await;
    case.happens().await;
    case.is_taken_back().await;
    case.try_mailed(held).await
}

impl Case<'_> {
    /// What was mailed of what the table has so.
    async fn mailed(&self, table: &Table, is: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
        let mut mailed = Vec::new();
        for token in MAILED {
            if is(&table[&(token.to_owned(), self.change.to_owned())]) {
                mailed.push((token, self.mail(token).await));
            }
        }
        // These two need a change of address to happen to.
        if ["address changed", "change of address stopped"].contains(&self.change) {
            self.mail("code of a change of address").await;
        }
        mailed
    }

    async fn mail(&self, token: &str) -> String {
        let (api, person) = (self.api, &self.person);
        if token == "reset token" {
            self.post("/api/auth/forgot-password", "", json!({ "email": person.email })).await.is(202);
            let reset = |mail: &str| {
                mail.lines().any(|line| line.trim() == format!("To: {}", person.email))
                    && mail.contains("/reset-password#token=")
            };
            return token_of(&api.mail_that(reset, 1).await);
        }
        if api.get("/api/me", &person.access).await.ok()["pending_email"].is_null() {
            api.asks_for_address(person, &new_name().1).await.is(202);
        }
        match token {
            "code of a change of address" => self.pending().await.1,
            _ => api.stop_link(person).await,
        }
    }

    async fn try_mailed(&self, mailed: Vec<(&'static str, String)>) -> Tried {
        let mut tried = Tried::new();
        for (token, text) in mailed {
            let reply = match token {
                "code of a change of address" => {
                    let session = self.comes_back().await.unwrap_or_default();
                    let body = json!({ "user_id": self.person.id, "code": text });
                    self.post("/api/auth/verify", &session, body).await
                }
                "reset token" => {
                    let body = json!({ "token": text, "new_password": "herons stand very still" });
                    self.post("/api/auth/reset-password", "", body).await
                }
                _ => self.post("/api/auth/stop-email-change", "", json!({ "token": text })).await,
            };
            tried.push((token, word(&reply)));
        }
        tried
    }
}

/// The code of somebody who registered a moment ago.
async fn first_code(mut case: Case<'_>) -> Tried {
    let code = case.api.code(&case.person.email, 1).await;
    case.happens().await;
    case.is_taken_back().await;
    let body = json!({ "user_id": case.person.id, "code": code });
    vec![(FIRST_CODE, word(&case.post("/api/auth/verify", "", body).await))]
}

/// The token of somebody for whom staff made an account.
async fn invitation(mut case: Case<'_>) -> Tried {
    let token = case.api.reset_token(&case.person.email, 1).await;
    case.happens().await;
    case.is_taken_back().await;
    let body = json!({ "token": token, "new_password": "herons stand very still" });
    vec![(INVITATION, word(&case.post("/api/auth/reset-password", "", body).await))]
}

async fn invited(api: &Api, staff: &Person) -> Person {
    let (username, email) = new_name();
    let body = json!({ "username": username, "email": email });
    let made = api.send("POST", "/api/users", &staff.access, body).await.is(201);
    Person { id: text(&made["id"]), username, email, ..Person::default() }
}

/// Every cell of one change.
async fn column(api: &Api, staff: &Person, table: &Table, change: &'static str) -> Tried {
    let cell = |token: &str| table[&(token.to_owned(), change.to_owned())].as_str();
    let case = |person: Person| Case { api, staff, change, other: person.clone(), person };
    let mut tried = sessions(table, case(api.verified("normal").await)).await;
    tried.extend(of_a_service(table, case(api.verified("owner").await)).await);
    for token in MAILED.into_iter().filter(|token| cell(token) == "lives") {
        tried.extend(alone(token, case(api.verified("normal").await)).await);
    }
    if cell(FIRST_CODE) != "–" {
        tried.extend(first_code(case(api.unverified().await)).await);
    }
    if cell(INVITATION) != "–" {
        tried.extend(invitation(case(invited(api, staff).await)).await);
    }
    tried
}

#[tokio::test]
async fn every_token_ends_with_the_changes_that_the_document_says_and_no_other() {
    let (api, table) = (Api::shared().await, table());
    let staff = api.verified("owner").await;
    let mut found = BTreeMap::new();
    for change in CHANGES {
        for (token, word) in column(&api, &staff, &table, change).await {
            found.insert((token.to_owned(), change.to_owned()), word.to_owned());
        }
    }
    let said: Table = table.into_iter().filter(|(_, word)| word != "–").collect();

    let wrong: Vec<_> = said.iter().filter(|(cell, word)| found.get(*cell) != Some(word)).collect();
    assert!(wrong.is_empty() && found.len() == said.len(), "{wrong:#?} but found {found:#?}");
}
