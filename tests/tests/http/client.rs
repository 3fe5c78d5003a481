//! A client of one program, and the people it acts for.

use annals_tests::program::{Program, new_directory};
use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};
use std::{
    ops::Deref,
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

pub const PASSWORD: &str = "a long walk at dusk";
/// Of the shared program's access tokens.
pub const SIGNING_KEY: &str = "thirty-two bytes, and a few more of them";

/// Of the shared program: tests tell of days that are some years ago.
pub const TOLD_WITHIN_DAYS: i64 = 3_650;

/// A reply shows what its command did however busy the machine is: tests read at once what they wrote.
pub const PATIENT: (&str, &str) = ("ANNALS_FRESH_WITHIN_MS", "20000");

/// Talks to one program.
#[derive(Clone)]
pub struct Api {
    program: Arc<Program>,
    client: reqwest::Client,
}

/// An account, and its first session if it has one.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub id: String,
    pub username: String,
    pub email: String,
    pub access: String,
    pub refresh: String,
    pub session: String,
}

/// A reply, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

static SHARED: Mutex<Weak<Program>> = Mutex::const_new(Weak::new());
static NAMES: AtomicU32 = AtomicU32::new(0);

impl Api {
    /// The program that tests share which do not stop it; the last of them ends it.
    pub async fn shared() -> Self {
        let mut shared = SHARED.lock().await;
        let program = match shared.upgrade() {
            Some(program) => program,
            None => {
                let told_within = TOLD_WITHIN_DAYS.to_string();
                let settings = [
                    ("JWT_SECRET_KEY", SIGNING_KEY),
                    ("ANNALS_DEEDS_TOLD_WITHIN_DAYS", told_within.as_str()),
                    PATIENT,
                ];
                let program = Arc::new(Program::start_in(new_directory(), &settings).await);
                Self::of(Arc::clone(&program)).without_early_adopters().await;
                program
            }
        };
        *shared = Arc::downgrade(&program);
        Self::of(program)
    }

    /// Nobody here is honoured for having registered: what a person has is what its test gives.
    async fn without_early_adopters(&self) {
        let owner = self.verified("owner").await;
        let retire = self.request("DELETE", "/api/badges/early_adopter").bearer_auth(&owner.access);
        answer(retire).await.ok();
    }

    /// A program of the test's own.
    pub async fn alone() -> Self {
        Self::of(Arc::new(Program::start_in(new_directory(), &[PATIENT]).await))
    }

    pub fn of(program: Arc<Program>) -> Self {
        Self { program, client: reqwest::Client::new() }
    }

    /// The program, where nobody else has it.
    pub fn into_program(self) -> Program {
        Arc::into_inner(self.program).expect("nobody else has it")
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path))
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        answer(self.request("GET", path).bearer_auth(token)).await
    }

    /// Without a token if that is empty.
    pub async fn send(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let request = self.request(method, path).json(&body);
        answer(if token.is_empty() { request } else { request.bearer_auth(token) }).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, "", body).await
    }

    /// A verified account with a session.
    pub async fn verified(&self, role: &str) -> Person {
        let (username, email) = new_name();
        self.create_user(&username, &email, role, PASSWORD).await;
        self.log_in(&username, &email).await
    }

    pub async fn log_in(&self, username: &str, email: &str) -> Person {
        let body = json!({ "username": username, "password": PASSWORD });
        Person::new(username, email, &self.post("/api/auth/login", body).await.ok())
    }

    /// An account that is not verified, with a session that may not act.
    pub async fn unverified(&self) -> Person {
        let (username, email) = new_name();
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        Person::new(&username, &email, &self.post("/api/auth/jwt/register", body).await.is(201))
    }

    /// The newest of at least `count` mails to an address that somebody asked for: who is among the first also earns a
    /// badge, and is told of it some time.
    pub async fn mail(&self, email: &str, count: usize) -> String {
        let to = format!("To: {email}");
        for _ in 0..500 {
            let mut mails = self.outbox();
            mails.retain(|mail| {
                let has = |header: &str| mail.lines().any(|line| line.trim() == header);
                has(&to) && !has("Subject: You earned a badge")
            });
            if mails.len() >= count {
                return mails.pop().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} mails to {email} did not arrive");
    }

    /// How many mails to an address that somebody asked for have gone out.
    pub fn mails(&self, email: &str) -> usize {
        let to = format!("To: {email}");
        let has = |mail: &str, header: &str| mail.lines().any(|line| line.trim() == header);
        let mails = self.outbox();
        mails.iter().filter(|mail| has(mail, &to) && !has(mail, "Subject: You earned a badge")).count()
    }

    /// The code in the newest of at least `count` mails to an address.
    pub async fn code(&self, email: &str, count: usize) -> String {
        let mail = self.mail(email, count).await;
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        mail.lines().map(str::trim).find(is_code).expect("a code in the mail").to_owned()
    }

    /// The reset token in the newest of at least `count` mails to an address.
    pub async fn reset_token(&self, email: &str, count: usize) -> String {
        let mail = self.mail(email, count).await;
        let line = mail.lines().find(|line| line.contains("/reset-password#token=")).expect("a link");
        line.split_once("token=").unwrap().1.trim().to_owned()
    }
}

impl Deref for Api {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl Person {
    fn new(username: &str, email: &str, tokens: &Value) -> Self {
        let text =
            |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}")).to_owned();
        Self {
            id: text("user_id"),
            username: username.to_owned(),
            email: email.to_owned(),
            access: text("access_token"),
            refresh: text("refresh_token"),
            session: text("session_id"),
        }
    }
}

/// A username and an address that nobody has.
pub fn new_name() -> (String, String) {
    let name = format!("jane{}", NAMES.fetch_add(1, Ordering::Relaxed));
    let email = format!("{name}@example.com");
    (name, email)
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let reply = request.send().await.expect("the program answers");
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    Answer { status, headers, body: reply.text().await.expect("a text") }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body of a reply that must have this status.
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }

    pub fn ok(&self) -> Value {
        self.is(200)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn position(&self) -> i64 {
        self.header("annals-position").expect("a position").parse().unwrap()
    }

    /// The slug of a whole problem document.
    pub fn problem(&self) -> String {
        assert!(self.status >= 400, "{self:?}");
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/problem+json"), "{self:?}");
        let document = self.json();
        assert_eq!(document["status"], self.status, "{self:?}");
        assert_eq!(document["request_id"].as_str(), self.header("x-request-id"), "{self:?}");
        assert!(document["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
        let slug = document["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/"));
        slug.unwrap_or_else(|| panic!("no type: {self:?}")).to_owned()
    }

    /// Status and slug of a problem document.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.problem())
    }

    /// Pointer and code of the first error of a problem document.
    pub fn field_error(&self) -> (String, String) {
        self.problem();
        let error = self.json()["errors"][0].clone();
        (
            error["pointer"].as_str().unwrap_or_default().into(),
            error["code"].as_str().unwrap_or_default().into(),
        )
    }
}
