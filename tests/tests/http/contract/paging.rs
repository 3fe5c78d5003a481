//! Lists that change while they are read: by a cursor each row is seen once, whatever comes and goes meanwhile (C-36).

use crate::{
    badges::definitions::new_badge_name,
    client::{Api, Person, new_name},
    people::finding::members,
    social::follows::id,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A list to read, and what its rows are told apart by.
struct List<'a> {
    path: String,
    reader: &'a Person,
    member: &'a str,
}

impl List<'_> {
    /// Every row, page by page of two, with a change after each of the first pages: in the order of the list.
    async fn walk(&self, api: &Api, mut change: impl AsyncFnMut(usize, &[String])) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let mark = if self.path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{}{mark}page_size=2", self.path));
        let mut pages = 0;
        while let Some(path) = next {
            assert!(pages == 0 || path.contains("cursor="), "{path}");
            let page = api.get(&path, &self.reader.access).await.ok();
            seen.extend(members(&page, self.member).into_iter().map(str::to_owned));
            next = page["next"].as_str().map(str::to_owned);
            change(pages, &seen).await;
            pages += 1;
            assert!(pages < 20, "{path} has no end");
        }
        seen
    }

    /// The same backwards, from a page's `previous`.
    async fn back_from_the_end(&self, api: &Api) -> (Vec<String>, Vec<String>) {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        let mut page = api.get(&format!("{}{mark}page_size=2", self.path), &self.reader.access).await.ok();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        loop {
            there.extend(members(&page, self.member).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            page = api.get(next, &self.reader.access).await.ok();
        }
        loop {
            let rows: Vec<String> = members(&page, self.member).into_iter().map(str::to_owned).collect();
            back.splice(0..0, rows);
            let Some(previous) = page["previous"].as_str() else { break };
            page = api.get(previous, &self.reader.access).await.ok();
        }
        (there, back)
    }
}

/// Whoever was there from beginning to end was seen once, and nobody twice.
fn assert_whole(seen: &[String], stayed: &[&String]) {
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "somebody twice: {seen:?}");
    let missed: Vec<_> = stayed.iter().filter(|row| !distinct.contains(**row)).collect();
    assert!(missed.is_empty(), "{missed:?} of {stayed:?} not in {seen:?}");
}

#[tokio::test]
async fn nobody_is_missed_or_met_twice_in_lists_of_people_one_stands_to() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    let others: [Person; 7] = api.people().await;
    let (first, late) = others.split_at(6);
    for (path, member, direction) in [
        ("/api/blocks", "blocked", ""),
        ("/api/mutes", "muted", ""),
        ("/api/follows", "followed", "following"),
    ] {
        let add = async |person: &Person| {
            let body = json!({ "user_id": person.id });
            id(&api.send("POST", path, &jane.access, body).await.is(201))
        };
        let mut ids = Vec::new();
        for person in first {
            ids.push(add(person).await);
        }
        let query = if direction.is_empty() { String::new() } else { format!("?direction={direction}") };
        let list = List { path: format!("{path}{query}"), reader: &jane, member };
        let (there, back) = list.back_from_the_end(&api).await;
        assert_eq!((there.len(), &there), (6, &back), "{path}");

        let mut new = String::new();
        let seen = list
            .walk(&api, async |page, _| {
                // The two that were just read go, and somebody new comes first.
                if page == 0 {
                    for id in &ids[4..] {
                        api.act("DELETE", &format!("{path}/{id}"), &jane).await.ok();
                    }
                    new = add(&late[0]).await;
                }
            })
            .await;

        assert_whole(&seen, &first[..4].iter().map(|person| &person.id).collect::<Vec<_>>());
        assert_eq!(seen.len(), 6, "{path}");
        for id in ids[..4].iter().chain([&new]) {
            api.act("DELETE", &format!("{path}/{id}"), &jane).await.ok();
        }
    }
}

#[tokio::test]
async fn nobody_is_missed_or_met_twice_in_a_search_and_in_the_list_of_the_newest() {
    let api = Api::shared().await;
    let (admin, people): (Person, [Person; 6]) = (api.verified("admin").await, api.people().await);
    let word = format!("paged{}", new_name().0);
    for person in &people {
        api.set(person, json!({ "bio": format!("{word} and more") })).await;
    }
    let kept: Vec<&String> = people[..4].iter().map(|person| &person.id).collect();
    for (path, reader) in [
        (format!("/api/profiles?search={word}"), &people[0]),
        (format!("/api/users?search={word}"), &people[0]),
        (format!("/api/admin/users?search={word}"), &admin),
    ] {
        let list = List { path: path.clone(), reader, member: "id" };
        let seen = list
            .walk(&api, async |page, seen| {
                if page == 0 {
                    // One who was already read goes.
                    let gone = people[4..].iter().find(|person| seen.contains(&person.id));
                    if let Some(person) = gone {
                        let path = format!("/api/admin/users/{}/suspend", person.id);
                        api.send("POST", &path, &admin.access, json!({ "reason": "spam" })).await.ok();
                    }
                    let [late] = api.people().await;
                    api.set(&late, json!({ "bio": format!("{word}, too") })).await;
                }
            })
            .await;
        assert_whole(&seen, &kept);
    }

    // The newest first: other tests register people meanwhile, as it is in life.
    let list = List { path: "/api/profiles".to_owned(), reader: &people[0], member: "id" };
    let mut left = 8;
    let (mut seen, mut next) = (Vec::new(), Some(format!("{}?page_size=2", list.path)));
    while let Some(path) = next.filter(|_| left > 0) {
        let page = api.get(&path, &people[0].access).await.ok();
        seen.extend(members(&page, "id").into_iter().map(str::to_owned));
        next = page["next"].as_str().map(str::to_owned);
        api.people::<1>().await;
        left -= 1;
    }
    assert_whole(&seen, &[]);
    assert_eq!(seen.len(), 16);
}

