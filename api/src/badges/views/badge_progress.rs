//! Progress towards a badge, the evidence of an award, and the preview of a criterion.

use crate::badges::views::BadgeCardView;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    award::Awarder,
    badge::criteria::{Part, Progress},
};
use projections::badge_progress::{
    evidence::{Evidence, Turn, Witness},
    preview::{Earner, Preview},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One thing that a criterion asks for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RequirementView {
    /// A field or an action.
    #[schema(example = "posts_count")]
    pub name: String,
    /// `>=`, `<=` or `==`.
    #[schema(example = ">=")]
    pub operator: &'static str,
    pub current: i64,
    pub target: i64,
    #[schema(minimum = 0, maximum = 100)]
    pub percent: u8,
    pub met: bool,
}

impl From<Part> for RequirementView {
    fn from(part: Part) -> Self {
        let Part { name, operator, current, target, percent, met } = part;
        Self { name, operator: operator.name(), current, target, percent, met }
    }
}

/// How far somebody is, or was when the badge was earned (BDG-03).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressView {
    /// 0 to 100; 100 only once it is met.
    #[schema(minimum = 0, maximum = 100, example = 75)]
    pub progress: u8,
    #[schema(example = 3)]
    pub requirements_met: u32,
    #[schema(example = 4)]
    pub total_requirements: u32,
    /// In words; none once it is met.
    #[schema(example = "Need 25 more posts")]
    pub next_milestone: Option<String>,
    pub requirements: Vec<RequirementView>,
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> Self {
        Self {
            progress: progress.percent,
            requirements_met: progress.met,
            total_requirements: progress.total,
            next_milestone: progress.next_milestone,
            requirements: progress.parts.into_iter().map(RequirementView::from).collect(),
        }
    }
}

/// A badge, and how far somebody is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EligibleBadgeView {
    pub badge: BadgeCardView,
    #[serde(flatten)]
    pub progress: ProgressView,
}

/// What somebody can still earn, the nearest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadgeProgressView {
    pub eligible_badges: Vec<EligibleBadgeView>,
}

/// An event that counted toward a badge. Whose it was is not told: a like is another's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WitnessView {
    /// In the log.
    pub position: i64,
    pub event_id: Uuid,
    #[schema(example = "activity")]
    pub aggregate_type: String,
    #[schema(example = "activity_recorded")]
    pub event_type: String,
    /// As `/api/events` calls it.
    #[schema(example = "post_create")]
    pub said: Option<&'static str>,
    pub recorded_at: DateTime<Utc>,
}

impl From<Witness> for WitnessView {
    fn from(witness: Witness) -> Self {
        let Witness { position, event_id, aggregate, event_type, recorded_at, word } = witness;
        let said = word.map(projections::user_events::EventWord::name);
        Self { position, event_id: event_id.uuid(), aggregate_type: aggregate, event_type, said, recorded_at }
    }
}

/// Something that happened to an award.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TurnView {
    pub position: i64,
    #[schema(example = "badge_awarded")]
    pub event_type: String,
    pub recorded_at: DateTime<Utc>,
}

impl From<Turn> for TurnView {
    fn from(Turn { position, event_type, recorded_at }: Turn) -> Self {
        Self { position, event_type, recorded_at }
    }
}

/// Why somebody has, or had, a badge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Of the award.
    pub id: Uuid,
    pub user: Uuid,
    pub badge: Uuid,
    /// Of the badge, when it was given.
    #[schema(example = "First Post")]
    pub name: String,
    pub points: u32,
    /// Of the badge's criterion.
    pub badge_version: u32,
    /// `system`, `staff:<id>` or `service:<name>`.
    #[schema(example = "system")]
    pub awarded_by: String,
    /// When the event happened that completed it; for a gift, when it was given.
    pub earned_at: DateTime<Utc>,
    /// Later than `earned_at` where the badge was earned in retrospect.
    pub defined_at: DateTime<Utc>,
    pub awarded_at: DateTime<Utc>,
    /// Position of that event; none for a gift.
    pub completed_by: Option<u64>,
    /// What the criterion saw then; none for a gift.
    pub as_it_was: Option<ProgressView>,
    /// How many events made it so.
    pub evidence_total: u64,
    /// Those events, or the last 1,000 of them.
    pub evidence: Vec<WitnessView>,
    /// Given, taken away, given again.
    pub history: Vec<TurnView>,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        Self {
            id: evidence.award.uuid(),
            user: evidence.user.uuid(),
            badge: evidence.badge.uuid(),
            name: evidence.name,
            points: evidence.points,
            badge_version: evidence.version,
            awarded_by: match evidence.awarded_by {
                Awarder::System => "system".to_owned(),
                Awarder::Staff(user) => format!("staff:{user}"),
                Awarder::Service(name) => format!("service:{name}"),
            },
            earned_at: evidence.earned_at,
            defined_at: evidence.defined_at,
            awarded_at: evidence.awarded_at,
            completed_by: evidence.completed_by,
            as_it_was: evidence.progress.map(ProgressView::from),
            evidence_total: evidence.total,
            evidence: evidence.events.into_iter().map(WitnessView::from).collect(),
            history: evidence.history.into_iter().map(TurnView::from).collect(),
        }
    }
}

/// Somebody who would have earned the badge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EarnerView {
    pub user: Uuid,
    pub earned_at: DateTime<Utc>,
    /// Of the event that completed it.
    pub position: u64,
}

impl From<Earner> for EarnerView {
    fn from(Earner { at, user, position }: Earner) -> Self {
        Self { user: user.uuid(), earned_at: at, position }
    }
}

/// How many on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DayCountView {
    /// UTC.
    pub day: NaiveDate,
    pub count: u64,
}

/// What a criterion would have done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewView {
    /// What was looked at.
    pub facts: u64,
    pub people: u64,
    /// How many would have earned it.
    pub earned: u64,
    pub over_time: Vec<DayCountView>,
    /// The first 1,000.
    pub earners: Vec<EarnerView>,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        let Preview { facts, people, earned, by_day, earners } = preview;
        let over_time = by_day.into_iter().map(|(day, count)| DayCountView { day, count }).collect();
        let earners = earners.into_iter().map(EarnerView::from).collect();
        Self { facts, people, earned, over_time, earners }
    }
}

/// How far a preview is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PreviewProgressView {
    pub done: u64,
    pub total: u64,
}
