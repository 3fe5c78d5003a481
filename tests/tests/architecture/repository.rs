//! The files of the repository, as the other modules of this suite look at them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders whose names begin with a dot hold what a machine made, but for these.
const DOTTED: [&str; 2] = [".cargo", ".ci"];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every text file outside `target` and folders of machines, by its path from the root, in order.
pub fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let made = name == "target" || name == "__pycache__";
                let hidden = name.starts_with('.') && !DOTTED.contains(&name.as_str());
                if !made && !hidden {
                    folders.push(path);
                }
            } else if name != ".env" && name != ".git" && !name.ends_with(".log") {
                let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                // What is not UTF-8 is no text.
                found.extend(fs::read_to_string(&path).ok().map(|text| (shown, text)));
            }
        }
    }
    found.sort();
    assert!(found.len() > 100, "the repository was not found at {}", root().display());
    found
}

/// Only the Rust files.
pub fn rust() -> Vec<(String, String)> {
    texts().into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

/// The names in a folder, in order.
pub fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The folders in a folder, in order.
pub fn folders_in(folder: &str) -> Vec<String> {
    names_in(folder).into_iter().filter(|name| root().join(folder).join(name).is_dir()).collect()
}

/// Whether the file has a function of this name with an attribute that makes it a test.
pub fn has_test(file: &str, function: &str) -> bool {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {function}(");
    let mut places = lines.iter().enumerate().filter(|(_, line)| line.contains(&head)).map(|(at, _)| at);
    places.any(|at| {
        let mut attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        attributes.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

/// A generated text must be what the file holds; with `ANNALS_BLESS` set, the file is written instead.
pub fn assert_current(path: &str, generated: &str) {
    if std::env::var_os("ANNALS_BLESS").is_some() {
        fs::write(root().join(path), generated).unwrap();
    }
    assert!(
        read(path) == generated,
        "{path} is stale: ANNALS_BLESS=1 cargo test -p annals-tests --test architecture writes it"
    );
}
