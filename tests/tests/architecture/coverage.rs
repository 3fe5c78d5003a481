//! `docs/coverage.md` is honest: every capability stands there once, and every test that it names exists.

use super::repository::{has_test, read};
use std::collections::BTreeMap;

/// How many capabilities each family has; they are numbered from 01.
const FAMILIES: [(&str, usize); 34] = [
    ("AUTH", 12),
    ("OTP", 4),
    ("SESS", 10),
    ("OAU", 4),
    ("MFA", 5),
    ("KEY", 1),
    ("USR", 7),
    ("ADM", 8),
    ("PRO", 8),
    ("PPF", 1),
    ("SET", 2),
    ("SOC", 7),
    ("BDG", 24),
    ("EVT", 4),
    ("AUD", 3),
    ("ANL", 3),
    ("AI", 12),
    ("KYC", 3),
    ("WAL", 2),
    ("DEV", 1),
    ("REQ", 6),
    ("NTF", 6),
    ("INT", 4),
    ("PFO", 8),
    ("MW", 5),
    ("RL", 5),
    ("SEC", 6),
    ("OPS", 4),
    ("CFG", 1),
    ("DEP", 2),
    ("QA", 4),
    ("CLI", 8),
    ("C", 47),
    ("TSK", 21),
];

/// A row: id, what it is, what shows it, what is open.
struct Row {
    id: String,
    shown: String,
    open: String,
}

fn rows() -> Vec<Row> {
    let document = read("docs/coverage.md");
    let rows = document.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, shown, open] = cells[..] else { return None };
        let (family, number) = id.split_once('-')?;
        let known = FAMILIES.iter().any(|(name, _)| *name == family);
        let numbered = number.len() == 2 && number.parse::<usize>().is_ok();
        (known && numbered).then(|| Row { id: id.to_owned(), shown: shown.to_owned(), open: open.to_owned() })
    });
    rows.collect()
}

/// The tests that a cell names: `file.rs::function`.
fn tests_in(shown: &str) -> Vec<(&str, &str)> {
    shown.split('`').skip(1).step_by(2).map(|name| name.rsplit_once("::").unwrap()).collect()
}

#[test]
fn every_capability_stands_there_once() {
    let rows = rows();
    let mut wanted: BTreeMap<String, usize> = FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |n| (format!("{family}-{n:02}"), 0)))
        .collect();

    for row in &rows {
        *wanted.get_mut(&row.id).unwrap_or_else(|| panic!("{} is no capability", row.id)) += 1;
    }

    let wrong: Vec<_> = wanted.into_iter().filter(|(_, found)| *found != 1).collect();
    assert!(wrong.is_empty(), "not exactly once: {wrong:?}");
}

#[test]
fn every_capability_is_shown_by_a_test_or_said_to_be_missing() {
    for Row { id, shown, open } in rows() {
        match shown.strip_prefix("shown by ") {
            Some(names) => assert!(!tests_in(names).is_empty(), "{id} names no test"),
            None => {
                assert_eq!(shown, "not yet", "{id}");
                assert_eq!(open, "", "{id}: all of it is open");
            }
        }
    }
}

#[test]
fn every_named_test_exists() {
    for Row { id, shown, .. } in rows() {
        for (file, function) in tests_in(&shown) {
            assert!(has_test(file, function), "{id}: there is no test {function} in {file}");
        }
    }
}
