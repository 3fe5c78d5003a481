//! People over HTTP: a profile beside a bare handler, pages of many followers, searches, follows.
//!
//! The many are written into the read models' tables directly, by `generate_series`: to make them by commands would
//! take longer than everything that is measured, and no read looks at the log.

use crate::{
    bare::Bare,
    report::{Floor, Latencies, Report},
};
use annals_tests::program::Program;
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const CLIENTS: usize = 16;
const PROFILES: i64 = 100_000;
const FEW: i64 = 10;
const PASSWORD: &str = "a long walk at dusk";

pub struct Account {
    id: String,
    pub token: String,
}

pub async fn run(report: &mut Report) {
    let program = Program::start().await;
    let postgres = program.supervisor_url("annals");
    let accounts = Arc::new(accounts(&program, CLIENTS).await);
    for (name, prefer) in [("waiting", None), ("respond-async", Some("respond-async"))] {
        follows(report, &program, &accounts, name, prefer).await;
    }
    profile(report, &program, &postgres, &accounts).await;
    seed(&postgres, &accounts).await;
    report.line(&format!("{PROFILES} profiles and followers, written into the read models' tables by SQL:"));
    followers(report, &program, &accounts).await;
    searches(report, &program, &accounts).await;
    program.stop().await;
}

pub async fn accounts(program: &Program, count: usize) -> Vec<Account> {
    let mut accounts = Vec::new();
    for n in 0..count {
        let name = format!("people{n}");
        program.create_user(&name, &format!("{name}@example.com"), "normal", PASSWORD).await;
        let body = json!({ "username": name, "password": PASSWORD });
        let login = Client::new().post(program.url("/api/auth/login")).json(&body).send().await.unwrap();
        let login: Value = login.json().await.unwrap();
        let text = |member: &str| login[member].as_str().expect("a login").to_owned();
        accounts.push(Account { id: text("user_id"), token: text("access_token") });
    }
    accounts
}

async fn read(client: &Client, url: &str, token: &str) -> Value {
    let reply = client.get(url).bearer_auth(token).send().await.unwrap();
    assert!(reply.status().is_success(), "{url}: {}", reply.status());
    reply.json().await.unwrap()
}

/// Each client follows and unfollows its neighbour in turn.
async fn follows(
    report: &mut Report,
    program: &Program,
    accounts: &Arc<Vec<Account>>,
    name: &str,
    prefer: Option<&'static str>,
) {
    let (client, begin) = (Client::new(), Instant::now());
    let loops = (0..CLIENTS).map(|n| {
        let (client, accounts, url) = (client.clone(), Arc::clone(accounts), program.url("/api/follows"));
        tokio::spawn(async move {
            let (own, other) = (&accounts[n], &accounts[(n + 1) % CLIENTS]);
            let (mut follow, mut done) = (None::<String>, 0_u64);
            while begin.elapsed() < Duration::from_secs(8) {
                let request = match &follow {
                    None => client.post(&url).json(&json!({ "user_id": other.id })),
                    Some(id) => client.delete(format!("{url}/{id}")),
                };
                let request = request.bearer_auth(&own.token);
                let request = prefer
                    .map_or(request.try_clone(), |how| request.try_clone().map(|r| r.header("prefer", how)));
                let reply = request.expect("a body in memory").send().await.unwrap();
                assert!(reply.status().is_success(), "{}", reply.status());
                let reply: Value = reply.json().await.unwrap();
                follow = follow.is_none().then(|| reply["id"].as_str().expect("an id").to_owned());
                done += 1;
            }
            done
        })
    });
    let done: u64 =
        futures::future::join_all(loops.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).sum();
    let what = format!("follows and unfollows over HTTP, {CLIENTS} clients, {name}");
    report.row(&what, done as f64 / begin.elapsed().as_secs_f64(), "/s", Floor::Shown, "");
}

