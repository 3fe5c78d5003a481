//! One concept, one place, one shape: areas, aggregates, projections, migrations.

use super::repository::{folders_in, names_in, read};
use domain::catalogue::CATALOGUE;
use std::collections::BTreeSet;

const AGGREGATE: [&str; 4] = ["error.rs", "events.rs", "mod.rs", "state.rs"];
const PROJECTION: [&str; 4] = ["mod.rs", "project.rs", "query.rs", "tables.sql"];

/// What each layer has besides areas. A layer that has nothing of an area lacks its folder.
const LAYERS: [(&str, &[&str]); 6] = [
    ("domain/src", &["engine", "values"]),
    ("commands/src", &["engine"]),
    ("projections/src", &["engine"]),
    ("api/src", &["edge", "guard", "http", "operations"]),
    ("workers/src", &["engine"]),
    ("tests/tests/http", &["contract", "operations"]),
];

/// The folders of a layer that are areas.
fn areas(layer: &str, besides: &[&str]) -> BTreeSet<String> {
    folders_in(layer).into_iter().filter(|folder| !besides.contains(&folder.as_str())).collect()
}

/// Paths of the folders of all areas of a layer, and of the areas.
fn folders_of_areas(layer: &str) -> Vec<String> {
    let (_, besides) = LAYERS.iter().find(|(name, _)| *name == layer).unwrap();
    let mut found = Vec::new();
    for area in areas(layer, besides) {
        let path = format!("{layer}/{area}");
        found.extend(folders_in(&path).into_iter().map(|folder| format!("{path}/{folder}")));
        found.push(path);
    }
    found
}

fn name_of(folder: &str) -> String {
    folder.rsplit('/').next().unwrap().to_owned()
}

fn aggregates() -> Vec<String> {
    folders_of_areas("domain/src").into_iter().filter(|path| path.split('/').count() == 4).collect()
}

/// Folders that have any file that only projections have.
fn projections() -> Vec<String> {
    let has_one = |folder: &String| {
        let names = names_in(folder);
        names.iter().any(|name| name != "mod.rs" && PROJECTION.contains(&name.as_str()))
    };
    folders_of_areas("projections/src").into_iter().filter(has_one).collect()
}

fn assert_has(folder: &str, wanted: &[&str]) {
    let names = names_in(folder);
    let missing: Vec<&&str> = wanted.iter().filter(|file| !names.iter().any(|name| name == *file)).collect();
    assert!(missing.is_empty(), "{folder} lacks {missing:?}");
}

/// The domain knows every area: `ls */src/badges` is all that there is of badges.
#[test]
fn areas_are_called_the_same_in_every_layer() {
    let known = areas("domain/src", LAYERS[0].1);
    for (layer, besides) in LAYERS {
        let unknown: Vec<_> = areas(layer, besides).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{layer} has areas that the domain does not know: {unknown:?}");
        assert!(
            besides.iter().all(|folder| folders_in(layer).iter().any(|found| found == folder)),
            "{layer} lacks {besides:?}"
        );
    }
}

#[test]
fn every_aggregate_folder_has_its_files_and_a_decision() {
    // What a person owns is one list: `owned!` writes the rest.
    let listed = |folder: &String| read(&format!("{folder}/mod.rs")).contains("\nowned! {");
    for folder in aggregates().into_iter().filter(|folder| !listed(folder)) {
        assert_has(&folder, &AGGREGATE);
        assert!(names_in(&folder).len() > AGGREGATE.len(), "{folder} decides nothing");
    }
}

#[test]
fn every_aggregate_folder_is_in_the_catalogue_under_its_own_name() {
    let listed: BTreeSet<String> =
        CATALOGUE.iter().map(|kinds| kinds.first().unwrap().aggregate.to_owned()).collect();

    assert_eq!(aggregates().iter().map(|folder| name_of(folder)).collect::<BTreeSet<_>>(), listed);
}

#[test]
fn every_projection_folder_has_its_four_files() {
    for projection in projections() {
        assert_has(&projection, &PROJECTION);
    }
}

#[test]
fn every_projection_folder_is_in_the_registry() {
    let listed: BTreeSet<String> = projections::NAMES.iter().map(ToString::to_string).collect();

    assert_eq!(projections().iter().map(|folder| name_of(folder)).collect::<BTreeSet<_>>(), listed);
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
