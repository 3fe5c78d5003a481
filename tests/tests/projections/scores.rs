//! Scores of people go on when a day is closed, also of those who do nothing (ANL-02, TSK-02).

use crate::{
    story::{at, stream},
    world::World,
};
use annals_tests::samples::{self, event, noon};
use chrono::{Days, NaiveDate};
use domain::{
    ActivityId, CalendarId, Subject, UserId,
    activity::{ActivityEvent, ActivityKind, Deed},
    badge::criteria::Quality,
    calendar::{CalendarEvent, DayClosed},
    user::{UserErased, UserEvent},
};

fn day(n: u64) -> NaiveDate {
    noon().date_naive() + Days::new(n)
}

/// Engagement, interactions per day and quality, as others are shown them.
type Scores = (i64, i64, Option<i64>);

impl World {
    /// A day of 2026 is closed.
    pub async fn closes(&self, day: NaiveDate) {
        let closed: CalendarEvent = DayClosed { day, closed_at: at(0) }.into();
        let year = stream("calendar", CalendarId::of(2026));
        self.append(Subject::default(), year, vec![event(&closed)]).await;
    }

    /// So many of such deeds on the first day; likes are of the other's posts.
    async fn does(&self, user: UserId, kind: ActivityKind, times: usize, target: Option<UserId>) {
        let quality = (kind == ActivityKind::Review).then(|| Quality::of_tenths(45)).flatten();
        let deeds = (0..times).map(|_| Deed { kind, target, quality, ..samples::deed(user, day(0)) });
        let events: Vec<ActivityEvent> = deeds.map(|deed| samples::recorded(deed, at(1)).into()).collect();
        let events = events.iter().map(event).collect();
        self.append(Subject::of(user), stream("activity", ActivityId::of(user, day(0))), events).await;
    }

    async fn scores(&self, user: UserId) -> Option<Scores> {
        self.caught_up().await;
        let sql = "SELECT engagement_score, interaction_frequency, content_quality_score
                     FROM p_badge_progress.badge_tallies WHERE user_id = $1";
        sqlx::query_as(sql).bind(user.uuid()).fetch_optional(&self.pool).await.unwrap()
    }
}

#[tokio::test]
async fn closed_days_move_windows_and_compare_people() {
    let world = World::new().await;
    let running = world.run();
    let [jane, john, kim, fan] = [(); 4].map(|()| samples::new_user());
    for (user, posts) in [(jane, 5), (john, 2), (kim, 2)] {
        world.does(user, ActivityKind::PostCreate, posts, None).await;
    }
    world.does(john, ActivityKind::Review, 1, None).await;
    world.does(fan, ActivityKind::Like, 5, Some(jane)).await;
    world.does(fan, ActivityKind::Like, 6, Some(john)).await;
    // 20 points for 20 posts; 30 for 100 interactions.
    assert_eq!(world.scores(jane).await, Some((5, 0, None)));
    assert_eq!(world.scores(fan).await, Some((3, 0, None)));

    world.closes(day(29)).await;

    // Jane has one like a post and the share of one of two others behind her; John has three, and a review of 4.5.
    assert_eq!(world.scores(jane).await, Some((5, 0, Some(50))));
    assert_eq!(world.scores(john).await, Some((2, 0, Some((100 + 100 + 90) / 3))));
    assert_eq!(world.scores(kim).await, Some((2, 0, None)), "two items are too few");

    // Late news of the first day are not out of the window yet.
    world.does(kim, ActivityKind::PostCreate, 1, None).await;
    assert_eq!(world.scores(kim).await, Some((3, 0, None)), "compared once a day");
    world.closes(day(30)).await;
    assert_eq!(world.scores(jane).await, Some((0, 0, Some(50))));
    assert_eq!(world.scores(kim).await, Some((0, 0, Some(0))));
    // A day that is closed stays so: nothing comes back.
    world.closes(day(1)).await;
    world.does(kim, ActivityKind::PostCreate, 1, None).await;
    assert_eq!(world.scores(kim).await, Some((0, 0, Some(0))));
    world.assert_equal_to_a_replay().await;

    let erased: UserEvent = UserErased { requested_at: at(1), erased_at: at(2) }.into();
    world.append(Subject::of(john), samples::user_stream(john), vec![event(&erased)]).await;
    assert_eq!(world.scores(john).await, Some((0, 0, None)));
    world.closes(day(31)).await;
    assert_eq!(world.scores(john).await, Some((0, 0, None)));
    assert_eq!(world.scores(jane).await, Some((0, 0, Some(100))), "of two who post");
    world.assert_equal_to_a_replay().await;
    running.stop().await;
}
