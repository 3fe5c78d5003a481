//! The published schema and the parser accept the same; the parser says everything that is wrong.

use super::*;
use serde_json::{Value, json};

fn good() -> Vec<Value> {
    let mut good = vec![
        json!({"type": "counter", "field": "posts_count", "threshold": 1}),
        json!({"type": "counter", "field": "posts_count", "threshold": 10.0, "version": 1}),
        json!({"type": "counter", "field": "likes_received_max", "threshold": 1_000_000_000}),
        json!({"type": "counter", "field": "engagement_score", "threshold": 100, "description": ""}),
        json!({"type": "counter", "field": "is_moderator", "threshold": 1, "description": "ä".repeat(500)}),
        json!({"type": "consecutive_days", "action": "post_create", "days": 366}),
        json!({"type": "multi_criteria", "requirements": [
            {"field": "registration_ordinal", "operator": "<=", "value": 1000},
            {"field": "is_verified", "operator": "==", "value": 0},
        ], "logic": "OR"}),
        json!({"type": "multi_criteria", "requirements": (0..20).map(|n| {
            json!({"field": "follower_count", "operator": ">=", "value": n})
        }).collect::<Vec<_>>()}),
        json!({"type": "event_based", "event_type": "bug_verified", "count": 3}),
        json!({"type": "social_interaction", "interactions": ["follow", "like"], "min_count": 1}),
    ];
    for tenths in 0..=50u8 {
        let quality = f64::from(tenths) / 10.0;
        good.push(json!({
            "type": "event_based", "event_type": "review", "count": 1, "quality_threshold": quality
        }));
    }
    good.extend(Timeframe::ALL.iter().map(|timeframe| {
        json!({"type": "social_interaction", "interactions": ["like"], "min_count": 1, "timeframe": timeframe})
    }));
    good.extend(Field::ALL.iter().map(|field| json!({"type": "counter", "field": field, "threshold": 1})));
    good.extend(
        Action::ALL.iter().map(|action| json!({"type": "consecutive_days", "action": action, "days": 1})),
    );
    good
}

/// What is wrong, and the pointers that have to be told.
fn bad() -> Vec<(Value, &'static [&'static str])> {
    let requirements = |items: Value| json!({"type": "multi_criteria", "requirements": items});
    let at_least = |field: &str, value: Value| json!({"field": field, "operator": ">=", "value": value});
    let counter =
        |field: &str, threshold: Value| json!({"type": "counter", "field": field, "threshold": threshold});
    let social = |of: Value| json!({"type": "social_interaction", "interactions": of, "min_count": 1});
    vec![
        (json!(null), &[""]),
        (json!([]), &[""]),
        (json!("counter"), &[""]),
        (json!({}), &["/type"]),
        (json!({"type": "percentile"}), &["/type"]),
        (json!({"type": 1, "description": 1, "version": 2}), &["/description", "/version", "/type"]),
        (json!({"type": "counter"}), &["/field", "/threshold"]),
        (counter("karma", json!(-1)), &["/field", "/threshold"]),
        (counter("content_quality_score", json!(1)), &["/field"]),
        (counter("posts_count", json!(0)), &["/threshold"]),
        (counter("posts_count", json!("10")), &["/threshold"]),
        (counter("posts_count", json!(10.5)), &["/threshold"]),
        (counter("posts_count", json!(1e300)), &["/threshold"]),
        (counter("posts_count", json!(1_000_000_001)), &["/threshold"]),
        (counter("posts_count", json!(u64::MAX)), &["/threshold"]),
        (counter("is_verified", json!(2)), &["/threshold"]),
        (counter("engagement_score", json!(101)), &["/threshold"]),
        (
            json!({"type": "counter", "field": "posts_count", "threshold": 1, "days": 3, "a/b~": 1}),
            &["/a~1b~0", "/days"],
        ),
        (
            json!({"type": "counter", "field": "posts_count", "threshold": 1, "description": "a\u{0}"}),
            &["/description"],
        ),
        (
            json!({"type": "counter", "field": "posts_count", "threshold": 1, "description": "x".repeat(501)}),
            &["/description"],
        ),
        (json!({"type": "consecutive_days", "action": "sleep", "days": 0}), &["/action", "/days"]),
        (json!({"type": "consecutive_days", "action": "login", "days": 367}), &["/days"]),
        (requirements(json!([])), &["/requirements"]),
        (requirements(json!({})), &["/requirements"]),
        (requirements(json!([1, at_least("posts_count", json!(1))])), &["/requirements/0"]),
        (
            requirements(json!([{"field": "is_verified", "operator": ">", "value": -1, "unit": "x"}, {}])),
            &[
                "/requirements/0/unit",
                "/requirements/0/operator",
                "/requirements/0/value",
                "/requirements/1/field",
                "/requirements/1/operator",
                "/requirements/1/value",
            ],
        ),
        (
            requirements(json!([at_least("posts_count", json!(1)), at_least("posts_count", json!(1))])),
            &["/requirements/1"],
        ),
        (requirements(json!(vec![at_least("posts_count", json!(1)); 21])), &["/requirements"]),
        (
            json!({"type": "multi_criteria", "requirements": [at_least("posts_count", json!(1))], "logic": "XOR"}),
            &["/logic"],
        ),
        (
            json!({"type": "event_based", "event_type": "review", "count": 1, "quality_threshold": 5.1}),
            &["/quality_threshold"],
        ),
        (
            json!({"type": "event_based", "event_type": "review", "count": 0, "quality_threshold": "4"}),
            &["/count", "/quality_threshold"],
        ),
        (
            json!({"type": "event_based", "event_type": "review", "count": 1, "quality_threshold": 4.05}),
            &["/quality_threshold"],
        ),
        (social(json!([])), &["/interactions"]),
        (social(json!(["like", "like"])), &["/interactions/1"]),
        (social(json!(["login", 3])), &["/interactions/0", "/interactions/1"]),
        (
            json!({"type": "social_interaction", "interactions": ["like"], "timeframe": "2d"}),
            &["/min_count", "/timeframe"],
        ),
    ]
}

fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).map_err(|error| error.to_string()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn schema_and_parser_accept_the_same() {
    let schema = schema();

    for good in good() {
        assert_eq!(Criterion::parse(&good).err(), None, "{good}");
        assert!(schema.is_valid(&good), "{good}");
    }
    for (bad, _) in bad() {
        assert!(Criterion::parse(&bad).is_err(), "{bad}");
        assert!(!schema.is_valid(&bad), "{bad}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_where() {
    for (bad, pointers) in bad() {
        let faults = Criterion::parse(&bad).unwrap_err();

        let told: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        let mut expected = pointers.to_vec();
        let mut found = told.clone();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{bad}: {faults:?}");
        for pointer in told.into_iter().filter(|pointer| bad.pointer(pointer).is_none()) {
            let parent = pointer.rsplit_once('/').unwrap().0;
            assert!(bad.pointer(parent).is_some(), "{pointer} is in {bad}, or missing in what is");
        }
    }
}

#[test]
fn faults_are_sentences() {
    let faults = Criterion::parse(&json!({
        "type": "counter", "field": "content_quality_score", "threshold": -5, "limit": 3
    }));

    let told: Vec<_> = faults.unwrap_err().iter().map(ToString::to_string).collect();

    assert_eq!(
        told,
        [
            "/limit: counter does not have this field; its fields are type, field, threshold, description, version",
            "/field: content_quality_score compares people with each other, so the actions of one person could change \
             the badges of another",
            "/threshold: threshold must be a whole number from 1 to 1000000000",
        ]
    );
}

#[test]
fn examples_of_the_schema_are_good() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let kinds = schema["$defs"].as_object().unwrap().values();
    let examples: Vec<_> = kinds.filter_map(|kind| kind["examples"].as_array()).flatten().collect();

    assert_eq!(examples.len(), 5);
    for example in examples {
        assert_eq!(Criterion::parse(example).err(), None, "{example}");
    }
}

#[test]
fn null_and_the_empty_object_are_no_criterion() {
    for none in [json!(null), json!({})] {
        assert_eq!(Criterion::parse_optional(&none), Ok(None));
    }
    assert!(Criterion::parse_optional(&json!({"type": "counter"})).is_err());
}

#[test]
fn absent_members_are_what_they_stand_for() {
    let stored = |given: &Value| serde_json::to_value(Criterion::parse(given).unwrap()).unwrap();
    let required = json!([{"field": "posts_count", "operator": ">=", "value": 1}]);

    let several = stored(&json!({"type": "multi_criteria", "requirements": required}));
    let social = stored(&json!({"type": "social_interaction", "interactions": ["like"], "min_count": 1}));

    assert_eq!((&several["logic"], &social["timeframe"]), (&json!("AND"), &json!("all_time")));
}
