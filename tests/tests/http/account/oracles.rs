//! Nothing that a stranger can ask tells whether an address has an account: no key, no answer, no time (C-15, RL-03).

use crate::client::{Api, PASSWORD, Person, answer, new_name};
use annals_tests::dice::Dice;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

const EACH: usize = 500;
const WARM_UP: usize = 40;
/// Requests that are under way at once.
const AT_ONCE: usize = 16;
/// A right program fails one round in a hundred, and three in a row once in a million.
const ROUNDS: usize = 3;
const P: f64 = 0.01;

#[tokio::test]
async fn idempotency_key_says_nothing_about_an_address() {
    let api = Api::shared().await;
    // Two of each: what one of them leaves under a key, another would meet.
    let waiting = [api.unverified().await, api.unverified().await];
    let verified = [api.verified("normal").await, api.verified("normal").await];
    let known = waiting.iter().chain(&verified).map(|person| person.email.as_str());
    for path in ["/api/auth/resend-code", "/api/auth/forgot-password", "/api/accounts/password_reset"] {
        for email in known.clone().chain(known.clone()).chain(["nobody-at-all@example.com"]) {
            let request = api.request("POST", path).header("idempotency-key", format!("1 {path}"));
            assert_eq!(answer(request.json(&json!({ "email": email }))).await.status, 202, "{path} {email}");
        }
    }
    for email in known.chain(["nobody-at-all@example.com"]) {
        for code in ["000000", "000001"] {
            let request = api.request("POST", "/api/auth/verify").header("idempotency-key", "1");
            let reply = answer(request.json(&json!({ "email": email, "code": code }))).await;
            assert_eq!(reply.refusal(), (422, "code-refused".to_owned()), "{email}");
        }
        let request = api.request("POST", "/api/auth/login").header("idempotency-key", "1");
        let reply =
            answer(request.json(&json!({ "email": email, "password": "a wrong walk at dusk" }))).await;
        assert_eq!(reply.refusal(), (401, "login-failed".to_owned()), "{email}");
    }
}

#[tokio::test]
async fn stranger_with_a_predictable_key_is_in_nobodys_way() {
    let api = Api::shared().await;
    let from = |last: u8| {
        let address = IpAddr::from([127, 0, 0, last]);
        reqwest::Client::builder().local_address(address).build().unwrap()
    };
    let key = format!("registration-{}", new_name().0);
    let register = async |network: u8, path: &str, form: &Value| {
        let request = from(network).post(api.url(path)).header("idempotency-key", &key);
        answer(request.json(form)).await
    };
    let form = || {
        let (username, email) = new_name();
        json!({ "username": username, "email": email, "password": PASSWORD })
    };
    let (path, taken, own) = ("/api/auth/register", form(), form());
    register(2, path, &taken).await.is(201);

    let made = register(3, path, &own).await.is(201);

    assert_eq!(register(3, path, &own).await.is(201)["id"], made["id"], "the own repeat");
    let other = register(3, path, &form()).await;
    assert_eq!(other.refusal(), (422, "idempotency-mismatch".to_owned()));
    register(3, "/api/auth/register/professional", &form()).await.is(201);
}

/// What is asked about an address.
type Question = fn(&Api, &str) -> reqwest::RequestBuilder;

const QUESTIONS: [(&str, Question); 3] = [
    ("verify", |api, email| {
        api.request("POST", "/api/auth/verify").json(&json!({ "email": email, "code": "000000" }))
    }),
    ("resend-code", |api, email| {
        api.request("POST", "/api/auth/resend-code").json(&json!({ "email": email }))
    }),
    ("forgot-password", |api, email| {
        api.request("POST", "/api/auth/forgot-password").json(&json!({ "email": email }))
    }),
];

