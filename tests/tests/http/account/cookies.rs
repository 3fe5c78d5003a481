//! A browser's session by cookie, and the pages that would misuse it (C-10, SEC-03, SESS-07, SESS-08).

use crate::{
    account::accounts::spellings,
    account::session_activity::aged,
    client::{Answer, Api, PASSWORD, Person, answer, new_name},
};
use annals_tests::program::{Program, new_directory};
use chrono::TimeDelta;
use commands::{Codes, SessionCookie};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::sync::Arc;

const NAME: &str = "__Host-annals_session";

/// A page in a browser: its cookie, and what it knows of it.
#[derive(Clone, Debug)]
pub struct Page {
    /// `name=value`.
    pub cookie: String,
    pub csrf: String,
}

impl Page {
    /// What a login leaves in a browser.
    pub fn of(login: &Answer) -> Self {
        let set = login.header("set-cookie").expect("a cookie");
        let csrf = login.json()["csrf_token"].as_str().expect("a token").to_owned();
        Self { cookie: set.split_once(';').unwrap().0.to_owned(), csrf }
    }

    pub fn asks(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("cookie", &self.cookie)
    }

    fn acts(&self, request: RequestBuilder) -> RequestBuilder {
        self.asks(request).header("x-csrf-token", &self.csrf)
    }

    async fn get(&self, api: &Api, path: &str) -> Answer {
        answer(self.asks(api.request("GET", path))).await
    }

    async fn send(&self, api: &Api, method: &str, path: &str, body: &Value) -> Answer {
        answer(self.acts(api.request(method, path)).json(body)).await
    }
}

impl Api {
    pub async fn page(&self, person: &Person) -> Page {
        let body = json!({ "username": person.username, "password": PASSWORD });
        Page::of(&self.post("/api/auth/login", body).await)
    }
}

fn refused(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

#[tokio::test]
async fn login_sets_a_cookie_that_reads_and_acts_until_the_logout() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in spellings("/api/auth/login") {
        let login = api.post(&path, json!({ "username": person.username, "password": PASSWORD })).await;
        let set = login.header("set-cookie").unwrap();
        let (pair, attributes) = set.split_once("; ").unwrap();
        assert!(pair.starts_with("__Host-annals_session="), "{pair}");
        let (age, attributes) = attributes.split_once("; ").unwrap();
        let age: i64 = age.strip_prefix("Max-Age=").unwrap().parse().unwrap();
        assert!((600_000..=604_800).contains(&age), "{age}");
        assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");
        let page = Page::of(&login);

        let me = page.get(&api, "/api/me").await;
        assert_eq!(me.ok()["id"], person.id);
        assert!(me.headers.get_all("vary").iter().any(|vary| vary == "Authorization, Cookie"));
        page.send(&api, "PATCH", "/api/users/profile", &json!({ "city": "Lisbon" })).await.ok();
        assert_eq!(page.get(&api, "/api/users/profile").await.ok()["city"], "Lisbon");

        let out = page.send(&api, "POST", "/api/auth/logout", &json!({})).await;
        out.ok();
        assert_eq!(
            out.header("set-cookie"),
            Some("__Host-annals_session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
        );
        assert_eq!(page.get(&api, "/api/me").await.refusal(), refused(401, "session-ended"), "{path}");
    }
}

#[tokio::test]
async fn registration_with_tokens_begins_a_session_by_cookie_that_counts_as_verified_once_it_is() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    let form = json!({ "username": username, "email": email, "password": PASSWORD });
    let reply = api.post("/api/auth/jwt/register", form).await;
    reply.is(201);
    let page = Page::of(&reply);
    let follow = json!({ "user_id": api.verified("normal").await.id });
    let asked = page.send(&api, "POST", "/api/follows", &follow).await;
    assert_eq!(asked.refusal(), refused(403, "contact-unverified"));

    let code = api.code(&email, 1).await;
    api.post("/api/auth/verify", json!({ "username": username, "code": code })).await.ok();

    page.send(&api, "POST", "/api/follows", &follow).await.is(201);
}

#[tokio::test]
async fn change_without_the_sessions_own_token_is_refused() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let (page, other) = (api.page(&jane).await, api.page(&john).await);
    let change = || page.asks(api.request("PATCH", "/api/settings")).json(&json!({ "theme": "dark" }));
    for request in [
        change(),
        change().header("x-csrf-token", ""),
        change().header("x-csrf-token", &other.csrf),
        change().header("x-csrf-token", format!("{}x", page.csrf)),
        change().header("x-csrf-token", &page.csrf).header("x-csrftoken", &other.csrf),
        change().header("x-csrf-token", &page.csrf).header("sec-fetch-site", "cross-site"),
        change().header("x-csrf-token", &page.csrf).header("sec-fetch-site", "same-site"),
        change().header("x-csrf-token", &page.csrf).header("origin", "https://evil.example"),
        change().header("x-csrf-token", &page.csrf).header("origin", "null"),
    ] {
        assert_eq!(answer(request).await.refusal(), refused(403, "csrf-refused"));
    }
    assert_ne!(page.get(&api, "/api/settings").await.ok()["theme"], "dark");

    let host = api.url("").trim_end_matches('/').to_owned();
    let told = page.get(&api, "/api/auth/csrf").await.ok();
    let told = told["csrf_token"].as_str().unwrap();
    assert_ne!(told, page.csrf, "each is another one");
    for request in [
        change().header("x-csrf-token", told),
        change().header("x-csrftoken", &page.csrf),
        change().header("x-csrf-token", told).header("sec-fetch-site", "same-origin"),
        change().header("x-csrf-token", told).header("origin", host),
    ] {
        answer(request).await.ok();
    }
}

