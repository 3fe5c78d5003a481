//! The golden samples: one stored payload per event version, which must decode for ever.

use crate::{
    aggregate::EventKind,
    catalogue::{AnyEvent, CATALOGUE, FORMER, event_catalogue_markdown},
    decode::FormerVersion,
    personal::MARKER,
};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};

fn folder(below: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// Every sample on disk, by file name; those of superseded versions too.
fn samples() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder("samples")).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn file_name(kind: &EventKind) -> String {
    format!("{}.{}.v{}.json", kind.aggregate, kind.event_type, kind.version)
}

/// `aggregate.event_type.vN.json`
fn parts(file: &str) -> (&str, &str, &str) {
    let parts: Vec<_> = file.split('.').collect();
    let [aggregate, event_type, version, "json"] = parts[..] else { panic!("{file} is not a sample's name") };
    (aggregate, event_type, version.strip_prefix('v').unwrap())
}

/// Every object and every field of a payload, at any depth.
fn walk<'a>(value: &'a Value, visit: &mut dyn FnMut(Option<&'a str>, &'a Value), key: Option<&'a str>) {
    visit(key, value);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| walk(value, visit, Some(key))),
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit, key)),
        _ => {}
    }
}

#[test]
fn every_event_has_a_sample() {
    let found: BTreeSet<_> = samples().into_iter().map(|(file, _)| file).collect();

    for kind in CATALOGUE.iter().flat_map(|kinds| kinds.iter()) {
        assert!(found.contains(&file_name(kind)), "{} is missing", file_name(kind));
    }
}

#[test]
fn every_sample_decodes_and_those_of_today_are_written_again_as_they_were() {
    for (file, text) in samples() {
        let (aggregate, event_type, version) = parts(&file);

        let event = AnyEvent::decode(aggregate, event_type, version, &text).unwrap();

        assert_eq!(event.kind().event_type, event_type, "{file}");
        if event.kind().version == version {
            let stored: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(event.to_json().unwrap(), stored, "{file}");
        }
    }
}

#[test]
fn former_versions_become_those_of_today() {
    let written: Vec<_> = CATALOGUE.iter().flat_map(|kinds| kinds.iter()).collect();
    for FormerVersion { kind, sample, .. } in FORMER.iter().flat_map(|former| former.iter()) {
        let name = file_name(kind);
        assert!(!written.contains(&kind), "{name} is both written and former");

        let event = AnyEvent::decode(kind.aggregate, kind.event_type, kind.version, sample).unwrap();

        let (today, again) = (event.kind(), event.to_json().unwrap().to_string());
        assert_eq!((today.aggregate, today.event_type), (kind.aggregate, kind.event_type), "{name}");
        let read = AnyEvent::decode(today.aggregate, today.event_type, today.version, &again).unwrap();
        assert_eq!(read, event, "{name}");
    }
}

#[test]
fn no_sample_shows_personal_data() {
    for (file, text) in samples() {
        let payload: Value = serde_json::from_str(&text).unwrap();

        walk(
            &payload,
            &mut |_, value| {
                if let Some(personal) = value.as_object().filter(|fields| fields.contains_key(MARKER)) {
                    assert!(!personal.contains_key("value"), "{file} holds clear personal data");
                    assert!(personal.contains_key("sealed"), "{file} is not as the log stores it");
                }
            },
            None,
        );
    }
}

#[test]
fn no_sample_holds_a_secret() {
    const SECRET: [&str; 6] = ["password", "secret", "code", "token", "hash", "key"];

    for (file, text) in samples() {
        let payload: Value = serde_json::from_str(&text).unwrap();

        walk(
            &payload,
            &mut |key, value| {
                if key.is_some_and(|key| SECRET.iter().any(|word| key.contains(word))) {
                    let id = value.as_str().and_then(|text| uuid::Uuid::parse_str(text).ok());
                    assert!(id.is_some(), "{file}: {key:?} holds more than an id");
                }
            },
            None,
        );
    }
}

#[test]
fn unknown_events_and_versions_are_refused() {
    let sample = samples().remove(0).1;

    for (aggregate, event_type, version) in [
        ("nobody", "challenge_failed", "1"),
        ("challenge", "unheard_of", "1"),
        ("challenge", "challenge_failed", "9"),
    ] {
        assert!(AnyEvent::decode(aggregate, event_type, version, &sample).is_err());
    }
}

/// `ANNALS_BLESS=1 cargo test -p domain` writes the document instead.
#[test]
fn event_catalogue_document_is_current() {
    let path = folder("../docs/events.md");
    if std::env::var_os("ANNALS_BLESS").is_some() {
        fs::write(&path, event_catalogue_markdown()).unwrap();
    }

    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), event_catalogue_markdown());
}
