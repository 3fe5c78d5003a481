//! Rules of names that are shown: visible characters only, and nothing that disguises one line as another.
//!
//! Names stand beside those of others, in lists, mails and warnings. Whoever reads one must see all of it, in the order
//! in which it is written (UTS 39, Unicode Security Mechanisms; UAX 9, Bidirectional Algorithm).
//! What was stored before there was this rule still decodes and shows.

use super::ValueError;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory as Category, UnicodeEmoji, UnicodeGeneralCategory};

/// Marks upon one letter: UTS 39, section 5.4.
const MOST_MARKS: usize = 4;
/// The flags of England, Scotland and Wales, which are written with letters that nobody sees (UTS 51, ED-14a).
const TAGGED_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// Whether a name can be seen, whole and as it is written.
pub(super) fn check(name: &str) -> Result<(), ValueError> {
    let chars: Vec<char> = name.chars().collect();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if *c == '\u{1f3f4}'
            && let Some(length) = tagged_flag(&chars[at + 1..])
        {
            at += length;
        } else if !is_allowed(&chars, at) {
            return Err(ValueError::UnseenCharacter);
        }
        at += 1;
    }
    if !chars.iter().any(|c| !is_mark(*c) && !is_selector(*c)) {
        return Err(ValueError::UnseenCharacter);
    }
    marks_are_few(name)
}

/// How many characters of a flag's tag follow a black flag.
fn tagged_flag(rest: &[char]) -> Option<usize> {
    let end = rest.iter().position(|c| *c == '\u{e007f}')?;
    let tag: Option<String> =
        rest[..end].iter().map(|c| u32::from(*c).checked_sub(0xe0000).and_then(char::from_u32)).collect();
    TAGGED_FLAGS.contains(&tag?.as_str()).then_some(end + 1)
}

fn is_allowed(chars: &[char], at: usize) -> bool {
    let c = chars[at];
    let before = at.checked_sub(1).and_then(|before| chars.get(before)).copied();
    let after = chars.get(at + 1).copied();
    match c {
        '\u{200c}' | '\u{200d}' => joins(c, &chars[..at], after),
        // Emoji and text style (UTS 51, ED-9a), and with a keycap.
        '\u{fe0e}' | '\u{fe0f}' => {
            before.is_some_and(|c| c.is_emoji_char() && (!c.is_ascii() || after == Some('\u{20e3}')))
        }
        // Ideographic variants (UTS 37), and those of Mongolian letters.
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => before.is_some_and(|c| matches!(c, '\u{1820}'..='\u{18aa}')),
        // Fillers, blanks that are no spaces, and what stands for something that is not there.
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}'
        | '\u{ffa0}' | '\u{fffc}' | '\u{fffd}' => false,
        // Arabic signs that stand before a number.
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' => true,
        _ if is_mark(c) => before.is_some_and(|c| !c.is_whitespace()),
        _ => !matches!(
            c.general_category(),
            Category::Control
                | Category::Format
                | Category::LineSeparator
                | Category::ParagraphSeparator
                | Category::PrivateUse
                | Category::Surrogate
                | Category::Unassigned
        ),
    }
}

/// A joiner or its opposite changes how its neighbours are written: parts of one emoji (UTS 51, ED-16), or letters of a
/// word of India or in Arabic writing (RFC 5892, appendix A.1 and A.2).
fn joins(joiner: char, before: &[char], after: Option<char>) -> bool {
    let (Some(last), Some(after)) = (before.last().copied(), after) else { return false };
    if is_virama(last) && after.is_alphanumeric() || is_virama(after) && last.is_alphanumeric() {
        return true;
    }
    let letter = before.iter().rev().copied().find(|c| !is_mark(*c) && !is_selector(*c));
    let is_pictured = |c: char| c.is_emoji_char() && !c.is_ascii();
    joiner == '\u{200d}' && letter.is_some_and(is_pictured) && is_pictured(after)
        || letter.is_some_and(is_arabic) && is_arabic(after)
}

