//! The form in which texts are compared when somebody looks for them: without case, accents and widths.
//!
//! What is found by and what is looked for are folded by the same function, here and nowhere else.

use unicode_normalization::UnicodeNormalization;

/// Lower case, compatible forms as plain ones (NFKC), without accents and without what cannot be seen; Latin letters that
/// Unicode does not decompose are spelt out. Punctuation and spaces stay.
///
/// Only the accents of Latin, Greek and Cyrillic letters and the vowel points of Arabic and Hebrew go: in other scripts,
/// as of India, a mark is no accent but a letter.
pub fn folded(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match spelt(c).or_else(|| spelt_rarely(c)) {
            Some(letters) => kept.push_str(letters),
            None if is_accent(c) || is_unseen(c) => {}
            None => kept.push(c),
        }
    }
    // Hangul and kana come together again.
    kept.nfc().collect()
}

/// A letter in lower case that has no decomposition, as it is written without it.
pub(super) const fn spelt(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        _ => return None,
    })
}

/// The same of letters that names of places in the list are told apart by.
const fn spelt_rarely(c: char) -> Option<&'static str> {
    Some(match c {
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        'ƒ' => "f",
        'ɓ' => "b",
        'ɗ' => "d",
        'ƙ' => "k",
        'ƴ' => "y",
        'ə' => "e",
        'ς' => "σ",
        _ => return None,
    })
}

const fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Written without spaces between words: Chinese, Japanese and Korean, and Thai, Lao, Khmer and Burmese.
pub const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3105}'..='\u{318f}'
        | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for (text, expected) in [
            ("Björk GUÐMUNDSDÓTTIR", "bjork gudmundsdottir"),
            ("Đặng Văn", "dang van"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Søren Kjærgård", "soren kjaergard"),
            ("GROẞ, Groß", "gross, gross"),
            ("İpek Ilıcalı", "ipek ilicali"),
            ("ΝΊΚΟΣ Νίκος", "νικοσ νικοσ"),
            ("Йордан Ёлкин", "иордан елкин"),
            ("Ｊａｎｅ　Ｄｏｅ", "jane doe"),
            ("ｶﾞﾌﾞﾘｴﾙ", "ガブリエル"),
            ("김민수", "김민수"),
            ("王小明", "王小明"),
            ("مُحَمَّد", "محمد"),
            ("शर्मिष्ठा", "शर्मिष्ठा"),
            ("O'Neil-Smith", "o'neil-smith"),
            ("Ja\u{ad}ne\u{200b}", "jane"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
            assert_eq!(folded(&folded(text)), folded(text), "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_known() {
        assert!("王ぁアー々김ㄱไ𠮷".chars().all(is_unspaced));
        assert!(!"a1é·я س אक".chars().any(is_unspaced));
    }
}
