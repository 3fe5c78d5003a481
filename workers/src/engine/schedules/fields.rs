//! What the fields of a cron pattern may count: a step that leads out of its field, or a range that runs backwards, reads
//! like one thing and is due at another.
//!
//! Names, lists and the letters `L`, `W` and `#` are the parser's; only numbers are looked at here.

/// A part of a field that would not do what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    #[error("{field}: `{part}` must be a number from {first} to {last}")]
    Beyond { field: &'static str, part: String, first: u32, last: u32 },
    #[error(
        "{field}: the step {step} in `{part}` goes beyond {last}, so only the first value would match; \
         a step must be from 1 to {most}"
    )]
    Step { field: &'static str, part: String, step: u32, last: u32, most: u32 },
    #[error(
        "{field}: `{part}` ends before it starts; write two ranges, such as `{from}-{last},{first}-{to}`"
    )]
    Backwards { field: &'static str, part: String, from: u32, to: u32, first: u32, last: u32 },
    #[error("{field}: `{part}` has no range for the step; write `*/{step}` or `{from}-{last}/{step}`")]
    Start { field: &'static str, part: String, from: u32, last: u32, step: u32 },
}

struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// What stands for the numbers, from the first on.
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; COUNT] = [
    Field { name: "minute", first: 0, last: 59, words: &[] },
    Field { name: "hour", first: 0, last: 23, words: &[] },
    Field { name: "day of month", first: 1, last: 31, words: &[] },
    Field { name: "month", first: 1, last: 12, words: &MONTHS },
    // Sunday is 0 and 7.
    Field { name: "day of week", first: 0, last: 7, words: &DAYS },
];

pub const COUNT: usize = 5;

/// Whether every number of the pattern lies in its field.
///
/// # Errors
/// The first that does not, with what to write instead.
pub fn check(text: &str) -> Result<(), FieldFault> {
    let fields = FIELDS.iter().zip(text.split_whitespace());
    fields
        .flat_map(|(field, text)| text.split(',').map(move |part| (field, part)))
        .try_for_each(|(field, part)| field.check(part))
}

impl Field {
    fn check(&self, part: &str) -> Result<(), FieldFault> {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let Some((from, to)) = self.range(range, part)? else { return Ok(()) };
        let Some(step) = step else { return Ok(()) };
        // What is no number is the parser's to refuse.
        let Some(step) = number(step) else { return Ok(()) };
        let most = to.saturating_sub(from).max(1);
        if from == to && range != "*" && !range.contains('-') {
            let last = self.last;
            return Err(FieldFault::Start { field: self.name, part: part.to_owned(), from, last, step });
        }
        if step == 0 || step > most {
            return Err(FieldFault::Step { field: self.name, part: part.to_owned(), step, last: to, most });
        }
        Ok(())
    }

    /// First and last of what is counted; None: nothing here is a number.
    fn range(&self, range: &str, part: &str) -> Result<Option<(u32, u32)>, FieldFault> {
        if range == "*" || range == "?" {
            return Ok(Some((self.first, self.last)));
        }
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (Some(from), Some(to)) = (self.number(from), self.number(to)) else { return Ok(None) };
        let (first, last) = (self.first, self.last);
        if [from, to].iter().any(|number| !(first..=last).contains(number)) {
            return Err(FieldFault::Beyond { field: self.name, part: part.to_owned(), first, last });
        }
        if from > to {
            let part = part.to_owned();
            return Err(FieldFault::Backwards { field: self.name, part, from, to, first, last });
        }
        Ok(Some((from, to)))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let word = || self.words.iter().zip(self.first..).find(|(word, _)| word.eq_ignore_ascii_case(text));
        number(text).or_else(|| word().map(|(_, number)| number))
    }
}

/// One that is too large to be read is too large.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        check(text).unwrap_err().to_string()
    }

    #[test]
    fn steps_ranges_and_numbers_within_their_fields_are_left_to_the_parser() {
        for good in [
            "* * * * *",
            "*/30 * * * *",
            "*/59 */23 */30 */11 */7",
            "0-59/15,7 0,12 1-31/2 jan-dec mon-fri",
            "0 4 L * *",
            "0 4 15W * 5#2",
            "0 4 ? * sun",
            "x 4 * * *",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn step_beyond_its_field_is_refused_in_every_field() {
        for (text, field) in [
            ("*/60 * * * *", "minute"),
            ("*/90 * * * *", "minute"),
            ("*/0 * * * *", "minute"),
            ("0-10/30 * * * *", "minute"),
            ("0 */24 * * *", "hour"),
            ("0 0 */31 * *", "day of month"),
            ("0 0 1 */12 *", "month"),
            ("0 0 * * */8", "day of week"),
            ("5,*/99999999999 * * * *", "minute"),
        ] {
            assert!(said(text).starts_with(&format!("{field}: ")), "{text}: {}", said(text));
        }
        assert_eq!(
            said("*/90 * * * *"),
            "minute: the step 90 in `*/90` goes beyond 59, so only the first value would match; \
             a step must be from 1 to 59"
        );
    }

    #[test]
    fn start_without_a_range_says_what_to_write() {
        assert_eq!(
            said("0/99 * * * *"),
            "minute: `0/99` has no range for the step; write `*/99` or `0-59/99`"
        );
    }

    #[test]
    fn range_that_runs_backwards_says_which_two_were_meant() {
        assert_eq!(
            said("0 22-6 * * *"),
            "hour: `22-6` ends before it starts; write two ranges, such as `22-23,0-6`"
        );
        assert!(said("0 0 * * fri-mon").contains("`5-7,0-1`"));
        assert!(said("0 0 * dec-jan *").starts_with("month: `dec-jan` ends before it starts"));
    }

    #[test]
    fn number_beyond_its_field_is_named() {
        assert_eq!(said("60 * * * *"), "minute: `60` must be a number from 0 to 59");
        assert_eq!(said("0 0 0 * *"), "day of month: `0` must be a number from 1 to 31");
        assert_eq!(said("0 0 1 13 *"), "month: `13` must be a number from 1 to 12");
    }
}
