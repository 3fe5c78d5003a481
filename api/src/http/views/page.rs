//! Lists: `{count, next, previous, results}` (C-36), and the links to their neighbours.

use crate::problem::{ApiResult, FieldError, Problem, catalogue as kind};
use axum::http::Uri;
use projections::{Numbered, Page, Paging, SortKey, Turn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub const DEFAULT_SIZE: u32 = 20;
pub const MAX_SIZE: u32 = 100;

/// Part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageView<T: ToSchema> {
    /// Exact to 10,000; null beyond.
    pub count: Option<i64>,
    /// Where the list goes on.
    #[schema(example = "/api/sessions?cursor=YZrQ")]
    pub next: Option<String>,
    pub previous: Option<String>,
    pub results: Vec<T>,
}

impl<T: ToSchema> PageView<T> {
    /// `link` is the query parameter, and its value for a neighbour.
    pub fn new<R, C>(
        page: Page<R, C>,
        uri: &Uri,
        link: impl Fn(C) -> (&'static str, String),
        show: impl FnMut(R) -> T,
    ) -> Self {
        let url = |to: C| {
            let (name, value) = link(to);
            neighbour(uri, name, &value)
        };
        Self {
            count: page.count,
            next: page.next.map(&url),
            previous: page.previous.map(&url),
            results: page.results.into_iter().map(show).collect(),
        }
    }

    pub fn map<U: ToSchema>(self, change: impl FnMut(T) -> U) -> PageView<U> {
        let Self { count, next, previous, results } = self;
        PageView { count, next, previous, results: results.into_iter().map(change).collect() }
    }
}

/// The same request with one parameter changed.
fn neighbour(uri: &Uri, name: &str, value: &str) -> String {
    let kept = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    let pairs: Vec<String> = kept.map(str::to_owned).chain([format!("{name}={value}")]).collect();
    format!("{}?{}", uri.path(), pairs.join("&"))
}

/// Which page of a list. Without either the list begins, and `next` goes on by a cursor.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl PageQuery {
    pub fn paging<K: SortKey>(&self) -> ApiResult<Paging<K>> {
        paging(self.cursor.as_deref(), self.page, self.page_size)
    }
}

/// A page by its cursor, or by its number.
pub fn paging<K: SortKey>(
    cursor: Option<&str>,
    page: Option<u32>,
    page_size: Option<u32>,
) -> ApiResult<Paging<K>> {
    let Numbered { number, size } = numbered(page, page_size)?;
    let turn = match (cursor, page) {
        (None, None) => Turn::First,
        (None, Some(_)) => Turn::Number(number),
        (Some(_), Some(_)) => return Err(refused("page", "send either page or cursor, not both")),
        (Some(cursor), None) => Turn::from_cursor(cursor).ok_or_else(not_a_cursor)?,
    };
    Ok(Paging { turn, size })
}

/// A cursor of another list, or none at all.
pub fn not_a_cursor() -> Problem {
    refused("cursor", "a cursor from `next` or `previous` of this list")
}

/// The query parameter that leads to a page, and its value.
pub fn link<K: SortKey>(turn: Turn<K>) -> (&'static str, String) {
    match (turn.cursor(), turn) {
        (Some(cursor), _) => ("cursor", cursor),
        (None, Turn::Number(number)) => ("page", number.to_string()),
        (None, Turn::First | Turn::After(..) | Turn::Before(..)) => ("page", "1".to_owned()),
    }
}

/// What the document's format allows.
const LAST_PAGE: u32 = i32::MAX.unsigned_abs();

/// A page by `page` and `page_size`, within their bounds.
pub fn numbered(page: Option<u32>, page_size: Option<u32>) -> ApiResult<Numbered> {
    let number = page.unwrap_or(1);
    if !(1..=LAST_PAGE).contains(&number) {
        return Err(refused("page", &format!("1 to {LAST_PAGE}")));
    }
    Ok(Numbered { number, size: size("page_size", page_size)? })
}

/// A page's size within its bounds.
pub fn size(name: &str, given: Option<u32>) -> ApiResult<u32> {
    let size = given.unwrap_or(DEFAULT_SIZE);
    let allowed = (1..=MAX_SIZE).contains(&size);
    if allowed { Ok(size) } else { Err(refused(name, &format!("1 to {MAX_SIZE}"))) }
}

/// A query parameter that holds what it may not.
pub fn refused(name: &str, detail: &str) -> Problem {
    Problem::of(&kind::MALFORMED_QUERY).errors(vec![FieldError::new(format!("?{name}"), "invalid", detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(uri: &str) -> String {
        neighbour(&uri.parse().unwrap(), "page", "3")
    }

    #[test]
    fn neighbour_keeps_the_other_parameters() {
        assert_eq!(to("/api/sessions"), "/api/sessions?page=3");
        assert_eq!(to("/api/sessions?page=2&page_size=5"), "/api/sessions?page_size=5&page=3");
        assert_eq!(to("/api/sessions?pages=2&&page"), "/api/sessions?pages=2&page=3");
    }

    #[test]
    fn pages_are_bounded() {
        assert_eq!(numbered(None, None).unwrap(), Numbered { number: 1, size: DEFAULT_SIZE });
        for (page, page_size) in [(Some(0), None), (None, Some(0)), (None, Some(101))] {
            assert_eq!(numbered(page, page_size).unwrap_err().kind(), &kind::MALFORMED_QUERY);
        }
    }
}
