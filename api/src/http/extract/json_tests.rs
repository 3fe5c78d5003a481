//! What a client is told about a body that cannot be read.

use super::*;
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Body {
    email: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Tag {
    name: String,
}

fn problem(text: impl AsRef<[u8]>) -> Problem {
    parse::<Body>(text.as_ref()).unwrap_err()
}

fn error(text: &str) -> (String, String) {
    let problem = problem(text);
    assert_eq!(problem.kind().status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
    let [error] = problem.field_errors() else { panic!("{problem:?}") };
    (error.pointer.clone(), error.code.clone())
}

fn detail(text: impl AsRef<[u8]>) -> String {
    let problem = problem(text);
    assert_eq!(problem.kind(), &kind::MALFORMED_BODY);
    problem.details(String::new()).detail.unwrap()
}

#[test]
fn each_mistake_has_its_pointer_and_code() {
    for (text, pointer, code) in [
        ("{}", "/email", "missing"),
        (r#"{"email": 1}"#, "/email", "wrong-type"),
        (r#"{"email": "a", "x": 1}"#, "/x", "unknown-field"),
        (r#"{"email": "a", "a/b~c": 1}"#, "/a~1b~0c", "unknown-field"),
        (r#"{"email": "a", "email": "b"}"#, "/email", "repeated"),
        (r#"{"email": "a", "tags": [{"name": "x"}, {"name": 1}]}"#, "/tags/1/name", "wrong-type"),
        (r#"{"email": "a", "tags": [{}]}"#, "/tags/0/name", "missing"),
        (r#"{"email": "a", "tags": [{"name": "x", "tags": 1}]}"#, "/tags/0/tags", "unknown-field"),
        (r#"["a"]"#, "", "wrong-type"),
        ("\"a\"", "", "wrong-type"),
        ("null", "", "wrong-type"),
    ] {
        assert_eq!(error(text), (pointer.to_owned(), code.to_owned()), "{text}");
    }
}

#[test]
fn what_was_sent_is_not_sent_back() {
    let problem = parse::<Tag>(br#"{"name": {"password": "hunter2"}}"#).unwrap_err();
    let other = parse::<Body>(br#"{"email": "a", "tags": "hunter2"}"#).unwrap_err();

    for problem in [problem, other] {
        assert!(!format!("{:?}", problem.field_errors()).contains("hunter2"));
    }
}

#[test]
fn broken_text_names_the_byte() {
    assert_eq!(detail(r#"{"email": }"#), "at byte 10: this is not valid JSON");
    assert_eq!(detail("{\n\"email\": }"), "at byte 11: this is not valid JSON");
    assert_eq!(detail("{\"email\": \"\u{e9}\", }"), "at byte 16: this is not valid JSON");
    assert!(detail(r#"{"email": "a"#).contains("ends too early"));
    assert!(detail("").contains("at byte 0"));
    assert!(detail(r#"{"email": "a"} x"#).contains("at byte 15"));
    assert_eq!(detail(b"{\"email\": \"\xff\"}"), "at byte 11: the text is not UTF-8");
    assert_eq!(detail("[".repeat(100)), "at byte 64: the text is nested too deep");
}

#[test]
fn json_must_be_declared() {
    let with = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
        is_json(&headers).is_ok()
    };

    for good in ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"] {
        assert!(with(good), "{good}");
    }
    for bad in ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded", ""] {
        assert!(!with(bad), "{bad}");
    }
    assert!(is_json(&HeaderMap::new()).is_err());
}
