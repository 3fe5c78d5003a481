//! Countries and their cities: two lists that are compiled in, and what is found in them (PRO-08).
//!
//! `countries.tsv` has the officially assigned codes of ISO 3166-1 with English names.
//! `cities.tsv` has the places of at least 5,000 inhabitants, by country and the largest first: country, name, and the
//! folded spellings by which the name is found, its own first.
//! Both are made from data of [GeoNames](https://www.geonames.org), which is under CC BY 4.0.

mod fold;

use super::CountryCode;
use fold::folded;
use std::{collections::BTreeMap, sync::LazyLock};

const COUNTRIES: &str = include_str!("../../../data/countries.tsv");
const CITIES: &str = include_str!("../../../data/cities.tsv");

/// The lines of each country.
static BY_COUNTRY: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    let mut rest = CITIES;
    while let Some((country, _)) = rest.split_once('\t') {
        let end = rest.lines().take_while(|line| is_of(line, country)).map(|line| line.len() + 1).sum();
        let (lines, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        found.insert(country, lines);
        rest = after;
    }
    found
});

fn is_of(line: &str, country: &str) -> bool {
    line.split('\t').next() == Some(country)
}

/// A country of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Alpha-2.
    pub code: &'static str,
    /// In English.
    pub name: &'static str,
}

/// Every country, by its code.
pub fn countries() -> impl Iterator<Item = Country> {
    COUNTRIES.lines().filter_map(|line| line.split_once('\t')).map(|(code, name)| Country { code, name })
}

/// The country with this code, then those with a word in their names that begins so; all of them for a blank text.
pub fn find_countries(text: &str) -> Vec<Country> {
    let wanted = folded(text);
    let (mut found, others): (Vec<_>, Vec<_>) =
        countries().partition(|country| country.code.eq_ignore_ascii_case(&wanted));
    found.extend(others.into_iter().filter(|country| has_word(&folded(country.name), &wanted)));
    found
}

/// The name of the city of a country that is spelt so, whatever the case, accents and punctuation; of several that
/// share a spelling the one whose own name it is, or else the largest.
pub fn find_city(country: &CountryCode, text: &str) -> Option<&'static str> {
    let wanted = folded(text);
    let is_own = |city: &City| city.own() == wanted;
    let is_any = |city: &City| city.spellings().any(|spelling| spelling == wanted);
    let found = cities_of(country).find(is_own).or_else(|| cities_of(country).find(is_any));
    found.map(|city| city.name)
}

/// The cities of a country with a word in one of their spellings that begins so: first those whose own names do, the
/// largest first; all of them for a blank text.
pub fn find_cities(country: &CountryCode, text: &str) -> Vec<&'static str> {
    let wanted = folded(text);
    let found =
        cities_of(country).filter(|city| city.spellings().any(|spelling| has_word(spelling, &wanted)));
    let (own, others): (Vec<City>, Vec<City>) = found.partition(|city| city.own().starts_with(&wanted));
    own.into_iter().chain(others).map(|city| city.name).collect()
}

#[derive(Clone, Copy)]
struct City {
    name: &'static str,
    spellings: &'static str,
}

impl City {
    fn own(self) -> &'static str {
        self.spellings.split('|').next().unwrap_or_default()
    }

    fn spellings(self) -> impl Iterator<Item = &'static str> {
        self.spellings.split('|')
    }
}

fn cities_of(country: &CountryCode) -> impl Iterator<Item = City> {
    let lines = BY_COUNTRY.get(country.as_str()).copied().unwrap_or_default().lines();
    lines.filter_map(|line| {
        let mut columns = line.split('\t').skip(1);
        Some(City { name: columns.next()?, spellings: columns.next()? })
    })
}

/// Whether a word of a folded text begins so.
fn has_word(text: &str, beginning: &str) -> bool {
    text.starts_with(beginning)
        || text.match_indices(' ').any(|(at, space)| text[at + space.len()..].starts_with(beginning))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
