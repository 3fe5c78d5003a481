//! A PUT accepts every member of its own GET: what may be written is taken, what may not must be unchanged.

use super::Checks;
use serde_json::{Map, Value};

/// Says which state of a resource a representation is of.
const UPDATED_AT: &str = "updated_at";

/// What a resource's representation allows to be written.
#[derive(Clone, Copy, Debug)]
pub struct Writable {
    pub members: &'static [&'static str],
    /// Names of one field (C-16); the first is among `members`.
    pub synonyms: &'static [&'static [&'static str]],
    /// Read-only ones that change by themselves, or follow from a change: whatever they say is ignored, or a repeated
    /// PUT would contradict its own effect.
    pub volatile: &'static [&'static str],
}

impl Writable {
    /// Whether a body can be read without knowing what it changes: it names only what may be written, and once.
    pub fn stands_alone(self, body: &Map<String, Value>) -> bool {
        body.keys().all(|member| self.members.contains(&member.as_str()))
    }

    /// The fields of `body` that may be written and differ from `current`.
    pub fn changes(
        self,
        mut body: Map<String, Value>,
        current: &Value,
        checks: &mut Checks,
    ) -> Map<String, Value> {
        let is_of_now = body.get(UPDATED_AT).is_some_and(|at| current.get(UPDATED_AT) == Some(at));
        for names in self.synonyms {
            merge(&mut body, names, current, is_of_now, checks);
        }
        let mut changes = Map::new();
        for (member, value) in body {
            if !self.members.contains(&member.as_str()) {
                self.read_only(&member, &value, current, checks);
            } else if current.get(&member) != Some(&value) {
                changes.insert(member, value);
            }
        }
        changes
    }

    fn read_only(self, member: &str, value: &Value, current: &Value, checks: &mut Checks) {
        match current.get(member) {
            None => checks.add(member, "unknown-field", "this field is unknown"),
            Some(_) if self.volatile.contains(&member) => {}
            Some(current) if current == value => {}
            Some(_) => checks.add(member, "read-only", "this field is read-only here"),
        }
    }
}

/// Leaves a field under its first name only.
///
/// Where its names disagree, the one that was changed counts. Which one that is can be told only while the body is of
/// the present state: a repeated PUT finds its own change there, and would take it back.
fn merge(
    body: &mut Map<String, Value>,
    names: &[&str],
    current: &Value,
    is_of_now: bool,
    checks: &mut Checks,
) {
    let given: Vec<(&str, Value)> =
        names.iter().filter_map(|name| Some((*name, body.remove(*name)?))).collect();
    let (Some(first), Some((named, value))) = (names.first(), given.first()) else { return };
    let mut chosen = value;
    if let Some((other, _)) = given.iter().find(|(_, other)| other != value) {
        let changed: Vec<&Value> =
            given.iter().map(|(_, value)| value).filter(|value| current.get(*first) != Some(value)).collect();
        match changed[..] {
            [one, ref more @ ..] if is_of_now && more.iter().all(|other| *other == one) => chosen = one,
            _ => checks.add(other, "contradiction", format!("this says something else than {named}")),
        }
    }
    body.insert((*first).to_owned(), chosen.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PAGE: Writable = Writable {
        members: &["bio", "avatar_url"],
        synonyms: &[&["avatar_url", "avatar", "picture"]],
        volatile: &["updated_at", "last_login"],
    };

    type Errors = Vec<(String, String)>;

    fn current() -> Value {
        json!({ "id": 7, "bio": null, "avatar_url": "a", "avatar": "a", "picture": "a", "last_login": 1, "updated_at": 5 })
    }

    fn with(changes: Value) -> Value {
        let mut body = current();
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    }

    fn changes(body: Value, current: &Value) -> Result<Value, Errors> {
        let Value::Object(body) = body else { panic!("not an object") };
        let mut checks = Checks::default();
        let changes = PAGE.changes(body, current, &mut checks);
        match checks.finish() {
            Ok(()) => Ok(Value::Object(changes)),
            Err(problem) => {
                Err(problem.field_errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect())
            }
        }
    }

    fn error(pointer: &str, code: &str) -> Result<Value, Errors> {
        Err(vec![(pointer.to_owned(), code.to_owned())])
    }

    #[test]
    fn own_representation_changes_nothing() {
        assert_eq!(changes(current(), &current()), Ok(json!({})));
    }

    #[test]
    fn only_a_body_of_writable_members_stands_alone() {
        let alone = |body: Value| PAGE.stands_alone(body.as_object().unwrap());

        assert!(alone(json!({ "bio": "x", "avatar_url": "b" })));
        assert!(!alone(json!({ "bio": "x", "avatar": "b" })));
        assert!(!alone(current()));
    }

    #[test]
    fn changed_read_only_members_are_refused_unless_they_change_by_themselves() {
        assert_eq!(changes(json!({ "id": 8 }), &current()), error("/id", "read-only"));
        assert_eq!(changes(json!({ "last_login": 9 }), &current()), Ok(json!({})));
        assert_eq!(changes(json!({ "nickname": "x" }), &current()), error("/nickname", "unknown-field"));
    }

    #[test]
    fn any_name_that_was_changed_in_the_present_representation_counts() {
        for name in ["avatar_url", "avatar", "picture"] {
            assert_eq!(
                changes(with(json!({ name: "b" })), &current()),
                Ok(json!({ "avatar_url": "b" })),
                "{name}"
            );
            assert_eq!(changes(json!({ name: "b" }), &current()), Ok(json!({ "avatar_url": "b" })), "{name}");
        }
    }

    #[test]
    fn names_that_disagree_are_refused() {
        let body = with(json!({ "avatar_url": "b", "avatar": "c" }));

        assert_eq!(changes(body, &current()), error("/avatar", "contradiction"));
        assert_eq!(
            changes(json!({ "avatar": "a", "picture": "b" }), &current()),
            error("/picture", "contradiction")
        );
    }

    #[test]
    fn repeated_put_does_not_take_itself_back() {
        let body = with(json!({ "avatar": "b" }));
        let mut after = current();
        for name in ["avatar_url", "avatar", "picture"] {
            after[name] = json!("b");
        }
        after["updated_at"] = json!(6);

        assert_eq!(changes(body, &after), error("/avatar", "contradiction"));
    }
}
