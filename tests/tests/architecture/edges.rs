//! Which crate may use which: the map of `docs/architecture.md`, over what cargo says.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};

/// A crate, the crates of the workspace that it uses, and what it must never use besides.
struct Edges {
    name: &'static str,
    uses: &'static [&'static str],
    never: &'static [&'static str],
}

const fn edges(name: &'static str, uses: &'static [&'static str], never: &'static [&'static str]) -> Edges {
    Edges { name, uses, never }
}

/// In the order in which a command flows through them.
const MAP: &[Edges] = &[
    edges("annals", &["api", "bus", "commands", "domain", "projections", "store", "workers"], &["axum"]),
    edges("api", &["commands", "domain", "projections"], &["sqlx", "async-nats", "postgres-es", "argon2"]),
    edges("commands", &["domain", "store"], &["axum", "async-nats", "sqlx", "lettre"]),
    edges("domain", &[], &["sqlx", "async-nats", "axum", "tokio"]),
    edges("store", &["domain"], &["async-nats", "axum", "argon2", "lettre"]),
    edges("bus", &["domain", "store"], &["axum", "argon2", "lettre"]),
    edges("projections", &["bus", "domain", "store"], &["axum", "async-nats", "argon2", "lettre"]),
    // `store`: a handler reads the event that its job names and opens what is sealed in it.
    // `projections`: whom a job is about may stand in a read model; what becomes of them is decided by a command.
    edges(
        "workers",
        &["bus", "commands", "domain", "projections", "store"],
        &["axum", "async-nats", "argon2"],
    ),
    // These two stand outside the program and use any part of it to test or measure it.
    edges(
        "annals-tests",
        &["annals", "api", "bus", "commands", "domain", "projections", "store", "workers"],
        &[],
    ),
    edges(
        "annals-bench",
        &["annals", "annals-tests", "bus", "commands", "domain", "projections", "store", "workers"],
        &[],
    ),
];

/// All that the pure crate is made of.
const DOMAIN: [&str; 11] = [
    "chrono",
    "chrono-tz",
    "cqrs-es",
    "idna",
    "rust_decimal",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
    "unicode-properties",
    "uuid",
];

fn packages() -> Vec<Package> {
    let manifest = super::repository::root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap().packages
}

/// What each crate's code uses; what only its own tests use does not count.
fn used() -> BTreeMap<String, BTreeSet<String>> {
    let normal = |package: &Package| {
        let used = package.dependencies.iter().filter(|used| used.kind == DependencyKind::Normal);
        used.map(|used| used.name.clone()).collect()
    };
    packages().iter().map(|package| (package.name.to_string(), normal(package))).collect()
}

#[test]
fn every_crate_is_on_the_map() {
    let members: BTreeSet<String> = used().into_keys().collect();

    let mapped: BTreeSet<String> = MAP.iter().map(|edges| edges.name.to_owned()).collect();

    assert_eq!(members, mapped);
}

#[test]
fn crates_use_each_other_only_along_the_map() {
    let used = used();
    for edges in MAP {
        let others = used[edges.name].iter().map(String::as_str).filter(|name| used.contains_key(*name));
        let strangers: Vec<&str> = others.filter(|name| !edges.uses.contains(name)).collect();
        assert!(strangers.is_empty(), "{} uses {strangers:?}", edges.name);
    }
}

#[test]
fn no_crate_uses_what_is_not_its_business() {
    let used = used();
    for edges in MAP {
        let found: Vec<&str> =
            edges.never.iter().copied().filter(|name| used[edges.name].contains(*name)).collect();
        assert!(found.is_empty(), "{} uses {found:?}", edges.name);
    }
}

#[test]
fn domain_is_made_of_pure_crates_only() {
    let found = &used()["domain"];

    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), DOMAIN);
}

#[test]
fn the_document_shows_the_same_edges() {
    let document = super::repository::read("docs/architecture.md");
    for edges in MAP {
        let uses: Vec<String> = edges.uses.iter().map(|name| format!("`{name}`")).collect();
        let row =
            format!("| `{}` | {} |", edges.name, if uses.is_empty() { "–".into() } else { uses.join(", ") });
        assert!(document.contains(&row), "docs/architecture.md lacks the row {row}");
    }
}