/// Every letter has few marks, and no mark twice in a row.
fn marks_are_few(name: &str) -> Result<(), ValueError> {
    let (mut marks, mut last) = (0, None);
    for c in name.nfd().filter(|c| !is_selector(*c)) {
        let is_stacked = matches!(c.general_category(), Category::NonspacingMark | Category::EnclosingMark);
        marks = if is_stacked { marks + 1 } else { 0 };
        if marks > MOST_MARKS || (is_stacked && last == Some(c)) {
            return Err(ValueError::MarksStacked);
        }
        last = Some(c);
    }
    Ok(())
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) && !is_selector(c)
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_virama(c: char) -> bool {
    unicode_normalization::char::canonical_combining_class(c) == 9
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}' | '\u{6ee}'..='\u{6ff}' | '\u{710}'..='\u{72f}'
        | '\u{74d}'..='\u{77f}' | '\u{8a0}'..='\u{8c9}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_may_be_shown() {
        for good in [
            "Jane Doe",
            "O'Neil-Smith, Jr.",
            "Đặng Thị Ngọc Hân",
            "Nguye\u{302}\u{303}n",
            "王小明",
            "김민수",
            "ガブリエル",
            "葛\u{e0100}城",
            "שָׁלוֹם",
            "مُحَمَّد",
            "می\u{200c}خواهم",
            "शर्मिष्ठा",
            "क\u{94d}\u{200d}ष",
            "ක\u{dca}\u{200d}ෂ",
            "র\u{200d}\u{9cd}য",
            "നന്\u{200d}മ",
            "น้ำ",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "👩🏽\u{200d}💻",
            "🏳\u{fe0f}\u{200d}🌈",
            "❤\u{fe0f}\u{200d}🔥 Jane",
            "1\u{fe0f}\u{20e3}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "🇩🇪",
            "Jane　Doe",
        ] {
            assert_eq!(check(good), Ok(()), "{good} {good:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_or_turns_the_line_round_is_refused() {
        for unseen in [
            '\u{0}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202b}',
            '\u{202c}',
            '\u{202d}',
            '\u{202e}',
            '\u{2060}',
            '\u{2061}',
            '\u{2064}',
            '\u{2065}',
            '\u{2066}',
            '\u{2067}',
            '\u{2068}',
            '\u{2069}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffc}',
            '\u{fffd}',
            '\u{ffff}',
            '\u{e000}',
            '\u{1d173}',
            '\u{378}',
            '\u{e0001}',
            '\u{e0067}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10ffff}',
        ] {
            for name in [
                format!("Jane{unseen}Doe"),
                format!("{unseen}Jane"),
                format!("Jane{unseen}"),
                unseen.to_string(),
            ] {
                assert_eq!(check(&name), Err(ValueError::UnseenCharacter), "{}", name.escape_unicode());
            }
        }
    }

    #[test]
    fn joiners_and_selectors_do_not_stand_where_they_change_nothing() {
        for bad in [
            "👩\u{200d}",
            "\u{200d}👩",
            "👩\u{200d}\u{200d}👧",
            "1\u{200d}2",
            "a\u{fe0f}",
            "1\u{fe0f}",
            "👩\u{200c}👧",
            "می\u{200c} خ",
            "क\u{200d}ष",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "👩\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert_eq!(check(bad), Err(ValueError::UnseenCharacter), "{}", bad.escape_unicode());
        }
    }

    #[test]
    fn marks_stand_on_letters_and_are_few() {
        for (bad, error) in [
            ("\u{301}", ValueError::UnseenCharacter),
            ("\u{301}\u{302}", ValueError::UnseenCharacter),
            ("\u{301}Jane", ValueError::UnseenCharacter),
            ("Jane \u{301}Doe", ValueError::UnseenCharacter),
            ("J\u{300}\u{301}\u{302}\u{303}\u{304}ane", ValueError::MarksStacked),
            ("ế\u{302}\u{303}\u{304}", ValueError::MarksStacked),
            ("a\u{301}\u{301}", ValueError::MarksStacked),
        ] {
            assert_eq!(check(bad), Err(error), "{}", bad.escape_unicode());
        }
        assert_eq!(check("a\u{300}\u{301}\u{302}\u{303}"), Ok(()));
    }
}
