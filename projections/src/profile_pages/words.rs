//! What a profile is found by, and what a search looks for: the same words of the same form (PRO-02).

use super::query::ProfilePage;
use domain::UserId;
use serde::Serialize;
use std::{collections::BTreeSet, iter};

/// Of a word; PostgreSQL takes no lexeme of 2 KiB, and no name is that long.
const LONGEST: usize = 64;
/// Of a search; more would only narrow it further.
const MOST: usize = 8;
/// A shorter text is similar to too much.
const SHORTEST_SIMILAR: usize = 3;

/// A row of `profile_names` or `profile_bios`, without what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ProfileWords {
    pub user_id: UserId,
    pub text: String,
}

impl ProfileWords {
    pub fn names(page: &ProfilePage) -> Self {
        let names = page.username.iter().chain(&page.full_name).flat_map(|text| words(text));
        Self { user_id: page.user_id, text: names.collect::<Vec<_>>().join(" ") }
    }

    /// Each word once: how often it is said is nobody's question.
    pub fn bio(page: &ProfilePage) -> Self {
        let bio: BTreeSet<String> = page.bio.iter().flat_map(|text| words(text)).collect();
        Self { user_id: page.user_id, text: bio.into_iter().collect::<Vec<_>>().join(" ") }
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    /// As typed, trimmed: a username or an address counts as a whole.
    pub(crate) whole: String,
    words: Vec<String>,
}

impl SearchText {
    /// In characters, after trimming.
    pub const MAX_CHARS: usize = 100;

    /// None if it is blank or too long.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = text.trim();
        let fits = (1..=Self::MAX_CHARS).contains(&whole.chars().count());
        fits.then(|| Self { whole: whole.to_owned(), words: words(whole).take(MOST).collect() })
    }

    /// All words, each as the beginning of one: text of a `tsquery`. None without a letter or a digit.
    pub(crate) fn beginnings(&self) -> Option<String> {
        let each: Vec<String> = self.words.iter().map(|word| format!("'{word}':*")).collect();
        (!each.is_empty()).then(|| each.join(" & "))
    }

    /// What names may be similar to.
    pub(crate) fn similar(&self) -> Option<String> {
        let text = self.words.join(" ");
        (text.chars().count() >= SHORTEST_SIMILAR).then_some(text)
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text.to_lowercase();
    iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        let word: String = rest[start..].chars().take_while(|c| c.is_alphanumeric()).collect();
        rest.drain(..start + word.len());
        Some(word.chars().take(LONGEST).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        words(text).collect()
    }

    #[test]
    fn words_are_letters_and_digits_in_lower_case_and_short() {
        assert_eq!(found("Jane.DOE-7, Ökonomin"), ["jane", "doe", "7", "ökonomin"]);
        assert_eq!(found(" \t!'\\:*"), Vec::<String>::new());
        assert_eq!(found(&"x".repeat(2_000)), ["x".repeat(LONGEST)]);
        assert_eq!(found("田中 太郎"), ["田中", "太郎"]);
    }

    #[test]
    fn search_is_bounded_and_nothing_in_it_is_syntax() {
        let text = SearchText::parse(" Jane' & !doe:* ").unwrap();

        assert_eq!(text.beginnings().as_deref(), Some("'jane':* & 'doe':*"));
        assert_eq!(text.similar().as_deref(), Some("jane doe"));
        assert_eq!(SearchText::parse("ab").unwrap().similar(), None);
        assert_eq!(SearchText::parse("'&|").unwrap().beginnings(), None);
        assert_eq!(SearchText::parse("  "), None);
        assert_eq!(SearchText::parse(&"x".repeat(101)), None);
    }
}
