//! What holds for every file.

use super::repository::{names_in, read, rust, texts};

const MOST_LINES: usize = 400;

/// Longer files, and why they are.
const LONG: [(&str, &str); 6] = [
    ("Cargo.lock", "written by cargo"),
    ("commands/data/common_passwords.txt", "data: one password a line"),
    ("docs/asyncapi.json", "generated"),
    ("docs/events.md", "generated"),
    ("docs/openapi.json", "generated"),
    ("domain/data/cities.tsv", "data: one city a line"),
];

/// Folders of people's machines.
const MACHINES: [&str; 4] = ["root", "home", "Users", "work"];

/// What points a package manager at a registry of one's own.
const REGISTRIES: [&str; 7] =
    ["replace-with", "[source.", "[registries", "index-url", "npm config set", "GOPROXY", "PIP_INDEX"];

/// This file names what it looks for.
const THIS: &str = "tests/tests/architecture/files.rs";

#[test]
fn every_rust_file_opens_with_what_it_is_for() {
    let bare: Vec<String> =
        rust().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();

    assert!(bare.is_empty(), "these do not begin with `//!`: {bare:?}");
}

#[test]
fn no_file_is_long_but_for_the_listed_ones() {
    for (path, text) in texts() {
        let lines = text.lines().count();
        let listed = LONG.iter().any(|(long, _)| *long == path);
        assert!(lines <= MOST_LINES || listed, "{path} has {lines} lines: make it two");
        assert!(lines > MOST_LINES || !listed, "{path} is not long any more: take it from the list");
    }
}

#[test]
fn nothing_is_left_for_later_in_a_comment() {
    for (path, text) in texts().into_iter().filter(|(path, _)| path != THIS) {
        for word in ["TODO", "FIXME"] {
            assert!(!text.contains(word), "{path} has a {word}: do it, or leave it out");
        }
    }
}

#[test]
fn no_file_names_a_folder_of_somebodys_machine() {
    for (path, text) in texts() {
        let text = text.replace("/home/linuxbrew/", "");
        for folder in MACHINES {
            let absolute = |before: &str| text.contains(&format!("{before}/{folder}/"));
            let found = ["\n", " ", "\"", "'", "`", "(", "=", ":"].into_iter().any(absolute);
            assert!(!found, "{path} names a path below /{folder}");
        }
    }
}

#[test]
fn packages_come_from_where_everybody_gets_them() {
    for (path, text) in texts().into_iter().filter(|(path, _)| path != THIS) {
        for setting in REGISTRIES {
            assert!(!text.contains(setting), "{path} sets a registry by {setting}");
        }
    }
    for line in read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        let known = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert_eq!(line, known, "a dependency from elsewhere");
    }
}

/// Data that is compiled in can be made again: the script beside it says from what, and under which licence.
#[test]
fn every_folder_of_data_has_the_script_that_makes_it() {
    for folder in ["commands/data", "domain/data"] {
        let script = read(&format!("{folder}/make.py"));
        for word in ["Source:", "Licence:", "Date:", "--check"] {
            assert!(script.contains(word), "{folder}/make.py does not say {word}");
        }
        let made = names_in(folder).into_iter().filter(|name| name != "make.py");
        for name in made {
            assert!(script.contains(&name), "{folder}/make.py does not make {name}");
        }
    }
}
