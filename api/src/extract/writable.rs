//! A PUT accepts every member of its own GET: what may be written is taken, what may not must be unchanged.

use super::Checks;
use serde_json::{Map, Value};

/// What a resource's representation allows to be written.
#[derive(Clone, Copy, Debug)]
pub struct Writable {
    pub members: &'static [&'static str],
    /// Read-only ones that change by themselves, or follow from a change: whatever they say is ignored, or a repeated
    /// PUT would contradict its own effect.
    pub volatile: &'static [&'static str],
}

impl Writable {
    /// The members of `body` that may be written and differ from `current`.
    pub fn changes(
        self,
        body: Map<String, Value>,
        current: &Value,
        checks: &mut Checks,
    ) -> Map<String, Value> {
        let mut changes = Map::new();
        for (member, value) in body {
            if self.members.contains(&member.as_str()) {
                if current.get(&member) != Some(&value) {
                    changes.insert(member, value);
                }
            } else {
                self.read_only(&member, &value, current, checks);
            }
        }
        changes
    }

    fn read_only(self, member: &str, value: &Value, current: &Value, checks: &mut Checks) {
        match current.get(member) {
            None => checks.add(member, "unknown-field", "there is no such member"),
            Some(_) if self.volatile.contains(&member) => {}
            Some(current) if current == value => {}
            Some(_) => checks.add(member, "read-only", "this member cannot be changed here"),
        }
    }
}

/// Several spellings of one member: the one that changed counts, under the first name (C-16).
pub fn merge_spellings(changes: &mut Map<String, Value>, spellings: &[&str], checks: &mut Checks) {
    let given: Vec<(&str, Value)> =
        spellings.iter().filter_map(|name| Some((*name, changes.remove(*name)?))).collect();
    let Some((_, value)) = given.first() else { return };
    if let Some((other, _)) = given.iter().find(|(_, other)| other != value) {
        checks.add(other, "contradiction", format!("this says something else than {}", given[0].0));
    }
    if let Some(name) = spellings.first() {
        changes.insert((*name).to_owned(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PAGE: Writable = Writable { members: &["bio", "avatar_url", "avatar"], volatile: &["last_login"] };

    fn changes(body: Value) -> Result<Value, Vec<(String, String)>> {
        let current = json!({ "id": 7, "bio": null, "avatar_url": "a", "avatar": "a", "last_login": 1 });
        let Value::Object(body) = body else { panic!("not an object") };
        let mut checks = Checks::default();
        let mut changes = PAGE.changes(body, &current, &mut checks);
        merge_spellings(&mut changes, &["avatar_url", "avatar"], &mut checks);
        match checks.finish() {
            Ok(()) => Ok(Value::Object(changes)),
            Err(problem) => {
                Err(problem.field_errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect())
            }
        }
    }

    fn errors(pointer: &str, code: &str) -> Result<Value, Vec<(String, String)>> {
        Err(vec![(pointer.to_owned(), code.to_owned())])
    }

    #[test]
    fn own_representation_changes_nothing() {
        let body = json!({ "id": 7, "bio": null, "avatar_url": "a", "avatar": "a", "last_login": 1 });

        assert_eq!(changes(body), Ok(json!({})));
    }

    #[test]
    fn changed_read_only_members_are_refused_unless_they_change_by_themselves() {
        assert_eq!(changes(json!({ "id": 8 })), errors("/id", "read-only"));
        assert_eq!(changes(json!({ "last_login": 9 })), Ok(json!({})));
        assert_eq!(changes(json!({ "nickname": "x" })), errors("/nickname", "unknown-field"));
    }

    #[test]
    fn spelling_that_changed_counts() {
        let body = json!({ "avatar_url": "a", "avatar": "b", "bio": "hi" });

        assert_eq!(changes(body), Ok(json!({ "avatar_url": "b", "bio": "hi" })));
        assert_eq!(changes(json!({ "avatar_url": "b", "avatar": "c" })), errors("/avatar", "contradiction"));
    }
}
