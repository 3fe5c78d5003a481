//! What bodies of badges are read as, and what is wrong with them.

use super::*;
use serde_json::json;

fn body(value: Value) -> BadgeBody {
    serde_json::from_value(value).unwrap()
}

fn errors<T>(result: ApiResult<T>) -> Vec<(String, String)> {
    let problem = result.err().unwrap();
    problem.field_errors().iter().map(|error| (error.pointer.clone(), error.code.clone())).collect()
}

fn error(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

fn read(body: BadgeBody) -> ApiResult<(BadgePatch, Option<bool>)> {
    let mut checks = Checks::default();
    let read = body.read(&mut checks);
    checks.finish().map(|()| read)
}

#[test]
fn new_badge_has_what_every_badge_has_and_defaults_for_the_rest() {
    let form = json!({ "name": "A", "description": "B", "category": "c", "icon": "d", "color": "#ffffff" });

    let (new, active) = body(form).new_badge().unwrap();

    assert_eq!((new.points, new.rarity, new.criteria, active), (10, Rarity::Common, None, true));
    let missing = errors(body(json!({ "name": "A", "icon": null, "color": "red" })).new_badge());
    for expected in [
        error("/description", "missing"),
        error("/category", "missing"),
        error("/icon", "missing"),
        error("/color", "color-invalid"),
    ] {
        assert_eq!(
            missing.iter().filter(|found| **found == expected).count(),
            1,
            "{expected:?} in {missing:?}"
        );
    }
    assert_eq!(missing.len(), 4, "{missing:?}");
}

#[test]
fn every_fault_of_a_criterion_is_told_where_it_is() {
    let wrong = json!({ "criteria": { "type": "counter", "field": "luck", "threshold": 0 } });

    let found = errors(read(body(wrong)));

    assert_eq!(
        found,
        [error("/criteria/field", "criteria-invalid"), error("/criteria/threshold", "criteria-invalid")]
    );
}

#[test]
fn what_a_badge_need_not_have_is_cleared_by_null_and_an_empty_criterion_is_none() {
    let (patch, active) = read(body(json!({ "tier": null, "criteria": {}, "series": "" }))).unwrap();

    assert_eq!((patch.tier, patch.criteria, active), (Patch::Clear, Patch::Clear, None));
    assert_eq!(patch.series, Patch::Clear);
    assert_eq!(errors(read(body(json!({ "points": null })))), [error("/points", "missing")]);
    assert_eq!(errors(read(body(json!({ "tier": "tin" })))), [error("/tier", "unknown-value")]);
}