/// Requests per second of closed loops, one for each account.
async fn rate(client: &Client, url: &str, accounts: &[Account]) -> f64 {
    let (done, begin) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let loops = accounts.iter().map(|account| {
        let (client, url, token, done) =
            (client.clone(), url.to_owned(), account.token.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            while begin.elapsed() < Duration::from_secs(3) {
                read(&client, &url, &token).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    futures::future::join_all(loops.collect::<Vec<_>>()).await;
    done.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
}

async fn profile(report: &mut Report, program: &Program, postgres: &str, accounts: &[Account]) {
    let (client, bare) = (Client::new(), Bare::start(postgres).await);
    let person = &accounts[1];
    let own = program.url(&format!("/api/profiles/{}", person.id));
    let other = format!("{}/{}", bare.url, person.id);
    let (mut ours, mut theirs) = (0.0, 0.0);
    // In turns, so that what else the machine does meets both.
    for _ in 0..3 {
        ours += rate(&client, &own, accounts).await / 3.0;
        theirs += rate(&client, &other, accounts).await / 3.0;
    }
    let detail = format!("{ours:.0} ÷ {theirs:.0} requests/s");
    report.row(
        "profile with JWT, 16 viewers ÷ bare axum and sqlx",
        ours / theirs,
        "×",
        Floor::AtLeast(0.7),
        &detail,
    );
}

/// Of the first two accounts one has all the others as followers, the other ten of them.
async fn seed(postgres: &str, accounts: &[Account]) {
    let pool = PgPool::connect(postgres).await.unwrap();
    sqlx::raw_sql(&format!(
        "CREATE TABLE many AS SELECT gen_random_uuid() AS id, n, lower(first) || n AS name,
             first || ' ' || initcap(substr(md5(n::text), 1, 7)) AS full_name,
             'walks and reads ' || substr(md5((n % 5000)::text), 1, 6) AS bio,
             timestamptz '2026-01-01' + n * interval '1 second' AS at FROM generate_series(1, {PROFILES}) n,
             LATERAL (SELECT (ARRAY['Anna','Boris','Clara','Dmitri','Elena','Farid','Greta','Hiro','Ines','Jonas',
                 'Katarina','Liam'])[1 + n % 12]) AS names (first);
         INSERT INTO p_accounts.accounts SELECT (r).* FROM (SELECT jsonb_populate_record(a, jsonb_build_object(
             'user_id', id, 'username', name, 'email', name || '@example.net', 'created_at', at)) AS r
             FROM many, p_accounts.accounts a WHERE a.user_id = '{0}') rows;
         INSERT INTO p_profile_pages.profile_pages SELECT (r).* FROM (SELECT jsonb_populate_record(p, jsonb_build_object(
             'user_id', id, 'username', name, 'full_name', many.full_name, 'bio', many.bio, 'email', name || '@example.net',
             'created_at', at)) AS r FROM many, p_profile_pages.profile_pages p WHERE p.user_id = '{0}') rows;
         INSERT INTO p_profile_pages.profile_names (user_id, text)
             SELECT id, lower(name || ' ' || full_name) FROM many;
         INSERT INTO p_profile_pages.profile_bios (user_id, text) SELECT id, bio FROM many;
         INSERT INTO p_social_graph.follow_periods
             SELECT gen_random_uuid(), 1, id, star, 'accepted', at, at, at, NULL FROM many,
                 (VALUES (uuid '{0}', {PROFILES}), (uuid '{1}', {FEW})) AS stars (star, most) WHERE n <= most;
         INSERT INTO p_social_graph.follow_counts VALUES ('{0}', {PROFILES}, 0), ('{1}', {FEW}, 0)
             ON CONFLICT (user_id) DO UPDATE SET follower_count = excluded.follower_count;",
        accounts[0].id, accounts[1].id
    ))
    .execute(&pool)
    .await
    .unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&pool).await.unwrap();
    pool.close().await;
}

/// One client, one request after the other.
async fn latencies(program: &Program, token: &str, paths: &[String], count: usize) -> Latencies {
    let (client, mut latencies) = (Client::new(), Latencies::default());
    for n in 0..count + 50 {
        let begin = Instant::now();
        read(&client, &program.url(&paths[n % paths.len()]), token).await;
        if n >= 50 {
            latencies.add(begin.elapsed());
        }
    }
    latencies
}

async fn followers(report: &mut Report, program: &Program, accounts: &[Account]) {
    let path = |person: &Account| [format!("/api/follows?direction=followers&user={}", person.id)];
    let token = &accounts[2].token;
    let many = latencies(program, token, &path(&accounts[0]), 500).await;
    let few = latencies(program, token, &path(&accounts[1]), 500).await;
    let what = format!("page of followers, of {PROFILES} ÷ of {FEW}, p50");
    let detail = format!("of many {}; of few {}", many.summary(), few.summary());
    report.row(&what, many.quantile(0.5) / few.quantile(0.5), "×", Floor::AtMost(1.5), &detail);
}

async fn searches(report: &mut Report, program: &Program, accounts: &[Account]) {
    // Usernames, beginnings that many and few have, misspelt names, biographies, and what nobody is called.
    let words = [
        "elena4708",
        "jonas1",
        "an",
        "katarina",
        "Katrina",
        "jonass",
        "gretta",
        "walks",
        "reads+walks",
        "boris+a",
        "dmitry",
        "katarrina98",
        "xyzzyq",
        "Elena+0",
        "c4ca42",
        "f",
    ];
    let paths = words.map(|word| format!("/api/profiles?search={word}"));
    let found = latencies(program, &accounts[2].token, &paths, 800).await;
    let what = format!("search among {PROFILES} profiles, p99");
    report.row(&what, found.quantile(0.99), "ms", Floor::AtMost(50.0), &found.summary());
    for path in &paths {
        let one = latencies(program, &accounts[2].token, std::slice::from_ref(path), 10).await;
        report.line(&format!("    {path}: p50 {:.1} ms", one.quantile(0.5)));
    }
}