#[tokio::test]
async fn cookie_alone_is_not_enough_for_what_is_dangerous_and_is_exchanged_for_a_token_that_is() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let (page, staff) = (api.page(&jane).await, api.verified("owner").await);
    let staff = api.page(&staff).await;
    let (own, theirs) = (format!("/api/users/{}", jane.id), format!("/api/profiles/{}", jane.username));
    let email = json!({ "email": "new@example.com", "current_password": PASSWORD });
    let another = format!("/api/sessions/{}", jane.session);
    for (page, method, path, body) in [
        (&page, "POST", "/api/auth/password/change", json!({})),
        (&page, "PUT", "/api/me", email.clone()),
        (&page, "PUT", &own, email),
        (&page, "DELETE", "/api/me", json!({})),
        (&page, "DELETE", &own, json!({})),
        (&page, "DELETE", "/api/sessions", json!({})),
        (&page, "DELETE", &another, json!({})),
        (&staff, "PATCH", &theirs, json!({ "city": "Porto" })),
        (&staff, "PUT", &own, json!({ "role": "moderator" })),
        (&staff, "POST", "/api/users", json!({})),
    ] {
        let reply = page.send(&api, method, path, &body).await;
        assert_eq!(reply.refusal(), refused(403, "access-token-needed"), "{method} {path}");
    }
    page.send(&api, "PUT", "/api/me", &json!({ "name": "Jane Doe" })).await.ok();
    staff.get(&api, "/api/admin/audit").await.ok();

    for path in spellings("/api/auth/refresh") {
        let exchange = answer(page.acts(api.request("POST", &path))).await;
        let tokens = exchange.ok();
        assert_eq!((&tokens["user_id"], tokens.get("refresh_token")), (&json!(jane.id), None), "{path}");
        let cookie = Page::of(&exchange);
        cookie.get(&api, "/api/me").await.ok();
        let token = tokens["access_token"].as_str().unwrap();
        api.send("DELETE", "/api/sessions", token, json!({})).await.ok();
        assert_eq!(api.get("/api/me", &jane.access).await.refusal(), refused(401, "session-ended"), "{path}");
    }
}

#[tokio::test]
async fn exchange_of_a_cookie_leaves_the_refresh_token_as_it_is() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let login = json!({ "username": person.username, "password": PASSWORD });
    let login = api.post("/api/auth/login", login).await;
    let (page, refresh) = (Page::of(&login), login.json()["refresh_token"].clone());

    for _ in 0..3 {
        answer(page.acts(api.request("POST", "/api/auth/refresh"))).await.ok();
    }

    api.post("/api/auth/refresh", json!({ "refresh_token": refresh })).await.ok();
    page.get(&api, "/api/me").await.ok();
}

#[tokio::test]
async fn exchange_without_a_cookie_or_without_its_token_is_refused() {
    let api = Api::shared().await;
    let page = api.page(&api.verified("normal").await).await;

    let nothing = answer(api.request("POST", "/api/auth/refresh")).await;
    assert_eq!(nothing.refusal(), refused(422, "validation-failed"));
    assert_eq!(nothing.field_error(), ("/refresh_token".to_owned(), "missing".to_owned()));
    let forged = answer(page.asks(api.request("POST", "/api/auth/refresh"))).await;
    assert_eq!(forged.refusal(), refused(403, "csrf-refused"));
    let broken = api.request("POST", "/api/auth/refresh").header("cookie", format!("{NAME}=x"));
    assert_eq!(answer(broken).await.refusal(), refused(401, "cookie-invalid"));
}

#[tokio::test]
async fn token_counts_alone_and_needs_no_proof_beside_a_cookie() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let page = api.page(&john).await;

    let both = page.asks(api.request("PATCH", "/api/users/profile")).bearer_auth(&jane.access);
    let changed = answer(both.json(&json!({ "city": "Faro" }))).await.ok();
    assert_eq!(changed["username"], jane.username);
    let broken = page.asks(api.request("GET", "/api/me")).bearer_auth("a.b.c");
    assert_eq!(answer(broken).await.refusal(), refused(401, "token-invalid"));
    let other = page.asks(api.request("GET", "/api/me")).basic_auth("john", Some(PASSWORD));
    assert_eq!(answer(other).await.refusal(), refused(401, "credentials-missing"));
}