/// Milliseconds of answers about known and unknown addresses, asked in turns that the dice decide.
async fn times(api: &Api, question: Question, known: &[Person], each: usize) -> (Vec<f64>, Vec<f64>) {
    let mut order: Vec<bool> = (0..2 * each).map(|n| n % 2 == 0).collect();
    Dice::from_environment().shuffle(&mut order);
    let asked = order.into_iter().enumerate().map(|(n, is_known)| {
        let email = if is_known {
            known[n % known.len()].email.clone()
        } else {
            format!("{}@example.com", new_name().0.replace("jane", "john"))
        };
        async move {
            let request = question(api, &email);
            let begun = Instant::now();
            let reply = answer(request).await;
            assert!(reply.status == 202 || reply.status == 422, "{reply:?}");
            (is_known, begun.elapsed().as_secs_f64() * 1_000.0)
        }
    });
    let times: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    let of = |wanted: bool| times.iter().filter(|(is, _)| *is == wanted).map(|(_, ms)| *ms).collect();
    (of(true), of(false))
}

/// Two-sided p of the Mann-Whitney U test, by the normal approximation with the correction for ties.
fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        one.iter().map(|x| (*x, true)).chain(other.iter().map(|x| (*x, false))).collect();
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (n, m, total) = (one.len() as f64, other.len() as f64, all.len() as f64);
    let (mut rank_sum, mut ties, mut first) = (0.0, 0.0, 0);
    for group in all.chunk_by(|(a, _), (b, _)| a.total_cmp(b).is_eq()) {
        let size = group.len() as f64;
        let rank = first as f64 + f64::midpoint(size, 1.0);
        rank_sum += rank * group.iter().filter(|(_, of_one)| *of_one).count() as f64;
        ties += size.powi(3) - size;
        first += group.len();
    }
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let spread = (n * m / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)))).sqrt();
    2.0 * upper_tail(((u - n * m / 2.0).abs() / spread).max(0.0))
}

/// Of the standard normal distribution (Abramowitz and Stegun, 26.2.17).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / 0.231_641_9_f64.mul_add(z, 1.0);
    let sum = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429]
        .into_iter()
        .rev()
        .fold(0.0, |sum, term| (sum + term) * t);
    (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt() * sum
}

#[test]
fn statistic_tells_what_differs_and_only_that() {
    let even: Vec<f64> = (0..500).map(|n| f64::from(n % 97)).collect();
    let moved: Vec<f64> = even.iter().map(|x| x + 12.0).collect();

    assert!(mann_whitney(&even, &even) > 0.99);
    assert!(mann_whitney(&even, &moved) < 0.001);
    assert!((upper_tail(1.96) - 0.025).abs() < 0.000_1);
}

#[tokio::test]
async fn time_does_not_tell_which_addresses_are_known() {
    let api = Api::alone().await;
    let (mut waiting, mut verified) = (Vec::new(), Vec::new());
    for n in 0..50 {
        let person = api.unverified().await;
        if n % 2 == 0 {
            let body = json!({ "email": person.email, "code": api.code(&person.email, 1).await });
            api.post("/api/auth/verify", body).await.ok();
            verified.push(person);
        } else {
            waiting.push(person);
        }
    }
    for (name, question) in QUESTIONS {
        for (class, known) in [("waiting", &waiting), ("verified", &verified)] {
            times(&api, question, known, WARM_UP).await;
            let mut found = Vec::new();
            for _ in 0..ROUNDS {
                let (known, unknown) = times(&api, question, known, EACH).await;
                found.push(mann_whitney(&known, &unknown));
                if found.last().is_some_and(|p| *p > P) {
                    break;
                }
            }
            let is_alike = found.last().is_some_and(|p| *p > P);
            assert!(is_alike, "{name}, {class}: Mann-Whitney U, n = {EACH} each, p = {found:?}");
            println!("{name}, {class}: p = {found:?}");
        }
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn wrong_password_by_an_address_is_answered_late_whoever_waits_for_it() {
    let api = Api::shared().await;
    let (waiting, verified) = (api.unverified().await, api.verified("normal").await);
    for email in [waiting.email.as_str(), &verified.email, "nobody-at-all@example.com"] {
        let begun = Instant::now();
        let body = json!({ "email": email, "password": "a wrong walk at dusk" });
        assert_eq!(api.post("/api/auth/login", body).await.status, 401);
        assert!(begun.elapsed() >= Duration::from_millis(300), "{email}: {:?}", begun.elapsed());
    }
}
