//! One concept, one place, one shape: aggregates, projections, migrations.

use super::repository::{folders_in, names_in, read};
use domain::catalogue::CATALOGUE;
use std::collections::BTreeSet;

const AGGREGATE: [&str; 4] = ["error.rs", "events.rs", "mod.rs", "state.rs"];
const PROJECTION: [&str; 4] = ["mod.rs", "project.rs", "query.rs", "tables.sql"];

/// What several aggregates are made of, and is none itself.
const SHARED: [&str; 1] = ["values"];

fn aggregates() -> BTreeSet<String> {
    let folders = folders_in("domain/src");
    folders.into_iter().filter(|folder| !SHARED.contains(&folder.as_str())).collect()
}

/// Folders that have any file that only projections have.
fn projections() -> BTreeSet<String> {
    let has_one = |folder: &String| {
        let names = names_in(&format!("projections/src/{folder}"));
        names.iter().any(|name| name != "mod.rs" && PROJECTION.contains(&name.as_str()))
    };
    folders_in("projections/src").into_iter().filter(has_one).collect()
}

fn assert_has(folder: &str, wanted: &[&str]) {
    let names = names_in(folder);
    let missing: Vec<&&str> = wanted.iter().filter(|file| !names.iter().any(|name| name == *file)).collect();
    assert!(missing.is_empty(), "{folder} lacks {missing:?}");
}

#[test]
fn every_aggregate_folder_has_its_files_and_a_decision() {
    for aggregate in aggregates() {
        let folder = format!("domain/src/{aggregate}");
        assert_has(&folder, &AGGREGATE);
        assert!(names_in(&folder).len() > AGGREGATE.len(), "{folder} decides nothing");
    }
}

#[test]
fn every_aggregate_folder_is_in_the_catalogue_under_its_own_name() {
    let listed: BTreeSet<String> =
        CATALOGUE.iter().map(|kinds| kinds.first().unwrap().aggregate.to_owned()).collect();

    assert_eq!(aggregates(), listed);
}

#[test]
fn every_projection_folder_has_its_four_files() {
    for projection in projections() {
        assert_has(&format!("projections/src/{projection}"), &PROJECTION);
    }
}

#[test]
fn every_projection_folder_is_in_the_registry() {
    let listed: BTreeSet<String> = projections::NAMES.iter().map(ToString::to_string).collect();

    assert_eq!(projections(), listed);
}

#[test]
fn migrations_are_numbered_without_gaps_and_say_why() {
    for folder in ["migrations", "migrations/keys"] {
        let files: Vec<String> = names_in(folder).into_iter().filter(|name| name.ends_with(".sql")).collect();
        assert!(!files.is_empty(), "{folder}");
        for (number, file) in (1..).zip(&files) {
            assert!(file.starts_with(&format!("{number:04}_")), "{folder}/{file} is not number {number}");
            assert!(read(&format!("{folder}/{file}")).starts_with("-- "), "{folder}/{file} has no comment");
        }
    }
}
