//! `annals config`.

use crate::config::{
    Config, Values,
    settings::{SETTINGS, Setting},
};
use anyhow::Result;

/// Prints every setting with its value, where it comes from and what it means; then says whether it is valid.
///
/// # Errors
/// The first invalid value.
pub fn print(values: Values) -> Result<()> {
    for setting in SETTINGS {
        println!("{}", line(setting, &values));
    }
    Config::from_values(values).map(drop)
}

fn line(setting: &Setting, values: &Values) -> String {
    let shown = match values.get(setting.key) {
        None => "(unset)",
        Some(_) if setting.secret => "********",
        Some(value) => value,
    };
    let source = values.source(setting.key).map_or("", crate::config::Source::name);
    format!("{:<24} {:<26} {:<28} {:<12} {}", setting.key, setting.env, shown, source, setting.doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_may_hold_a_password_is_masked() {
        let flags: Vec<String> = SETTINGS.iter().map(|setting| format!("{}=p4ssw0rd", setting.key)).collect();
        let values = Values::from_parts(None, [], &flags).unwrap();

        for setting in SETTINGS {
            let words = ["url", "password", "secret_key", "user"];
            let telling =
                words.iter().any(|word| setting.key.ends_with(word)) || setting.key.starts_with("keys.");
            // A name and an address for everybody.
            let plain = ["http.public_url", "mail.user"].contains(&setting.key);
            let line = line(setting, &values);
            assert_eq!(line.contains("p4ssw0rd"), !setting.secret, "{line}");
            assert!(!telling || plain || setting.secret, "{line}");
        }
    }
}
