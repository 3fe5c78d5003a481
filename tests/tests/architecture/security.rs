//! `docs/security.md` is honest: each requirement of OWASP ASVS 5.0.0 up to level 2 stands in one of its chapters once,
//! what a chapter names exists, and what the page says is open is what the chapters say.

use super::repository::{assert_current, has_test, names_in, read, root};
use std::{collections::BTreeMap, fmt::Write};

/// Ids and levels of the requirements, in their order.
const REQUIREMENTS: &str = "tests/tests/architecture/asvs-5.0.0.tsv";
const PAGE: &str = "docs/security.md";
const CHAPTERS: &str = "docs/security";
const BEGIN: &str = "<!-- what is open: written by the architecture tests -->\n";
const END: &str = "<!-- end of what is open -->\n";

const HOLDS: &str = "holds";
const OPEN: &str = "open";
const OPERATOR: &str = "operator";
const ABSENT: &str = "does not apply";
const STATES: [&str; 4] = [HOLDS, OPEN, OPERATOR, ABSENT];

/// More words than these would be the standard's own sentence.
const MOST_WORDS: usize = 12;

/// A line of a chapter.
struct Row {
    /// The name of the chapter's file.
    chapter: String,
    id: String,
    level: String,
    asks: String,
    state: String,
    shown: String,
}

/// Ids with their levels, each once.
fn requirements() -> Vec<(String, String)> {
    let text = read(REQUIREMENTS);
    let pairs = text.lines().map(|line| line.split_once('\t').unwrap());
    pairs.map(|(id, level)| (format!("v5.0.0-{id}"), level.to_owned())).collect()
}

/// The lines of all chapters, in the order of the requirements.
fn rows() -> Vec<Row> {
    let place: BTreeMap<String, usize> = (0..).zip(requirements()).map(|(at, (id, _))| (id, at)).collect();
    let mut rows: Vec<Row> = names_in(CHAPTERS).iter().flat_map(|chapter| rows_of(chapter)).collect();
    rows.sort_by_key(|row| place.get(&row.id).copied());
    rows
}

fn rows_of(chapter: &str) -> Vec<Row> {
    let text = read(&format!("{CHAPTERS}/{chapter}"));
    let lines = text.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let rows = lines.filter(|line| line.trim_start().starts_with("v5.0.0-")).map(|line| {
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        let [id, level, asks, state, shown] = <[String; 5]>::try_from(cells).unwrap();
        Row { chapter: chapter.to_owned(), id, level, asks, state, shown }
    });
    rows.collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The tests that a text names: `file.rs::function`.
fn tests_in(text: &str) -> Vec<(&str, &str)> {
    let names = quoted(text).filter_map(|name| name.split_once("::"));
    names.filter(|(file, _)| file.contains('/') && file.ends_with(".rs")).collect()
}

/// The files that a text links to.
fn links_in(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link).collect()
}

#[test]
fn every_requirement_stands_in_the_chapters_once_with_its_level() {
    let mut wanted: BTreeMap<(String, String), usize> =
        requirements().into_iter().map(|requirement| (requirement, 0)).collect();
    assert_eq!(wanted.len(), 253, "70 of level 1 and 183 of level 2");

    for Row { id, level, .. } in rows() {
        let found = wanted.get_mut(&(id.clone(), level.clone()));
        *found.unwrap_or_else(|| panic!("{id} of level {level} is no requirement")) += 1;
    }

    let wrong: Vec<_> = wanted.into_iter().filter(|(_, found)| *found != 1).collect();
    assert!(wrong.is_empty(), "not exactly once: {wrong:?}");
}

#[test]
fn what_holds_is_shown_and_everything_else_says_why() {
    for Row { id, asks, state, shown, .. } in rows() {
        assert!(STATES.contains(&state.as_str()), "{id}: `{state}` is none of {STATES:?}");
        assert!((1..=MOST_WORDS).contains(&asks.split_whitespace().count()), "{id}: {asks}");
        assert!(!shown.is_empty(), "{id} says nothing");
        if state == HOLDS || state == OPERATOR {
            let above = shown.contains("table above") || shown.contains("inventory above");
            let named = !tests_in(&shown).is_empty() || !links_in(&shown).is_empty();
            assert!(named || above || shown.contains("ommand `"), "{id} names nothing that shows it");
        }
    }
}

#[test]
fn every_test_and_page_that_a_chapter_names_exists() {
    for chapter in names_in(CHAPTERS) {
        let text = read(&format!("{CHAPTERS}/{chapter}"));
        for (file, function) in tests_in(&text) {
            assert!(has_test(file, function), "{chapter}: there is no test {function} in {file}");
        }
        for link in links_in(&text) {
            assert!(root().join(CHAPTERS).join(link).is_file(), "{chapter}: {link} leads nowhere");
        }
    }
}

#[test]
fn page_lists_what_is_open_and_counts_the_rest() {
    let document = read(PAGE);
    let (before, rest) = document.split_once(BEGIN).expect("the beginning is marked");
    let (_, after) = rest.split_once(END).expect("the end is marked");

    assert_current(PAGE, &format!("{before}{}{after}", summary(&rows())));
}

fn summary(rows: &[Row]) -> String {
    let mut text =
        format!("{BEGIN}\n| Requirement | Level | Asks that | What is missing |\n|---|---|---|---|\n");
    for Row { chapter, id, level, asks, shown, .. } in rows.iter().filter(|row| row.state == OPEN) {
        // Links are relative to the chapter there, and to its folder's parent here.
        let shown = shown.replace("](", "](security/").replace("](security/../", "](");
        let _ = writeln!(text, "| [{id}](security/{chapter}) | {level} | {asks} | {shown} |");
    }
    text.push_str("\n| Chapter | Requirements | hold | open | the operator's | do not apply |\n|---|---|---|---|---|---|\n");
    let mut chapters: Vec<&str> = rows.iter().map(|row| row.chapter.as_str()).collect();
    chapters.dedup();
    for chapter in chapters {
        let of: Vec<&Row> = rows.iter().filter(|row| row.chapter == chapter).collect();
        let title = read(&format!("{CHAPTERS}/{chapter}"));
        let title = title.lines().next().unwrap().trim_start_matches("# ");
        let _ = writeln!(text, "| [{title}](security/{chapter}) {}", counts(&of));
    }
    let _ = writeln!(text, "| all {}", counts(&rows.iter().collect::<Vec<_>>()));
    text + "\n" + END
}

fn counts(rows: &[&Row]) -> String {
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let [hold, open, operator, absent] = STATES.map(count);
    format!("| {} | {hold} | {open} | {operator} | {absent} |", rows.len())
}
