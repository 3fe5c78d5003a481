//! A person chooses which badges to show first (BDG-20).

use super::{ATTEMPTS, Badges};
use crate::{Caller, CommandError, Done, Refusal, Unit, Warrant};
use domain::{
    AwardId, UserId,
    award::{Award, AwardError, AwardStatus},
    profile::{FeatureBadges, Profile, ProfileError},
};

impl Badges {
    /// Shows one of the caller's badges first, after those that are there, or no longer. Repeated, it changes nothing.
    /// Those that were taken away meanwhile make room.
    ///
    /// # Errors
    /// [`AwardError::NotAwarded`] for what the caller does not have; [`ProfileError::ShowcaseFull`];
    /// [`ProfileError::ShowcaseChanged`] if it keeps changing; [`CommandError::Forbidden`] without a verified session.
    pub async fn feature(
        &self,
        award: AwardId,
        featured: bool,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        let (user, _) = caller.user().ok_or(CommandError::Forbidden)?;
        let mut attempt = 1;
        loop {
            let shown = self.executor.store().load_fresh::<Profile>(user).await?.state.featured_badges;
            let mut awards = self.still_held(user, &shown).await?;
            match (featured, awards.contains(&award)) {
                (true, false) => awards.push(award),
                (false, _) => awards.retain(|other| *other != award),
                (true, true) => {}
            }
            let at = self.executor.now();
            let command = FeatureBadges { user, awards, instead_of: shown, at };
            let unit = Unit::new().warranted(Warrant::OwnSide).on::<Profile>(user, command);
            let unit = unit.reads::<Award>(award, move |state| {
                let had = state.status.is_some() && state.user == user;
                let counts = state.status == Some(AwardStatus::Held) || !featured;
                if had && counts { Ok(()) } else { Err(Refusal::new(AwardError::NotAwarded)) }
            });
            match self.executor.run_one(unit, caller).await {
                Err(error) if has_changed(&error) && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    async fn still_held(&self, user: UserId, awards: &[AwardId]) -> Result<Vec<AwardId>, CommandError> {
        let mut held = Vec::with_capacity(awards.len());
        for award in awards {
            let state = self.executor.store().load::<Award>(*award).await?.state;
            if state.status == Some(AwardStatus::Held) && state.user == user {
                held.push(*award);
            }
        }
        Ok(held)
    }
}

fn has_changed(error: &CommandError) -> bool {
    error.reason() == Some(&ProfileError::ShowcaseChanged)
}
