//! `annals config`.

use crate::config::{Config, Values, settings::SETTINGS};
use anyhow::Result;

/// Prints every setting with its value, where it comes from and what it means; then says whether it is valid.
///
/// # Errors
/// The first invalid value.
pub fn print(values: Values) -> Result<()> {
    for setting in SETTINGS {
        let shown = match values.get(setting.key) {
            None => "(unset)".to_owned(),
            Some(_) if setting.secret => "********".to_owned(),
            Some(value) => value.to_owned(),
        };
        let source = values.source(setting.key).map_or("", crate::config::Source::name);
        println!("{:<24} {:<26} {:<28} {:<12} {}", setting.key, setting.env, shown, source, setting.doc);
    }
    Config::from_values(values).map(drop)
}
