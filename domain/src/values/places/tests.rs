//! The lists are what they say they are, and what people write is found in them.

use super::*;
use std::collections::BTreeSet;

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn city(code: &str, text: &str) -> Option<&'static str> {
    find_city(&country(code), text)
}

#[test]
fn city_is_found_by_any_of_its_spellings_and_shown_by_its_name() {
    for text in ["Munich", "münchen", "MUENCHEN", " Munchen ", "Мюнхен", "ミュンヘン", "Monaco di Baviera"]
    {
        assert_eq!(city("DE", text), Some("Munich"), "{text}");
    }
    assert_eq!(city("US", "new york"), Some("New York City"));
    assert_eq!(city("BR", "sao paulo"), Some("São Paulo"));
    assert_eq!(city("IT", "L’aquila"), Some("L'Aquila"));
}

#[test]
fn city_is_of_its_country_only() {
    assert_eq!(city("FR", "Munich"), None);
    assert_eq!(city("DE", "Nowhere upon Sea"), None);
    assert_eq!(city("DE", " - "), None);
    assert_eq!(city("AQ", "Munich"), None, "nobody lives there");
}

#[test]
fn own_name_goes_before_another_city_that_is_called_so() {
    for line in CITIES.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        if ["AD", "AT", "GB", "MC", "PT", "ZA"].contains(&columns[0]) {
            assert_eq!(folded(city(columns[0], columns[1]).unwrap()), folded(columns[1]), "{line}");
        }
    }
}

#[test]
fn cities_are_offered_by_the_beginnings_of_their_words_the_largest_first() {
    let offered = |code, text| find_cities(&country(code), text);

    assert_eq!(offered("DE", "ber")[0], "Berlin");
    assert!(offered("US", "york").contains(&"New York City"));
    assert_eq!(offered("DE", "mün")[..2], ["Munich", "Münster"]);
    assert!(offered("DE", "ünch").is_empty());
    assert_eq!(offered("PT", "")[0], "Lisbon");
    assert_eq!(offered("AQ", ""), Vec::<&str>::new());
}

#[test]
fn countries_are_offered_by_code_and_by_the_words_of_their_names() {
    let offered = |text| find_countries(text).into_iter().map(|country| country.code).collect::<Vec<_>>();

    assert_eq!(offered("de"), ["DE", "CD", "DK"]);
    assert_eq!(offered("king"), ["GB"]);
    assert_eq!(offered("cote d'iv"), ["CI"]);
    assert_eq!(offered("").len(), 249);
}

#[test]
fn every_line_of_the_lists_can_be_found() {
    let codes: BTreeSet<&str> = countries().map(|country| country.code).collect();
    let mut seen = BTreeSet::new();
    for line in CITIES.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [code, name, spellings] = columns[..] else { panic!("{line}") };
        assert!(codes.contains(code) && seen.insert((code, name)), "{line}");
        assert!(crate::values::City::parse(name).is_ok_and(|city| city.as_str() == name), "{line}");
        assert_eq!(spellings.split('|').next(), Some(folded(name).as_str()), "{line}");
        assert!(
            spellings.split('|').all(|spelling| !spelling.is_empty() && folded(spelling) == spelling),
            "{line}"
        );
    }
    assert_eq!(BY_COUNTRY.values().map(|lines| lines.lines().count()).sum::<usize>(), seen.len());
    assert_eq!(
        BY_COUNTRY.values().map(|lines| lines.len()).sum::<usize>(),
        CITIES.len(),
        "a country stands twice"
    );
    assert!(seen.len() > 60_000);
}
