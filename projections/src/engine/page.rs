//! Pages of lists: by number where the list stays as it is, by position where it only grows. Lists whose rows come and go
//! are in [`paging`](crate::paging).

use std::{fmt, str::FromStr};

/// Lists are counted exactly up to here; longer ones say nothing.
pub const COUNTED_TO: i64 = 10_000;

/// Part of a list. `C` tells where to go on: a page number, a [`Seek`], or a [`Turn`](crate::Turn).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C> {
    /// None past [`COUNTED_TO`].
    pub count: Option<i64>,
    pub next: Option<C>,
    pub previous: Option<C>,
    pub results: Vec<T>,
}

impl<T, C> Page<T, C> {
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, C> {
        let Self { count, next, previous, results } = self;
        Page { count, next, previous, results: results.into_iter().map(change).collect() }
    }
}

/// A page by number, the first is 1, of a list that does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    pub number: u32,
    pub size: u32,
}

impl Numbered {
    /// The page of a list that is there whole.
    pub fn of<T>(self, rows: Vec<T>) -> Page<T, u32> {
        let counted = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let before = (self.number.saturating_sub(1) as usize).saturating_mul(self.size as usize);
        let rest = rows.into_iter().skip(before).take(self.size as usize + 1);
        self.page(counted, rest.collect())
    }

    /// The page, when one row more than fits was read.
    fn page<T>(self, counted: i64, mut rows: Vec<T>) -> Page<T, u32> {
        let more = rows.len() > self.size as usize;
        rows.truncate(self.size as usize);
        Page {
            count: exact(counted),
            next: more.then(|| self.number.saturating_add(1)),
            previous: (self.number > 1).then(|| self.number - 1),
            results: rows,
        }
    }
}

/// Rows were counted up to one more than [`COUNTED_TO`].
pub(crate) fn exact(counted: i64) -> Option<i64> {
    (counted <= COUNTED_TO).then_some(counted)
}

/// Where a page of a list of events begins. As text it is the cursor that a client sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// What follows this position, in the order of the list.
    After(i64),
    /// What leads up to this position, in the order of the list.
    Before(i64),
}

impl fmt::Display for Seek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(position) => write!(f, "after-{position}"),
            Self::Before(position) => write!(f, "before-{position}"),
        }
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor must be after-<position> or before-<position>")]
pub struct NotACursor;

impl FromStr for Seek {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (kind, position) = text.split_once('-').ok_or(NotACursor)?;
        let position = position.parse().map_err(|_| NotACursor)?;
        match kind {
            "after" if position >= 0 => Ok(Self::After(position)),
            "before" if position >= 0 => Ok(Self::Before(position)),
            _ => Err(NotACursor),
        }
    }
}

/// The order of a list of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// A stretch of a list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub order: Order,
    /// None: from the list's beginning.
    pub seek: Option<Seek>,
    pub limit: u32,
}

impl Stretch {
    /// Whether rows are to be read by rising position.
    pub(crate) fn rising(self) -> bool {
        (self.order == Order::OldestFirst) != matches!(self.seek, Some(Seek::Before(_)))
    }

    /// The position that is not read itself, from which on rows are read.
    pub(crate) fn bound(self) -> Option<i64> {
        self.seek.map(|seek| match seek {
            Seek::After(position) | Seek::Before(position) => position,
        })
    }

    /// The page, when one row more than fits was read in the order of [`Stretch::rising`].
    pub(crate) fn page<T>(self, counted: i64, mut rows: Vec<T>, position: fn(&T) -> i64) -> Page<T, Seek> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let backwards = matches!(self.seek, Some(Seek::Before(_)));
        if backwards {
            rows.reverse();
        }
        let next = rows.last().map(|row| Seek::After(position(row)));
        let previous = rows.first().map(|row| Seek::Before(position(row)));
        Page {
            count: exact(counted),
            next: next.filter(|_| more || backwards),
            previous: previous.filter(|_| if backwards { more } else { self.seek.is_some() }),
            results: rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(seek: Option<Seek>, order: Order, rows: Vec<i64>) -> Page<i64, Seek> {
        Stretch { order, seek, limit: 2 }.page(9, rows, |row| *row)
    }

    #[test]
    fn first_page_has_no_previous_and_goes_on_after_its_last_row() {
        let page = page(None, Order::NewestFirst, vec![9, 8, 7]);

        assert_eq!((page.results, page.next, page.previous), (vec![9, 8], Some(Seek::After(8)), None));
    }

    #[test]
    fn page_read_backwards_is_shown_in_the_order_of_the_list() {
        let page = page(Some(Seek::Before(5)), Order::NewestFirst, vec![6, 7, 8]);

        assert_eq!(page.results, [7, 6]);
        assert_eq!((page.next, page.previous), (Some(Seek::After(6)), Some(Seek::Before(7))));
    }

    #[test]
    fn backwards_through_rising_positions_reads_them_falling() {
        let stretch = |order, seek| Stretch { order, seek, limit: 2 }.rising();

        assert!(stretch(Order::OldestFirst, None) && !stretch(Order::NewestFirst, None));
        assert!(!stretch(Order::OldestFirst, Some(Seek::Before(5))));
        assert!(stretch(Order::NewestFirst, Some(Seek::Before(5))));
    }

    #[test]
    fn cursor_survives_its_text() {
        for seek in [Seek::After(0), Seek::Before(7)] {
            assert_eq!(seek.to_string().parse(), Ok(seek));
        }
        for bad in ["", "after", "after--1", "around-7", "before-x"] {
            assert_eq!(bad.parse::<Seek>(), Err(NotACursor), "{bad}");
        }
    }

    #[test]
    fn numbered_page_knows_its_neighbours_and_stops_counting() {
        let page = Numbered { number: 2, size: 2 }.page(COUNTED_TO + 1, vec![1, 2, 3]);

        assert_eq!(page, Page { count: None, next: Some(3), previous: Some(1), results: vec![1, 2] });
    }
}
