//! Who earned a badge is told by mail: once, if they want it, and while they have it (TSK-21).

use crate::{
    badges::gift,
    people::Person,
    rig::{Rig, at, until},
    smtp::SmtpServer,
};
use annals_tests::samples::{event, submission};
use commands::Caller;
use domain::{
    AwardId, BadgeId, UserId,
    award::{AwardEvent, Awarder, BadgeAwarded},
    profile::Patch,
    settings::{Settings, SettingsPatch, UpdateSettings},
    user::{UserErased, UserEvent, UserSuspended},
    values::{AccountStatus, NotificationFrequency, RevocationReason},
};
use store::StreamRef;

const SUBJECT: &str = "You earned a badge";

fn first_post() -> BadgeId {
    BadgeId::of_catalogue("first_post")
}

impl Rig {
    /// Somebody with a verified address.
    async fn reachable(&self, email: &str) -> Person {
        let mut person = self.registers(email).await;
        self.verifies(&mut person, email).await;
        person
    }

    async fn gives(&self, user: UserId) -> AwardId {
        self.badges().award(gift(first_post(), user), &Caller::system("test")).await.unwrap();
        AwardId::of(user, first_post())
    }

    async fn takes(&self, award: AwardId, staff: &Caller) {
        let reason = RevocationReason::parse("bought").unwrap();
        self.badges().revoke(award, reason, staff).await.unwrap();
    }

    async fn chooses(&self, user: UserId, patch: SettingsPatch) {
        let session = domain::SessionId::default();
        let role = domain::values::Role::Normal;
        let principal = commands::Principal::User { id: user, session, role, verified: true };
        let caller = Caller { principal, ..Caller::default() };
        let update = UpdateSettings { user, patch, at: at(2) };
        self.executor().run::<Settings>(user, update, &caller).await.unwrap();
    }

    /// What became of all letters, by the order of their events.
    async fn letters(&self) -> Vec<String> {
        self.reaches_the_head("send_email").await;
        let outcomes = async || {
            let letters = self.rows().await.into_iter().filter(|job| job.kind == "send_email");
            letters.map(|job| job.outcome).collect::<Option<Vec<_>>>()
        };
        until("the letters are settled", async || outcomes().await.is_some()).await;
        outcomes().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn earned_badge_is_mailed_once_and_again_where_it_is_given_again() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    rig.badges().install_catalogue().await.unwrap();
    let (jane, staff) = (rig.reachable("jane@example.com").await.id, rig.staff().await);
    let _workers = rig.workers(&server.mailer()).await;

    let award = rig.gives(jane).await;
    rig.gives(jane).await;

    let mails = server.receives(1).await;
    assert_eq!((mails[0].header("To"), mails[0].header("Subject")), ("jane@example.com", SUBJECT));
    let told = format!("https://annals.example/api/public/badges/{award}\r\n");
    assert!(mails[0].0.contains("the badge First Post, worth 25 points") && mails[0].0.contains(&told));
    assert_eq!(rig.letters().await, ["sent"]);

    rig.takes(award, &staff).await;
    rig.badges().lift(award, &staff).await.unwrap();
    rig.gives(jane).await;
    assert_eq!(server.receives(2).await.len(), 2);
    assert_eq!(rig.letters().await, ["sent", "sent"]);
}

/// What is awarded while no worker runs is judged when one does.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_mailed_who_does_not_want_it_or_has_lost_the_badge() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    rig.badges().install_catalogue().await.unwrap();
    let staff = rig.staff().await;
    let stranger = rig.registers("unverified@example.com").await;
    let mut people = Vec::new();
    for name in ["off", "never", "weekly", "revoked", "twice", "suspended", "erased", "jane"] {
        people.push(rig.reachable(&format!("{name}@example.com")).await);
    }
    rig.gives(stranger.id).await;
    let mut awards = Vec::new();
    for person in &people {
        awards.push(rig.gives(person.id).await);
    }
    let off = SettingsPatch { email_notifications: Patch::Set(false), ..SettingsPatch::default() };
    rig.chooses(people[0].id, off).await;
    for (person, frequency) in
        [(1, NotificationFrequency::Never), (2, NotificationFrequency::Weekly)].map(|(n, f)| (&people[n], f))
    {
        let patch =
            SettingsPatch { notification_frequency: Patch::Set(frequency), ..SettingsPatch::default() };
        rig.chooses(person.id, patch).await;
    }
    rig.takes(awards[3], &staff).await;
    rig.takes(awards[4], &staff).await;
    rig.badges().lift(awards[4], &staff).await.unwrap();
    rig.gives(people[4].id).await;
    let reason = domain::Personal::new(domain::Subject::of(people[5].id), "spam".to_owned());
    let (status, until, suspended_at) = (AccountStatus::Suspended, None, at(2));
    let suspended: UserEvent = UserSuspended { status, reason, until, suspended_at }.into();
    rig.does(&mut people[5], suspended, Vec::new()).await;
    let erased: UserEvent = UserErased { requested_at: at(2), erased_at: at(3) }.into();
    rig.does(&mut people[6], erased, Vec::new()).await;

    let _workers = rig.workers(&server.mailer()).await;

    let mails = server.receives(2).await;
    let mut to: Vec<_> = mails.iter().map(|mail| mail.header("To")).collect();
    to.sort_unstable();
    assert_eq!(to, ["jane@example.com", "twice@example.com"]);
    let expected = [
        "no-address",
        "unwanted",
        "unwanted",
        "digest",
        "revoked",
        "revoked",
        "no-address",
        "no-address",
        "sent",
        "sent",
    ];
    assert_eq!(rig.letters().await, expected);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn name_of_a_badge_can_be_no_header() {
    let (rig, server) = (Rig::new().await, SmtpServer::start());
    let jane = rig.reachable("jane@example.com").await.id;
    let badge = first_post();
    // No command makes such a name.
    let awarded: AwardEvent = BadgeAwarded {
        user: jane,
        badge,
        ordinal: 1,
        badge_version: 1,
        name: "Zero\r\nBcc: eve@example.com\r\n\r\n\u{e9}<b>".to_owned(),
        points: 25,
        defined_at: at(0),
        awarded_by: Awarder::System,
        earned_at: at(0),
        completed_by: None,
        evidence: Vec::new(),
        evidence_total: 0,
        progress: None,
        notes: None,
        awarded_at: at(0),
    }
    .into();
    let stream = StreamRef { aggregate_type: "award", id: AwardId::of(jane, badge).uuid() };
    rig.store.submit(submission(stream, 0, vec![event(&awarded)])).await.unwrap();

    let _workers = rig.workers(&server.mailer()).await;

    let mails = server.receives(1).await;
    let mail = mails[0].0.replace("\r\n", "\n");
    let (head, _) = mail.split_once("\n\n").unwrap();
    assert!(!head.contains("eve@example.com") && head.contains(&format!("Subject: {SUBJECT}\n")), "{mail}");
    assert_eq!(rig.letters().await, ["sent"]);
}
