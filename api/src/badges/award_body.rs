//! Bodies about an award: a new one, a change, and the reason of a revocation.

use crate::people::person::{named_in, whole};
use crate::{
    App,
    badges::views::UserBadgeView,
    extract::{Checks, Form, Writable, typed},
    problem::{ApiResult, Problem},
};
use commands::NewAward;
use domain::{
    BadgeId, UserId,
    profile::Patch,
    values::{AwardNote, RevocationReason},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who gets which badge: `user` or `user_id`, and any one name of the badge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardBody {
    user: Option<Uuid>,
    /// Same as `user`.
    user_id: Option<Uuid>,
    /// The badge's id, slug or name.
    #[schema(example = "first_post")]
    badge: Option<String>,
    /// Same as `badge`.
    badge_id: Option<String>,
    /// Same as `badge`.
    badge_name: Option<String>,
    /// Same as `badge`.
    slug: Option<String>,
    /// Same as `badge`.
    name: Option<String>,
    /// What is remarked on the award, for the person and for staff: 1 to 2,000 characters.
    #[schema(max_length = 2000)]
    notes: Option<String>,
    /// Same as `notes`.
    #[schema(max_length = 2000)]
    reason: Option<String>,
    /// Gives back what staff have taken away; only staff do.
    over_revocation: Option<bool>,
}

impl Form for AwardBody {
    fn check(&self, checks: &mut Checks) {
        self.person(checks);
        self.remark(checks);
        let names = [&self.badge, &self.badge_id, &self.badge_name, &self.slug, &self.name];
        if names.into_iter().all(Option::is_none) {
            checks.missing("badge");
        }
    }
}

impl AwardBody {
    fn person(&self, checks: &mut Checks) -> Option<UserId> {
        named_in(checks, [("user", self.user), ("user_id", self.user_id)])
    }

    fn remark(&self, checks: &mut Checks) -> Option<AwardNote> {
        let (member, text) = match (&self.notes, &self.reason) {
            (Some(one), Some(other)) if one != other => {
                checks.add("reason", "contradiction", "notes says something else");
                return None;
            }
            (Some(notes), _) => ("notes", notes),
            (None, reason) => ("reason", reason.as_ref()?),
        };
        // A blank one is none, as forms send it.
        let text = Some(text).filter(|text| !text.trim().is_empty())?;
        checks.value(member, AwardNote::parse(text))
    }

    pub async fn read(self, app: &App) -> ApiResult<NewAward> {
        let mut checks = Checks::default();
        let (user, notes) = (self.person(&mut checks), self.remark(&mut checks));
        let names = [
            ("badge", self.badge),
            ("badge_id", self.badge_id),
            ("badge_name", self.badge_name),
            ("slug", self.slug),
            ("name", self.name),
        ];
        let given: Vec<_> = names.into_iter().filter_map(|(member, name)| Some((member, name?))).collect();
        if given.is_empty() {
            checks.missing("badge");
        }
        let user = whole(checks, user)?;
        let badge = badge(app, given).await?;
        let over_revocation = self.over_revocation == Some(true);
        Ok(NewAward { badge, user, completion: None, notes, over_revocation })
    }
}

/// The one badge that all of these name.
async fn badge(app: &App, given: Vec<(&str, String)>) -> ApiResult<BadgeId> {
    let mut found = None;
    for (member, name) in given {
        let badge = app.commands().badges.find(&name).await?;
        if found.is_some_and(|other| other != badge) {
            let mut checks = Checks::default();
            checks.add(member, "contradiction", "this is the id of another badge");
            checks.finish()?;
        }
        found = Some(badge);
    }
    found.ok_or_else(|| Problem::internal("a checked form without its values"))
}

const AWARD: Writable =
    Writable { members: &["is_featured", "notes"], synonyms: &[], volatile: &["badge", "status"] };

/// `is_featured` is the person's to say, `notes` are staff's.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardChangeBody {
    is_featured: Option<bool>,
    /// 1 to 2,000 characters; null takes them away.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    notes: Patch<String>,
}

/// What is to be changed of an award.
#[derive(Debug)]
pub struct AwardChange {
    pub is_featured: Option<bool>,
    /// Outside: whether they are changed; inside: to what.
    pub notes: Option<Option<AwardNote>>,
}

impl AwardChangeBody {
    /// What a body changes of an award as it is shown now.
    pub fn read(body: Map<String, Value>, current: &UserBadgeView) -> ApiResult<AwardChange> {
        let shown = serde_json::to_value(current).map_err(Problem::internal)?;
        let mut checks = Checks::default();
        let changes = AWARD.changes(body, &shown, &mut checks);
        let Self { is_featured, notes } = typed(changes, &mut checks).unwrap_or_default();
        let notes = match checks.text::<AwardNote>("notes", notes) {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(notes) => Some(Some(notes)),
        };
        checks.finish().map(|()| AwardChange { is_featured, notes })
    }
}

/// Why a badge is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationBody {
    /// For the person and for staff: 1 to 500 characters.
    #[schema(max_length = 500, example = "The posts were copied")]
    reason: String,
}

/// From the body or the query; both must agree.
pub fn reason(body: Option<RevocationBody>, query: Option<String>) -> ApiResult<RevocationReason> {
    let mut checks = Checks::default();
    let text = match (body.map(|body| body.reason), query) {
        (Some(one), Some(other)) if one != other => {
            checks.add("reason", "contradiction", "the query says something else");
            None
        }
        (one, other) => one.or(other),
    };
    if text.is_none() {
        checks.missing("reason");
    }
    let reason = text.and_then(|text| checks.value("reason", RevocationReason::parse(&text)));
    checks.finish()?;
    reason.ok_or_else(|| Problem::internal("a checked form without its values"))
}