#[tokio::test]
async fn expired_token_is_renewed_beside_the_cookie_of_its_own_session() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let login = api.post("/api/auth/login", json!({ "username": jane.username, "password": PASSWORD })).await;
    let page = Page::of(&login);
    let access = login.json()["access_token"].as_str().unwrap().to_owned();
    let expired = aged(&Person { access, ..jane.clone() }, 2_000, 900);

    let read = answer(page.asks(api.request("GET", "/api/me")).bearer_auth(&expired)).await;
    assert_eq!(read.ok()["id"], jane.id);
    let renewed = read.header("x-renewed-access").expect("a new token").to_owned();
    api.get("/api/me", &renewed).await.ok();
    let change = json!({ "current_password": PASSWORD, "new_password": "another walk at dawn" });
    let act = page.asks(api.request("POST", "/api/auth/password/change")).bearer_auth(&expired);
    answer(act.json(&change)).await.ok();

    let others = api.page(&john).await;
    let stolen = answer(others.asks(api.request("GET", "/api/me")).bearer_auth(&expired)).await;
    assert_eq!(stolen.refusal(), refused(401, "token-expired"));
    assert_eq!(api.get("/api/me", &expired).await.refusal(), refused(401, "token-expired"));
    assert_eq!(page.get(&api, "/api/me").await.header("x-renewed-access"), None, "by the cookie alone");
}

#[tokio::test]
async fn cookie_is_refused_when_it_or_its_session_is_over() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let admin = api.verified("admin").await;
    let (page, suspended) = (api.page(&jane).await, api.page(&john).await);
    let secrets = std::fs::read_to_string(api.data_dir.join("secrets.json")).unwrap();
    let secrets: Value = serde_json::from_str(&secrets).unwrap();
    let key = secrets["keys.codes"].as_str().unwrap();
    let bytes: Vec<u8> = (0..32).map(|n| u8::from_str_radix(&key[2 * n..2 * n + 2], 16).unwrap()).collect();
    let codes = Codes::new(&bytes.try_into().unwrap());
    let said = |page: &Page| codes.read_session_cookie(page.cookie.split_once('=').unwrap().1).unwrap();
    let (good, silent) = (said(&page), said(&api.page(&jane).await));
    for (cookie, problem) in [
        (good, None),
        (SessionCookie { expires_at: good.issued_at, ..good }, Some("session-ended")),
        (
            SessionCookie { issued_at: silent.issued_at - TimeDelta::hours(1), ..silent },
            Some("session-ended"),
        ),
    ] {
        let cookie = format!("{NAME}={}", codes.session_cookie(&cookie));
        let reply = answer(api.request("GET", "/api/me").header("cookie", cookie)).await;
        assert_eq!((reply.status >= 400).then(|| reply.problem()).as_deref(), problem);
    }
    let path = format!("/api/admin/users/{}/suspend", john.id);
    api.send("POST", &path, &admin.access, json!({ "reason": "spam" })).await.ok();
    assert_eq!(suspended.get(&api, "/api/me").await.refusal(), refused(401, "session-ended"));
    for cookie in [
        format!("{NAME}="),
        format!("{NAME}=x"),
        format!("{}x", page.cookie),
        format!("{0}; {0}", page.cookie),
    ] {
        let reply = answer(api.request("GET", "/api/me").header("cookie", &cookie)).await;
        assert_eq!(reply.refusal(), refused(401, "cookie-invalid"), "{cookie}");
    }
    let dead = json!({ "username": jane.username, "password": PASSWORD });
    let again = api.request("POST", "/api/auth/login").header("cookie", &suspended.cookie).json(&dead);
    answer(again).await.ok();
}

#[tokio::test]
async fn events_are_followed_by_cookie() {
    let api = Api::shared().await;
    let page = api.page(&api.verified("normal").await).await;

    let mut stream = page.asks(api.request("GET", "/api/events/stream")).send().await.unwrap();

    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(stream.chunk().await.unwrap().is_some());
}

#[tokio::test]
async fn page_of_another_site_logs_nobody_in_by_cookie_and_a_listed_one_does() {
    let settings = [("CORS_ALLOWED_ORIGINS", "https://app.example.com")];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let person = api.verified("normal").await;
    let body = json!({ "username": person.username, "password": PASSWORD });
    let login = |origin: &str, site: &str| {
        let request = api.request("POST", "/api/auth/login").json(&body);
        answer(request.header("origin", origin).header("sec-fetch-site", site))
    };

    let foreign = login("https://evil.example", "cross-site").await;
    assert_eq!((foreign.header("set-cookie"), foreign.ok().get("csrf_token")), (None, None));
    let listed = login("https://app.example.com", "same-site").await;
    listed.ok();
    assert_eq!(listed.header("access-control-allow-credentials"), Some("true"));
    let page = Page::of(&listed);
    let change = page.acts(api.request("PATCH", "/api/settings")).json(&json!({ "theme": "dark" }));
    answer(change.header("origin", "https://app.example.com").header("sec-fetch-site", "same-site"))
        .await
        .ok();

    let preflight = api
        .request("OPTIONS", "/api/settings")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "content-type,x-csrf-token");
    let allowed = answer(preflight).await;
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("x-csrf-token"));
    api.into_program().stop().await;
}
