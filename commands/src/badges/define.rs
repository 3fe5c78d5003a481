//! Staff define badges, change them, and say whether they can be earned (BDG-01).

use super::Badges;
use crate::{
    Caller, CommandError, Done, Unit,
    account::staff::{acting_staff, staffed},
};
use domain::{
    BadgeId, ClaimKind,
    badge::{
        ActivateBadge, Badge, BadgeCommand, BadgePatch, DefineBadge, NewBadge, RetireBadge, ReviseBadge,
    },
};

/// Names that leave the same slug, as `C`, `C++` and `C#` do.
const MOST_ALIKE: u32 = 50;

impl Badges {
    /// Defines a badge; without `active` it is a draft. Where another badge has the slug of its name, it gets the first
    /// number behind it that is free.
    ///
    /// # Errors
    /// [`BadgeError`](domain::badge::BadgeError): `PointsOutOfBand`, `AvailabilityReversed`;
    /// [`CommandError::Duplicate`] for a name that is taken;
    /// [`AccountError::StaffOnly`](crate::AccountError::StaffOnly).
    pub async fn define(
        &self,
        new: NewBadge,
        active: bool,
        caller: &Caller,
    ) -> Result<Done<Badge>, CommandError> {
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let badge = BadgeId::mint(at, self.executor.mint().id_bytes());
        let mut others = 0;
        loop {
            let define = DefineBadge { badge, new: new.clone(), others, active, at };
            let unit = Unit::new().begin::<Badge>(badge, define);
            match self.executor.run_one(staffed(unit, by, at), caller).await {
                Err(CommandError::Duplicate(ClaimKind::BadgeSlug)) if others < MOST_ALIKE => others += 1,
                done => return done,
            }
        }
    }

    /// Changes a definition and, if `active` is given, whether it can be earned; what differs in nothing adds no event.
    /// `if_match` is the version of the badge that the client has seen.
    ///
    /// # Errors
    /// As [`Badges::define`]; [`BadgeError::NotDefined`](domain::badge::BadgeError::NotDefined);
    /// [`CommandError::PreconditionFailed`].
    pub async fn revise(
        &self,
        badge: BadgeId,
        patch: BadgePatch,
        active: Option<bool>,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Badge>, CommandError> {
        let at = self.executor.now();
        self.run(badge, ReviseBadge { patch, active, at }, if_match, caller).await
    }

    /// Lets a badge be earned. Repeated, it changes nothing.
    ///
    /// # Errors
    /// As [`Badges::revise`].
    pub async fn activate(
        &self,
        badge: BadgeId,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Badge>, CommandError> {
        self.run(badge, ActivateBadge { at: self.executor.now() }, if_match, caller).await
    }

    /// Lets nobody earn a badge any more; whoever has it keeps it. Repeated, it changes nothing.
    ///
    /// # Errors
    /// As [`Badges::revise`].
    pub async fn retire(
        &self,
        badge: BadgeId,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Badge>, CommandError> {
        self.run(badge, RetireBadge { at: self.executor.now() }, if_match, caller).await
    }

    /// A command of staff on a definition.
    async fn run(
        &self,
        badge: BadgeId,
        command: impl Into<BadgeCommand> + Send,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Badge>, CommandError> {
        let command = command.into();
        let (by, at) = (acting_staff(&self.executor, caller).await?, self.executor.now());
        let unit = Unit::new().on::<Badge>(badge, command).if_match(if_match);
        self.executor.run_one(staffed(unit, by, at), caller).await
    }
}
