//! Badges are given and taken away (BDG-14, C-40).

use super::{ATTEMPTS, Badges};
use crate::{
    Caller, CommandError, Done, Ledgers, Principal, Refusal, Unit, Warrant,
    account::{
        api_key_use::made_by,
        staff::{acting_staff, on_person, reached, reaching},
    },
};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, AwardId, BadgeId, EntryId, SourceId, UserId,
    api_key::ApiKey,
    award::{
        Award, AwardBadge, AwardCommand, AwardError, AwardStatus, Awarder, Completion, LiftRevocation,
        NoteAward, RevokeBadge,
    },
    badge::{Badge, Offer},
    ledger::{self, Grant, GrantReason, Posting, RevokeGrant},
    user::{ActingStaff, User},
    values::{Account, Amount, AwardNote, RevocationReason},
};

/// Who shall have which badge.
#[derive(Clone, Debug)]
pub struct NewAward {
    pub badge: BadgeId,
    pub user: UserId,
    /// What earned it; none for a gift.
    pub completion: Option<Completion>,
    pub notes: Option<AwardNote>,
    /// Gives back what staff took away; for staff only.
    pub over_revocation: bool,
}

/// Who gives it.
#[derive(Clone, Debug)]
enum Giver {
    /// The program, because a criterion holds; or its operator.
    System,
    Staff(ActingStaff),
    /// By its name; the key, and who has taken that over.
    Service(String, ApiKeyId, Option<UserId>),
}

