//! Writes of `profile_pages`.

use super::{query::ProfilePage, words::ProfileWords};
use crate::{
    batch::Batch,
    columns::columns,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::PROFILE_PAGES,
    rows::Rows,
};
use async_trait::async_trait;
use domain::{
    Personal, UserId,
    profile::{Change, ProfileChanges, ProfileEvent},
    user::{ContactKind, PasswordCause, UserEvent, UserRegistered},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<ProfilePage> = Rows::of("profile_pages", &["user_id"]);
const NAMES: Rows<ProfileWords> = Rows::of("profile_names", &["user_id"]);
const BIOS: Rows<ProfileWords> = Rows::of("profile_bios", &["user_id"]);

columns! {
    ProfilePage: user_id, username, email, is_verified, role, full_name, title, bio, date_of_birth, address,
        phone_number, avatar_url, cover_media, cover_media_type, country, city, skills, is_private,
        follow_policy, show_email, show_phone, show_location, is_profile_complete, suspended_at,
        suspended_until, is_leaving, created_at, updated_at, version;
    ProfileWords: user_id, text, parts;
}

pub(crate) struct ProfilePages;

#[async_trait]
impl Projection for ProfilePages {
    fn name(&self) -> Name {
        PROFILE_PAGES
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// The account's stream and the profile's have the same id: the user's.
    fn key(&self, event: &Envelope) -> String {
        event.recorded.aggregate_id.clone()
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut touched = BTreeSet::new();
        for event in events {
            touched.insert(event.stream_id()?);
        }
        let known = TABLE.load(batch, &touched).await?;
        let mut pages: BTreeMap<Uuid, ProfilePage> =
            known.into_iter().map(|page| (page.user_id.uuid(), page)).collect();
        let before = (words(&pages, ProfileWords::names), words(&pages, ProfileWords::bio));
        for event in events {
            evolve(&mut pages, event.stream_id()?, event);
        }
        TABLE.purge(batch, events).await?;
        NAMES.purge(batch, events).await?;
        BIOS.purge(batch, events).await?;
        // What did not change is not written, for its indexes cost more than the look.
        NAMES.store(batch, changed(words(&pages, ProfileWords::names), &before.0))?;
        BIOS.store(batch, changed(words(&pages, ProfileWords::bio), &before.1))?;
        TABLE.store(batch, pages.into_values())
    }
}

type Words = BTreeMap<Uuid, ProfileWords>;

fn words(pages: &BTreeMap<Uuid, ProfilePage>, of: fn(&ProfilePage) -> ProfileWords) -> Words {
    pages.iter().map(|(id, page)| (*id, of(page))).collect()
}

fn changed(now: Words, before: &Words) -> Vec<ProfileWords> {
    now.into_iter().filter(|(id, words)| before.get(id) != Some(words)).map(|(_, words)| words).collect()
}

fn evolve(pages: &mut BTreeMap<Uuid, ProfilePage>, id: Uuid, envelope: &Envelope) {
    if let Some(UserEvent::UserRegistered(e)) = envelope.event.user() {
        pages.insert(id, registered(id, e));
    }
    if envelope.erased().is_some() {
        pages.remove(&id);
    }
    let Some(page) = pages.get_mut(&id) else { return };
    if let Some(event) = envelope.event.user() {
        change_account(page, event);
    }
    if let Some(event) = envelope.event.profile() {
        page.version = envelope.recorded.sequence;
        change_profile(page, event);
    }
}

fn change_account(page: &mut ProfilePage, event: &UserEvent) {
    match event {
        UserEvent::UserRegistered(_)
        | UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::SessionsInvalidated(_)
        | UserEvent::UserInvited(_)
        | UserEvent::EmailChangeCancelled(_)
        | UserEvent::UserErased(_)
        | UserEvent::ErasureCertified(_) => {}
        UserEvent::UserDeletionRequested(_) => page.is_leaving = true,
        UserEvent::UserDeletionCancelled(_) => page.is_leaving = false,
        UserEvent::RoleChanged(e) => page.role = e.role,
        UserEvent::UserSuspended(e) => {
            page.suspended_at = Some(e.suspended_at);
            page.suspended_until = e.until;
        }
        UserEvent::UserReinstated(_) => {
            page.suspended_at = None;
            page.suspended_until = None;
        }
        UserEvent::ContactVerified(e) => {
            page.is_verified = true;
            if e.contact == ContactKind::Email {
                page.email = known(&e.address);
            }
        }
        UserEvent::PasswordChanged(e) if e.cause == PasswordCause::Rehashed => {}
        UserEvent::PasswordChanged(e) => page.updated_at = page.updated_at.max(e.changed_at),
    }
}

fn change_profile(page: &mut ProfilePage, event: &ProfileEvent) {
    match event {
        ProfileEvent::ProfileCreated(e) => {
            page.created_at = e.created_at;
            page.updated_at = page.updated_at.max(e.created_at);
        }
        ProfileEvent::ProfileUpdated(e) => {
            change_fields(page, &e.changes);
            page.updated_at = page.updated_at.max(e.updated_at);
        }
        // What it says follows from the fields.
        ProfileEvent::ProfileCompleted(_) => {}
        // It is in `badges`.
        ProfileEvent::FeaturedBadgesChanged(_) => {}
    }
}

/// Names every field: a new one does not compile before it has a column.
fn change_fields(page: &mut ProfilePage, changes: &ProfileChanges) {
    let ProfileChanges {
        full_name,
        title,
        bio,
        date_of_birth,
        address,
        phone_number,
        avatar_url,
        cover_media,
        cover_media_type,
        country,
        city,
        skills,
        is_private,
        follow_policy,
        show_email,
        show_phone,
        show_location,
    } = changes;
    set(&mut page.full_name, full_name);
    set(&mut page.title, title);
    set(&mut page.bio, bio);
    set(&mut page.date_of_birth, date_of_birth);
    set(&mut page.address, address);
    set(&mut page.phone_number, phone_number);
    set(&mut page.avatar_url, avatar_url);
    set(&mut page.cover_media, cover_media);
    choose(&mut page.cover_media_type, cover_media_type.as_ref());
    set(&mut page.country, country);
    set(&mut page.city, city);
    let mut names = Some(std::mem::take(&mut page.skills));
    set(&mut names, skills);
    page.skills = names.unwrap_or_default();
    switch(&mut page.is_private, is_private.as_ref());
    choose(&mut page.follow_policy, follow_policy.as_ref());
    switch(&mut page.show_email, show_email.as_ref());
    switch(&mut page.show_phone, show_phone.as_ref());
    switch(&mut page.show_location, show_location.as_ref());
    page.is_profile_complete = page.full_name.is_some()
        && page.date_of_birth.is_some()
        && page.address.is_some()
        && page.avatar_url.is_some();
}

/// What is set and cannot be read is as absent as what was cleared.
fn set<T: Clone>(field: &mut Option<T>, change: &Option<Change<Personal<T>>>) {
    match change {
        Some(Change::Set(value)) => *field = value.known().cloned(),
        Some(Change::Cleared) => *field = None,
        None => {}
    }
}

fn choose<T: Copy>(field: &mut Option<T>, change: Option<&Change<T>>) {
    match change {
        Some(Change::Set(choice)) => *field = Some(*choice),
        Some(Change::Cleared) => *field = None,
        None => {}
    }
}

fn switch(field: &mut bool, change: Option<&Change<bool>>) {
    match change {
        Some(Change::Set(on)) => *field = *on,
        Some(Change::Cleared) => *field = false,
        None => {}
    }
}

fn registered(id: Uuid, e: &UserRegistered) -> ProfilePage {
    ProfilePage {
        user_id: UserId::from_uuid(id),
        username: known(&e.username),
        email: known(&e.email),
        is_verified: false,
        role: e.role,
        full_name: None,
        title: None,
        bio: None,
        date_of_birth: None,
        address: None,
        phone_number: None,
        avatar_url: None,
        cover_media: None,
        cover_media_type: None,
        country: None,
        city: None,
        skills: Vec::new(),
        is_private: false,
        follow_policy: None,
        show_email: false,
        show_phone: false,
        show_location: false,
        is_profile_complete: false,
        suspended_at: None,
        suspended_until: None,
        is_leaving: false,
        created_at: e.registered_at,
        updated_at: e.registered_at,
        version: 0,
    }
}
