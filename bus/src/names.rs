//! Names of the stream and its subjects.

use store::Recorded;

/// Names of one log's stream. A stream belongs to one log: another log needs another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The JetStream stream; no dots, no blanks.
    pub stream: String,
    /// First tokens of every subject: `<prefix>.<aggregate>.<event type>`.
    pub prefix: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { stream: "ANNALS".into(), prefix: "annals.events".into() }
    }
}

impl Names {
    /// The subject of one event.
    pub fn subject(&self, event: &Recorded) -> String {
        format!("{}.{}.{}", self.prefix, token(&event.aggregate_type), token(&event.event_type))
    }

    /// The subject of all events.
    pub fn all(&self) -> String {
        format!("{}.>", self.prefix)
    }
}

/// A name of the log as one token of a subject. The log's names are lower snake case already; one that is not must
/// not stop the relay for good.
pub(crate) fn token(name: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let token: String = name.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    if token.is_empty() { "_".into() } else { token }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_of_a_name_is_the_name() {
        assert_eq!(token("user_registered"), "user_registered");
    }

    #[test]
    fn token_of_what_is_no_name_is_still_one_token() {
        assert_eq!(token("a.b *>\r\n"), "a_b_____");
        assert_eq!(token(""), "_");
    }
}
