//! `docs/operations.md` and `.env.example` list the settings of the program, all and as they are.

use super::repository::{assert_current, read};
use annals::config::settings::{SETTINGS, Setting};

const DOCUMENT: &str = "docs/operations.md";
const BEGIN: &str = "<!-- settings: written by the architecture tests -->\n";
const END: &str = "<!-- end of settings -->\n";

const PREAMBLE: &str = "\
# Every setting of Annals, with its default; an empty one counts as unset.
# `cp .env.example .env`, change what must differ, and `set -a; . ./.env; set +a; annals serve`.
# ANNALS_CONFIG names a TOML file of the same settings; what is set here wins over it.
";

fn row(setting: &Setting) -> String {
    let Setting { key, env, default, secret, doc } = setting;
    let default = match (default, secret) {
        (Some(default), _) => format!("`{default}`"),
        (None, true) => "unset, secret".to_owned(),
        (None, false) => "unset".to_owned(),
    };
    format!("| `{key}` | `{env}` | {default} | {} |\n", doc.replace('<', "\\<"))
}

fn table() -> String {
    let rows: String = SETTINGS.iter().map(row).collect();
    format!("{BEGIN}\n| Setting | Variable | Default | Meaning |\n|---|---|---|---|\n{rows}\n{END}")
}

fn line(setting: &Setting) -> String {
    let Setting { env, default, doc, .. } = setting;
    let value = default.unwrap_or_default();
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._-:/,=".contains(c));
    let value = if plain { value.to_owned() } else { format!("'{value}'") };
    format!("\n# {doc}\n{env}={value}\n")
}

#[test]
fn operations_lists_every_setting() {
    let document = read(DOCUMENT);
    let (before, rest) = document.split_once(BEGIN).expect("the table's beginning is marked");
    let (_, after) = rest.split_once(END).expect("the table's end is marked");

    assert_current(DOCUMENT, &format!("{before}{}{after}", table()));
}

#[test]
fn example_environment_lists_every_setting() {
    let lines: String = SETTINGS.iter().map(line).collect();

    assert_current(".env.example", &format!("{PREAMBLE}{lines}"));
}
