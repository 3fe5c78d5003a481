//! `docs/endpoints.md` lists every act of every area, made from their rows.

use super::areas;
use crate::{
    access::Access,
    acts::{Act, Effect},
    key_access::KeyAccess,
    openapi,
};
use std::fmt::Write;

const PREAMBLE: &str = "\
# Endpoints

This page is generated: `ANNALS_BLESS=1 cargo test --workspace --lib` writes it from the rows in `api/src/<area>/mod.rs`.
[http.md](http.md) describes what all endpoints have in common.

\"Session\" means any live session, \"verified\" a session of an account with a verified contact, \"staff\" a verified owner or admin.
\"With a token\" means that a session cookie alone is rejected.
A handler may be stricter than its row: the page of the area says so.
\"API key\" is the scope that an API key needs; without an entry, API keys are rejected or ignored.
\"If-Match\" marks the endpoints that compare the version in `If-Match`; every other change rejects `If-Match` with 412.
";

const HEAD: &str = "\
| What it does | Method and path | Alias paths | Who | API key | If-Match |
|---|---|---|---|---|---|
";

fn page() -> String {
    let document: serde_json::Value = serde_json::from_str(openapi::text()).unwrap();
    areas().iter().fold(PREAMBLE.to_owned(), |mut page, (area, acts)| {
        write!(page, "\n## [{area}](areas/{area}.md)\n\n{HEAD}").unwrap();
        acts.iter().for_each(|act| page.push_str(&line(act, &document)));
        page
    })
}

fn line(act: &Act, document: &serde_json::Value) -> String {
    let (method, path) = (&act.method, act.row.path);
    let summary = &document["paths"][path][method.as_str().to_lowercase()]["summary"];
    let summary = summary.as_str().unwrap_or_else(|| panic!("{} has no summary", act.id)).replace('\n', " ");
    let sentence = summary.split_once(". ").map_or(&*summary, |(first, _)| first).trim_end_matches('.');
    let aliases: Vec<String> = act.row.also.iter().map(|path| format!("`{path}`")).collect();
    let compared = if act.row.effect == Effect::Compares { "compared" } else { "" };
    let cells = [
        sentence.to_owned(),
        format!("`{method} {path}`"),
        aliases.join(", "),
        who(act),
        key(act.row.key),
        compared.to_owned(),
    ];
    cells.iter().fold(String::new(), |row, cell| match cell.is_empty() {
        true => row + "| ",
        false => row + "| " + cell + " ",
    }) + "|\n"
}

fn who(act: &Act) -> String {
    let who = match act.row.access {
        Access::Anyone => "anyone",
        Access::SignedIn | Access::Polled | Access::ByToken => "session",
        Access::Verified | Access::VerifiedByToken => "verified",
        Access::Staff => "staff",
    };
    let by_token = if act.row.access.needs_token(&act.method) { ", with a token" } else { "" };
    format!("{who}{by_token}")
}

fn key(key: KeyAccess) -> String {
    match key {
        KeyAccess::Open | KeyAccess::Never => String::new(),
        KeyAccess::Any => "any".to_owned(),
        KeyAccess::Scope(scope) => format!("`{scope}`"),
    }
}

#[test]
fn page_of_endpoints_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/endpoints.md");
    let page = page();
    if std::env::var_os("ANNALS_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "docs/endpoints.md is stale: run the tests of `api` with ANNALS_BLESS=1");
}