impl Badges {
    /// Gives a badge: by staff, by a service, by the operator, or by the program itself. Whoever has it keeps it as it
    /// is: then there are no events.
    ///
    /// # Errors
    /// [`BadgeError`](domain::badge::BadgeError): `NotDefined`, `NotActive`, `NotAvailable`;
    /// [`AwardError`]: `PersonNotFound` also of somebody who is leaving, `Revoked`, `OwnAward`, `BadgeChanged` if it
    /// keeps changing; [`AccountError::StaffOnly`](crate::AccountError::StaffOnly);
    /// [`CommandError::Forbidden`] for anybody else.
    pub async fn award(&self, new: NewAward, caller: &Caller) -> Result<Done<Award>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let giver = self.giver(new.user, caller).await?;
        let mut attempt = 1;
        loop {
            let at = self.executor.now();
            let (store, id) = (self.executor.store(), AwardId::of(new.user, new.badge));
            let (badge, award) =
                tokio::try_join!(store.load_fresh::<Badge>(new.badge), store.load_fresh::<Award>(id))?;
            let award = award.state;
            let offer = badge.state.offer(new.badge, earned_at(&new, at)).map_err(CommandError::rejected)?;
            if award.status == Some(AwardStatus::Held) {
                return self.executor.unchanged(id).await;
            }
            let unit = award_unit(&new, &offer, &giver, at);
            match self.executor.run_one(with_points(unit, &new, (&offer, award.ordinal), at), caller).await {
                Err(error) if has_changed(&error) && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Takes a badge away until staff give it back. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`AwardError`]: `NotAwarded`, `OwnAward`; [`AccountError::StaffOnly`](crate::AccountError::StaffOnly).
    pub async fn revoke(
        &self,
        award: AwardId,
        reason: RevocationReason,
        caller: &Caller,
    ) -> Result<Done<Award>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        self.of_another(award, by).await?;
        let mut attempt = 1;
        loop {
            let revoke = RevokeBadge { by: by.user, reason: reason.clone(), at };
            let state = self.executor.store().load_fresh::<Award>(award).await?.state;
            let unit = Unit::new().on::<Award>(award, revoke);
            let unit = on_person(&self.executor, unit, state.user, (by, at)).await?;
            let held = state.status == Some(AwardStatus::Held);
            let unit = if held { without_points(unit, award, &state, at) } else { unit };
            match self.executor.run_one(unit, caller).await {
                Err(error) if has_changed(&error) && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Lets a badge that was taken away be earned again. It gives nothing.
    ///
    /// # Errors
    /// As [`Badges::revoke`].
    pub async fn lift(&self, award: AwardId, caller: &Caller) -> Result<Done<Award>, CommandError> {
        self.by_staff(award, caller, |by, at| LiftRevocation { by, at }).await
    }

    /// Remarks on an award, in place of what was remarked before; none takes that away.
    ///
    /// # Errors
    /// As [`Badges::revoke`].
    pub async fn note(
        &self,
        award: AwardId,
        notes: Option<AwardNote>,
        caller: &Caller,
    ) -> Result<Done<Award>, CommandError> {
        self.by_staff(award, caller, |by, at| NoteAward { by, notes, at }).await
    }

    async fn by_staff<C: Into<AwardCommand>>(
        &self,
        award: AwardId,
        caller: &Caller,
        command: impl FnOnce(UserId, DateTime<Utc>) -> C + Send,
    ) -> Result<Done<Award>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        self.of_another(award, by).await?;
        let state = self.executor.store().load::<Award>(award).await?.state;
        let unit = Unit::new().on::<Award>(award, command(by.user, at));
        let unit = on_person(&self.executor, unit, state.user, (by, at)).await?;
        self.executor.run_one(unit, caller).await
    }

    /// Nobody gives themselves a badge by a key that they made, or answer for.
    async fn service(&self, user: UserId, name: &str, key: ApiKeyId) -> Result<Giver, CommandError> {
        let state = self.executor.store().load_fresh::<ApiKey>(key).await?.state;
        let maker = made_by(&self.executor, key, &state).await?;
        if [maker, state.taken_over_by].contains(&Some(user)) {
            return Err(CommandError::rejected(AwardError::OwnAward));
        }
        Ok(Giver::Service(name.to_owned(), key, state.taken_over_by))
    }

    async fn giver(&self, user: UserId, caller: &Caller) -> Result<Giver, CommandError> {
        match &caller.principal {
            Principal::System(_) => Ok(Giver::System),
            Principal::Service { name, key } => self.service(user, name, *key).await,
            Principal::User { id, .. } if *id == user => {
                acting_staff(&self.executor, caller).await?;
                Err(CommandError::rejected(AwardError::OwnAward))
            }
            Principal::User { .. } => {
                let by = acting_staff(&self.executor, caller).await?;
                reached(&self.executor, user, by).await?;
                Ok(Giver::Staff(by))
            }
            Principal::Anonymous | Principal::Key { .. } => Err(CommandError::Forbidden),
        }
    }
}

fn earned_at(new: &NewAward, at: DateTime<Utc>) -> DateTime<Utc> {
    new.completion.as_ref().map_or(at, |completion| completion.earned_at)
}

/// Everything that an award is, all or nothing: what else a badge brings goes in here.
fn award_unit(new: &NewAward, offer: &Offer, giver: &Giver, at: DateTime<Utc>) -> Unit {
    let NewAward { badge, user, completion, notes, over_revocation } = new.clone();
    let by = match giver {
        Giver::System => Awarder::System,
        Giver::Staff(by) => Awarder::Staff(by.user),
        Giver::Service(name, ..) => Awarder::Service(name.clone()),
    };
    let (offered, earned_at) = (offer.clone(), earned_at(new, at));
    let award = AwardBadge { user, offer: offer.clone(), by, completion, notes, over_revocation, at };
    let unit = Unit::new()
        .on::<Award>(AwardId::of(user, badge), award)
        .reads::<Badge>(badge, move |now| match now.offer(badge, earned_at) {
            Ok(now) if now == offered => Ok(()),
            Ok(_) | Err(_) => Err(Refusal::new(AwardError::BadgeChanged)),
        })
        .reads::<User>(user, |account| {
            if account.is_present() { Ok(()) } else { Err(Refusal::new(AwardError::PersonNotFound)) }
        });
    match giver {
        Giver::System => unit,
        Giver::Staff(by) => reaching(unit, user, *by, at),
        Giver::Service(_, key, taken_over_by) => {
            let seen = *taken_over_by;
            unit.warranted(Warrant::Report).reads::<ApiKey>(*key, move |now| {
                match now.taken_over_by == seen {
                    true => Ok(()),
                    false => Err(Refusal::new(AwardError::BadgeChanged)),
                }
            })
        }
    }
}

/// The points of an award are granted with it (C-19): one entry for each time that it is given.
fn with_points(unit: Unit, new: &NewAward, (offer, given): (&Offer, u32), at: DateTime<Utc>) -> Unit {
    let (user, award) = (new.user, AwardId::of(new.user, new.badge));
    let Some(posting) = posting(award, offer.points, GrantReason::BadgeAward) else { return unit };
    let entry = entry("badge_award", award, given.saturating_add(1));
    Ledgers::with(unchanged_since(unit, award, given), user, Grant { user, entry, posting, at })
}

/// What the latest award brought is taken back.
fn without_points(unit: Unit, award: AwardId, state: &Award, at: DateTime<Utc>) -> Unit {
    let (user, reason) = (state.user, ledger::RevocationReason::BadgeRevocation);
    let Some(posting) = posting(award, state.points, reason) else { return unit };
    let entry = entry("badge_revocation", award, state.ordinal);
    let revocation = RevokeGrant { user, entry, posting, at };
    Ledgers::with(unchanged_since(unit, award, state.ordinal), user, revocation)
}

/// The entry's name stands on how often the badge was given.
fn unchanged_since(unit: Unit, award: AwardId, given: u32) -> Unit {
    unit.reads::<Award>(award, move |now| {
        if now.ordinal == given { Ok(()) } else { Err(Refusal::new(AwardError::BadgeChanged)) }
    })
}

fn entry(what: &str, award: AwardId, ordinal: u32) -> EntryId {
    EntryId::of(what, SourceId::from_uuid(award.uuid()), i64::from(ordinal))
}

/// None of no points.
fn posting<R>(award: AwardId, points: u32, reason: R) -> Option<Posting<R>> {
    let amount = Amount::try_new(Account::Points, points).ok()?;
    Some(Posting { amount, reason, source: Some(SourceId::from_uuid(award.uuid())) })
}

fn has_changed(error: &CommandError) -> bool {
    error.reason() == Some(&AwardError::BadgeChanged)
}
