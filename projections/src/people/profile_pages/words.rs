//! The words of a profile and of a search, in the same normal form (PRO-02).

use super::query::ProfilePage;
use domain::{
    UserId,
    values::{Email, folded, is_unspaced},
};
use std::collections::BTreeSet;
use unicode_normalization::char::is_combining_mark;

/// Of a word; PostgreSQL takes no lexeme of 2 KiB, and no name is that long.
const LONGEST: usize = 64;
/// Of what is found within a word of a script without spaces; who looks for more looks for all its parts of this length.
const LONGEST_PART: usize = 8;
/// Of a search; more would only narrow it further.
const MOST: usize = 8;
/// A shorter text is similar to too much.
const SHORTEST_SIMILAR: usize = 3;

/// A row of `profile_names` or `profile_bios`, without what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProfileWords {
    pub user_id: UserId,
    pub text: String,
    /// What begins within a word where words are not parted by spaces: `小明` and `明` of `王小明`.
    pub parts: String,
}

impl ProfileWords {
    pub fn names(page: &ProfilePage) -> Self {
        let names = page.username.iter().chain(&page.full_name).flat_map(|text| words(text));
        Self::of(page.user_id, &names.collect::<Vec<_>>())
    }

    /// Each word once: how often it is said is nobody's question.
    pub fn bio(page: &ProfilePage) -> Self {
        let bio: BTreeSet<String> = page.bio.iter().flat_map(|text| words(text)).collect();
        Self::of(page.user_id, &bio.into_iter().collect::<Vec<_>>())
    }

    fn of(user_id: UserId, words: &[String]) -> Self {
        let parts: BTreeSet<String> = words.iter().flat_map(|word| parts(word)).collect();
        Self { user_id, text: words.join(" "), parts: parts.into_iter().collect::<Vec<_>>().join(" ") }
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
        let words = words(whole).into_iter().take(MOST).collect();
        fits.then(|| Self { whole: whole.to_owned(), words })
    }

    /// As an e-mail address is compared; what is none is nobody's.
    pub(crate) fn address(&self) -> String {
        Email::parse(&self.whole).map_or_else(|_| self.whole.to_lowercase(), |email| email.folded())
    }

    /// All words, each as the beginning of one: text of a `tsquery`. None without a letter or a digit.
    pub(crate) fn beginnings(&self) -> Option<String> {
        let asked = self.words.iter().flat_map(|word| asked(word));
        let each: Vec<String> = asked.map(|word| format!("'{word}':*")).collect();
        (!each.is_empty()).then(|| each.join(" & "))
    }

    /// What names may be similar to.
    pub(crate) fn similar(&self) -> Option<String> {
        let text = self.words.join(" ");
        (text.chars().count() >= SHORTEST_SIMILAR).then_some(text)
    }
}

/// Letters, digits and the marks that belong to them, folded.
fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let is_word = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let words = folded.split(|c| !is_word(c)).filter(|word| word.contains(char::is_alphanumeric));
    words.map(|word| word.chars().take(LONGEST).collect()).collect()
}

/// What begins within a word at a letter of a script without spaces, not too long; and the beginning, if it is too long
/// to be looked for as a whole.
fn parts(word: &str) -> impl Iterator<Item = String> {
    let starts = word.char_indices().filter(|(_, c)| is_unspaced(*c)).map(|(at, _)| &word[at..]);
    let part = |rest: &str| rest.chars().take(LONGEST_PART).collect::<String>();
    starts.map(part).filter(move |part| part != word)
}

/// A word that somebody looks for, in parts where it may begin within another and is longer than what is kept of those.
fn asked(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() <= LONGEST_PART || !letters.iter().all(|c| is_unspaced(*c)) {
        return vec![word.to_owned()];
    }
    letters
        .windows(LONGEST_PART)
        .step_by(LONGEST_PART / 2)
        .chain(letters.windows(LONGEST_PART).last())
        .map(String::from_iter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_without_case_and_accents_and_short() {
        assert_eq!(words("Jane.DOE-7, Ökonomin"), ["jane", "doe", "7", "okonomin"]);
        assert_eq!(words(" \t!'\\:* \u{301}"), Vec::<String>::new());
        assert_eq!(words(&"x".repeat(2_000)), ["x".repeat(LONGEST)]);
        assert_eq!(words("田中 太郎"), ["田中", "太郎"]);
        assert_eq!(words("शर्मिष्ठा"), ["शर्मिष्ठा"]);
    }

    fn parts_of(word: &str) -> Vec<String> {
        parts(word).collect()
    }

    #[test]
    fn given_name_begins_within_the_word_where_scripts_have_no_spaces() {
        assert_eq!(parts_of("王小明"), ["小明", "明"]);
        assert_eq!(parts_of("김민수"), ["민수", "수"]);
        assert_eq!(parts_of("ann田中"), ["田中", "中"]);
        assert_eq!(parts_of("jane"), Vec::<String>::new());
        assert_eq!(
            parts_of("一二三四五六七八九十")[..3],
            ["一二三四五六七八", "二三四五六七八九", "三四五六七八九十"]
        );
    }

    #[test]
    fn long_text_without_spaces_is_found_by_each_of_its_stretches() {
        let text: Vec<char> = "一二三四五六七八九十百千万".chars().collect();
        let whole = String::from_iter(&text);
        let kept = [vec![whole.clone()], parts_of(&whole)].concat();

        for from in 0..text.len() {
            for to in from + 1..=text.len() {
                let stretch = String::from_iter(&text[from..to]);
                let begins = |asked: &String| kept.iter().any(|word| word.starts_with(asked.as_str()));
                assert!(asked(&stretch).iter().all(begins), "{stretch}");
            }
        }
        assert!(!asked("万千百十九八七六五").iter().all(|asked| kept.contains(asked)));
    }

    #[test]
    fn search_is_bounded_and_nothing_in_it_is_syntax() {
        let text = SearchText::parse(" Jane' & !doe:* ").unwrap();

        assert_eq!(text.beginnings().as_deref(), Some("'jane':* & 'doe':*"));
        assert_eq!(text.similar().as_deref(), Some("jane doe"));
        assert_eq!(SearchText::parse("A@Bücher.de").unwrap().address(), "a@xn--bcher-kva.de");
        assert_eq!(SearchText::parse("ab").unwrap().similar(), None);
        assert_eq!(SearchText::parse("'&|").unwrap().beginnings(), None);
        assert_eq!(SearchText::parse("  "), None);
        assert_eq!(SearchText::parse(&"x".repeat(101)), None);
    }
}
