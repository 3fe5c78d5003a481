//! Countries and cities: what a profile may say, and what there is to choose from (PRO-08).

use crate::client::{Answer, Api, answer};
use serde_json::{Value, json};

const COUNTRIES: &str = "/api/locations/countries";
const CITIES: &str = "/api/locations/cities";
const PROFILE: &str = "/api/users/profile";

async fn read(api: &Api, path: &str) -> Answer {
    answer(api.request("GET", path)).await
}

fn names(list: &Value) -> Vec<&str> {
    list["results"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_are_paged_searched_and_kept_by_whoever_asks() {
    let api = Api::shared().await;

    let all = read(&api, COUNTRIES).await;
    assert_eq!((all.ok()["count"].as_i64(), all.ok()["results"].as_array().unwrap().len()), (Some(249), 20));
    let last = read(&api, &format!("{COUNTRIES}/?page=3&page_size=100")).await.ok();
    assert_eq!((names(&last).len(), &last["next"]), (49, &Value::Null));
    let past = read(&api, "/api/v1/locations/countries?page=99").await.ok();
    assert_eq!((names(&past).len(), past["count"].as_i64()), (0, Some(249)));
    let found = read(&api, &format!("{COUNTRIES}?q=germ")).await.ok();
    assert_eq!(found["results"], json!([{ "code": "DE", "name": "Germany" }]));

    let cities = read(&api, &format!("{CITIES}?country=de&q=ber&page_size=5")).await;
    assert_eq!(cities.ok()["results"][0], json!({ "name": "Berlin", "country": "DE" }));
    assert_eq!(names(&cities.ok()).len(), 5);
    let next = cities.ok()["next"].as_str().unwrap().to_owned();
    let next = read(&api, &next).await.ok();
    assert!(names(&next).iter().all(|name| !names(&cities.ok()).contains(name)), "{next}");
    let by_another_spelling = read(&api, &format!("{CITIES}?country=DE&q=M%C3%BCnche")).await.ok();
    assert!(names(&by_another_spelling).contains(&"Munich"), "{by_another_spelling}");

    for reply in [all, cities] {
        assert_eq!(reply.header("cache-control"), Some("public, max-age=86400"));
        assert_eq!(reply.header("vary").filter(|vary| vary.contains("Authorization")), None);
    }
    let tag = read(&api, COUNTRIES).await.header("etag").unwrap().to_owned();
    let known = answer(api.request("GET", COUNTRIES).header("if-none-match", &tag)).await;
    assert_eq!((known.status, known.header("etag")), (304, Some(tag.as_str())));
}

#[tokio::test]
async fn question_that_cannot_be_answered_names_its_parameter() {
    let api = Api::shared().await;
    for (path, pointer) in [
        (CITIES.to_owned(), "?country"),
        (format!("{CITIES}?country=XX"), "?country"),
        (format!("{CITIES}?country=DE&q={}", "x".repeat(101)), "?q"),
        (format!("{CITIES}?country=DE&page=0"), "?page"),
        (format!("{COUNTRIES}?page_size=101"), "?page_size"),
        (format!("{COUNTRIES}?name=x"), "?name"),
    ] {
        let refused = read(&api, &path).await;
        assert_eq!((refused.status, refused.field_error().0.as_str()), (400, pointer), "{path}");
    }
}

#[tokio::test]
async fn city_and_country_fit_or_the_person_says_that_the_city_is_not_listed() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let change = async |body: Value| api.send("PATCH", PROFILE, &person.access, body).await;

    let munich = change(json!({ "country": "DE", "city": "MÜNCHEN" })).await.ok();
    assert_eq!((&munich["country"], &munich["city"]), (&json!("DE"), &json!("Munich")));
    for body in
        [json!({ "country": "FR" }), json!({ "city": "Lyon" }), json!({ "country": "PT", "city": "Ulm" })]
    {
        let refused = change(body.clone()).await;
        assert_eq!(refused.refusal(), (422, "validation-failed".to_owned()), "{body}");
        assert_eq!(refused.field_error(), ("/city".to_owned(), "city-unknown".to_owned()), "{body}");
    }
    let village = json!({ "city": "Rom an der Elde", "city_unlisted": true });
    let shown = change(village).await.ok();
    assert_eq!((&shown["country"], &shown["city"]), (&json!("DE"), &json!("Rom an der Elde")));
    assert!(shown.get("city_unlisted").is_none(), "{shown}");

    let mut whole = shown.clone();
    whole["bio"] = json!("walks");
    let same = api.send("PUT", PROFILE, &person.access, whole.clone()).await.ok();
    assert_eq!(same["city"], "Rom an der Elde", "what is not changed is not judged again");
    whole["country"] = json!("AT");
    let elsewhere = api.send("PUT", PROFILE, &person.access, whole.clone()).await;
    assert_eq!(elsewhere.field_error(), ("/city".to_owned(), "city-unknown".to_owned()));
    whole["city_unlisted"] = json!(true);
    let moved = api.send("PUT", PROFILE, &person.access, whole).await.ok();
    assert_eq!((&moved["country"], &moved["city"]), (&json!("AT"), &json!("Rom an der Elde")));

    let free = change(json!({ "country": null, "city": "Atlantis" })).await.ok();
    assert_eq!((&free["country"], &free["city"]), (&Value::Null, &json!("Atlantis")));
}
