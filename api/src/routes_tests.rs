//! The rows of all acts and the document made from them.

use super::*;
use crate::{access::Access, acts::Row, key_access::KeyAccess};
use axum::http::Method;
use std::collections::{BTreeMap, HashSet};

#[test]
fn every_method_and_path_stands_once() {
    let mut seen = HashSet::new();
    for act in table() {
        for path in act.paths() {
            assert!(seen.insert((act.method.clone(), path)), "{} {path} twice", act.method);
        }
    }
}

#[test]
fn nobody_is_called_what_a_path_has_in_the_place_of_a_person() {
    let mut words = Vec::new();
    for act in table() {
        for path in act.paths() {
            for people in ["/api/users/", "/api/profiles/", "/api/admin/users/"] {
                let word = path.strip_prefix(people).and_then(|rest| rest.split('/').next());
                words.extend(word.filter(|word| !word.is_empty() && !word.starts_with(['{', '.'])));
            }
        }
    }
    assert!(words.contains(&"wallet") && words.contains(&"profile"));
    for word in words {
        // What is no username at all is nobody's either.
        assert!(domain::values::Username::parse(word).is_err(), "{word} is not reserved");
    }
}

#[test]
fn paths_are_in_the_form_that_the_router_sees() {
    for act in table() {
        for path in act.paths() {
            assert_eq!(crate::normalize::canonical(path), path);
        }
    }
}

#[test]
fn handlers_are_written_for_the_method_of_their_row() {
    for act in table() {
        let (_, documented, _) = openapi::at(&act, act.row.path, act.handler.clone());
        assert_eq!(documented.paths.len(), 1, "{} {}", act.method, act.row.path);
    }
}

#[test]
fn acts_that_are_asked_for_by_get_change_nothing_and_all_others_say_what_they_do() {
    for act in table() {
        let reads = matches!(act.row.effect, Effect::Reads | Effect::Streams | Effect::Serves);
        assert_eq!(act.method == Method::GET, reads, "{}", act.id);
    }
}

#[test]
fn acts_compare_versions_where_their_handlers_take_if_match_and_nowhere_else() {
    let read = |path: String| std::fs::read_to_string(path).unwrap();
    let mut handlers = 0;
    for (area, _) in areas() {
        let folder = format!("{}/src/{area}", env!("CARGO_MANIFEST_DIR"));
        let rows = read(format!("{folder}/mod.rs"));
        let words: Vec<&str> = rows.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| ["Asks", "Changes", "Compares"].contains(&pair[0])) {
            let (file, name) = pair[1].trim_end_matches([',', ';']).split_once("::").unwrap();
            let source = read(format!("{folder}/{file}.rs"));
            let (_, handler) = source.split_once(&format!("async fn {name}(")).unwrap();
            let (arguments, _) = handler.split_once("->").unwrap();
            assert_eq!(arguments.contains("IfMatch"), pair[0] == "Compares", "{area} {file}::{name}");
            handlers += 1;
        }
    }
    assert!(handlers > 60, "{handlers}");
}

#[test]
fn keys_do_nothing_of_staff_but_services_read_and_what_is_open_is_open_to_all() {
    for act in table() {
        let (Row { access, key, .. }, id) = (&act.row, act.id);
        assert_eq!(*key == KeyAccess::Open, *access == Access::Anyone, "{id}");
        match (access, key) {
            (Access::Staff, KeyAccess::Scope(scope)) => {
                assert!(scope.is_for_services() && act.method == Method::GET, "{id}");
            }
            (Access::Staff, key) => assert_eq!(*key, KeyAccess::Never, "{id}"),
            (..) => {}
        }
    }
}

#[test]
fn reading_and_changing_are_scopes_of_their_own() {
    for act in table() {
        let KeyAccess::Scope(scope) = act.row.key else { continue };
        assert_eq!(scope.name().ends_with(":read"), act.method == Method::GET, "{}", act.id);
    }
}

#[test]
fn every_act_that_begins_an_account_or_a_session_by_a_form_is_watched() {
    let watched: HashSet<&str> = table().filter(|act| act.row.form.is_some()).map(|act| act.id).collect();
    let forms = [
        "register",
        "register_professional",
        "register_with_tokens",
        "login",
        "forgot_password",
        "password_reset",
    ];
    assert_eq!(watched, HashSet::from(forms));
}

#[test]
fn every_route_is_documented_under_an_id_of_its_own() {
    let document: serde_json::Value = serde_json::from_str(openapi::text()).unwrap();
    let mut ids = HashSet::new();
    for act in table() {
        for path in act.paths() {
            let operation = &document["paths"][path][act.method.as_str().to_lowercase()];
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{} {path}", act.method));
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
    }
    let documented: BTreeMap<String, serde_json::Map<String, serde_json::Value>> =
        serde_json::from_value(document["paths"].clone()).unwrap();
    assert_eq!(
        documented.values().map(serde_json::Map::len).sum::<usize>(),
        ids.len(),
        "nothing else is listed"
    );
}

#[test]
fn document_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let document: serde_json::Value = serde_json::from_str(openapi::text()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for part in openapi::text().split("\"$ref\": \"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn every_refusal_of_every_operation_has_the_schema_of_problems() {
    let document: serde_json::Value = serde_json::from_str(openapi::text()).unwrap();
    let mut refusals = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                // Who asks whether the program is ready reads the same report in both cases.
                let is_report = path == "/health/ready" && status == "503";
                if !status.starts_with(['4', '5']) || is_report {
                    continue;
                }
                refusals += 1;
                let named = response["$ref"].as_str().and_then(|named| named.strip_prefix('#'));
                let response = named.map_or(response, |named| document.pointer(named).unwrap());
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ProblemDetails", "{method} {path} {status}");
            }
        }
    }
    assert!(refusals > 1_000, "{refusals}");
}

#[test]
fn checked_in_document_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    if std::env::var_os("ANNALS_BLESS").is_some() {
        std::fs::write(path, openapi::text()).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == openapi::text(),
        "docs/openapi.json is stale: run the tests of `api` with ANNALS_BLESS=1"
    );
}