#[tokio::test]
async fn nothing_is_missed_or_met_twice_in_lists_of_badges_and_of_keys() {
    let api = Api::shared().await;
    let (owner, jane) = (api.verified("owner").await, api.verified("normal").await);
    let category = format!("c{}", new_name().0);
    let badge = async |name: &str| {
        let badge = api.badge(&owner, json!({ "name": name, "category": category })).await;
        (id(&badge), badge["slug"].as_str().unwrap().to_owned())
    };
    let mut ids = Vec::new();
    for letter in ["b", "c", "d", "e", "f"] {
        let (id, slug) = badge(&format!("{letter} {}", new_badge_name())).await;
        api.give(&owner.access, &jane, &slug).await.is(201);
        ids.push(id);
    }
    let list =
        List { path: format!("/api/badges?category={category}&is_active=true"), reader: &jane, member: "id" };
    let (there, back) = list.back_from_the_end(&api).await;
    assert_eq!((&there, &there), (&ids, &back));
    let seen = list
        .walk(&api, async |page, _| {
            if page == 0 {
                badge(&format!("a {}", new_badge_name())).await;
                api.act("DELETE", &format!("/api/badges/{}", ids[0]), &owner).await.ok();
            }
        })
        .await;
    assert_eq!(seen, ids, "in the order of the alphabet");

    let awards = List { path: "/api/user-badges".to_owned(), reader: &jane, member: "id" };
    let (there, back) = awards.back_from_the_end(&api).await;
    assert_eq!((there.len(), &there), (5, &back));
    let seen = awards
        .walk(&api, async |page, _| {
            if page == 0 {
                let (_, slug) = badge(&format!("g {}", new_badge_name())).await;
                api.give(&owner.access, &jane, &slug).await.is(201);
            }
        })
        .await;
    assert_eq!(seen, there);

    let mut keys = Vec::new();
    for _ in 0..5 {
        keys.push(api.key_of(&jane, &["profile:read"]).await.0);
    }
    let list = List { path: "/api/me/api-keys".to_owned(), reader: &jane, member: "id" };
    let seen = list
        .walk(&api, async |page, _| {
            if page == 0 {
                api.key_of(&jane, &["profile:read"]).await;
            }
        })
        .await;
    assert_eq!(seen, keys.iter().rev().cloned().collect::<Vec<_>>());

    let before = list_of(&api, &jane, "/api/sessions").await;
    let sessions = List { path: "/api/sessions".to_owned(), reader: &jane, member: "id" };
    let seen = sessions
        .walk(&api, async |_, _| {
            api.log_in(&jane.username, &jane.email).await;
        })
        .await;
    assert_whole(&seen, &before.iter().collect::<Vec<_>>());
}

async fn list_of(api: &Api, reader: &Person, path: &str) -> Vec<String> {
    let page = api.get(&format!("{path}?page_size=100"), &reader.access).await.ok();
    members(&page, "id").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn page_is_asked_for_by_its_cursor_or_by_its_number() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    for person in [&john, &joan] {
        api.block(&jane, &person.id).await.is(201);
    }
    let next = async |query: &str| {
        let page = api.get(&format!("/api/blocks?page_size=1{query}"), &jane.access).await.ok();
        page["next"].as_str().unwrap().to_owned()
    };
    assert!(next("&page=1").await.ends_with("page=2"), "who turns pages by number goes on so");
    let cursor = next("").await.split_once("cursor=").unwrap().1.to_owned();

    for (query, pointer) in [
        (format!("?cursor={cursor}&page=2"), "?page"),
        ("?cursor=2".to_owned(), "?cursor"),
        ("?cursor=".to_owned(), "?cursor"),
        (format!("?cursor={}", &cursor[2..]), "?cursor"),
    ] {
        let reply = api.get(&format!("/api/blocks{query}"), &jane.access).await;
        assert_eq!((reply.status, reply.field_error().0), (400, pointer.to_owned()), "{query}");
    }
    // A cursor of another list, and of a search where there is none.
    for path in ["/api/badges", "/api/profiles", "/api/profiles?search=jane", "/api/admin/users?role=normal"]
    {
        let staff = api.verified("admin").await;
        let mark = if path.contains('?') { '&' } else { '?' };
        let reply = api.get(&format!("{path}{mark}cursor={cursor}"), &staff.access).await;
        assert_eq!((reply.status, reply.field_error().0), (400, "?cursor".to_owned()), "{path}");
    }
    let first = api.get("/api/profiles?page_size=1", &jane.access).await.ok();
    let newest = first["next"].as_str().unwrap().split_once("cursor=").unwrap().1.to_owned();
    let reply = api.get(&format!("/api/profiles?search=jane&cursor={newest}"), &jane.access).await;
    assert_eq!((reply.status, reply.field_error().0), (400, "?cursor".to_owned()));
    assert_eq!(first["previous"], Value::Null);
}
