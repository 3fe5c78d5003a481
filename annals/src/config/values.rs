//! The value of each setting and its source: defaults, then the file, then the environment, then flags.

use super::settings::{SETTINGS, Setting};
use anyhow::{Context, Result, bail};
use std::{collections::BTreeMap, path::Path};

/// The effective value of each setting, as text.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, (String, Source)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File,
    Environment,
    Flag,
    /// Made once and kept in the data directory.
    Generated,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
            Self::Generated => "generated",
        }
    }
}

impl Values {
    /// # Errors
    /// One line that names the unknown setting or the unreadable file.
    pub fn gather(file: Option<&Path>, flags: &[String]) -> Result<Self> {
        Self::from_parts(file, std::env::vars_os(), flags)
    }

    pub(crate) fn from_parts(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
        flags: &[String],
    ) -> Result<Self> {
        let mut values = Self::default();
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                values.set(setting.key, default.to_owned(), Source::Default)?;
            }
        }
        if let Some(path) = file {
            values.read_file(path)?;
        }
        for (name, value) in environment {
            values.read_variable(&name.to_string_lossy(), &value)?;
        }
        for flag in flags {
            let (key, value) =
                flag.split_once('=').with_context(|| format!("--set {flag}: expected key=value"))?;
            values.set(key, value.to_owned(), Source::Flag)?;
        }
        Ok(values)
    }

    /// The value, unless it is unset or empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|(value, _)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn source(&self, key: &str) -> Option<Source> {
        self.0.get(key).map(|(_, source)| *source)
    }

    /// # Errors
    /// If there is no such setting.
    pub fn set(&mut self, key: &str, value: String, source: Source) -> Result<()> {
        let setting = SETTINGS.iter().find(|setting| setting.key == key);
        let Some(Setting { key, .. }) = setting else {
            bail!("unknown setting `{key}` ({}); `annals config` lists all", source.name());
        };
        self.0.insert(key, (value, source));
        Ok(())
    }

    fn read_variable(&mut self, name: &str, value: &std::ffi::OsStr) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.env == name) else {
            if name.starts_with("ANNALS_") && name != "ANNALS_CONFIG" {
                bail!("unknown setting {name} in the environment; `annals config` lists all");
            }
            return Ok(());
        };
        let Some(value) = value.to_str() else { bail!("{name} is not UTF-8") };
        self.set(setting.key, value.to_owned(), Source::Environment)
    }

    fn read_file(&mut self, path: &Path) -> Result<()> {
        let shown = path.display();
        let file = config::Config::builder()
            .add_source(config::File::from(path).format(config::FileFormat::Toml))
            .build()
            .with_context(|| format!("cannot read {shown}"))?;
        let tree: serde_json::Value =
            file.try_deserialize().with_context(|| format!("cannot read {shown}"))?;
        let Some(sections) = tree.as_object() else { bail!("{shown} holds no sections") };
        for (section, content) in sections {
            let Some(entries) = content.as_object() else {
                bail!("{shown}: `{section}` must be a section, as in [{section}]");
            };
            for (name, value) in entries {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.set(&format!("{section}.{name}"), text, Source::File)
                    .with_context(|| shown.to_string())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(environment: &[(&str, &str)], flags: &[&str]) -> Result<Values> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Values::from_parts(None, environment, &flags.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn flags_win_over_the_environment_which_wins_over_defaults() {
        let values = gather(&[("ANNALS_LISTEN", "a:1"), ("ANNALS_STREAM", "E")], &["nats.stream=F"]).unwrap();

        assert_eq!(values.get("http.listen"), Some("a:1"));
        assert_eq!(values.get("nats.stream"), Some("F"));
        assert_eq!(values.get("nats.subject"), Some("annals.events"));
        assert_eq!(values.source("nats.stream"), Some(Source::Flag));
    }

    #[test]
    fn an_unknown_setting_is_refused_wherever_it_stands() {
        let variable = gather(&[("ANNALS_LISTN", "a:1")], &[]).unwrap_err().to_string();
        let flag = gather(&[], &["http.listn=a:1"]).unwrap_err().to_string();
        let file = std::env::temp_dir().join(format!("annals-config-{}.toml", std::process::id()));
        std::fs::write(&file, "[http]\nlistn = 'a:1'\n").unwrap();
        let in_file = format!("{:#}", Values::from_parts(Some(&file), [], &[]).unwrap_err());
        std::fs::remove_file(file).unwrap();

        assert!(variable.contains("ANNALS_LISTN"), "{variable}");
        assert!(flag.contains("http.listn"), "{flag}");
        assert!(in_file.contains("http.listn"), "{in_file}");
    }

    #[test]
    fn keys_and_variables_are_unique() {
        for (n, one) in SETTINGS.iter().enumerate() {
            for other in &SETTINGS[n + 1..] {
                assert!(one.key != other.key && one.env != other.env, "{}", one.key);
            }
        }
    }
}
