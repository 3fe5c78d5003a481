//! A person wants to hear nothing of another, who is not told.

use super::{Follow, FollowError, FollowEvent, UserMuted, UserUnmuted};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Mutes; follows stay as they are. One who has blocked the caller can not be found.
#[derive(Clone, Debug)]
pub struct Mute {
    pub muter: UserId,
    pub muted: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for Mute {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let Self { muter, muted, at: muted_at } = *self;
        if muter == muted {
            return Err(FollowError::SelfMute);
        }
        if pair.mutes(muter) {
            return Ok(Vec::new());
        }
        if pair.blocks(muted) {
            return Err(FollowError::PersonNotFound);
        }
        Ok(vec![UserMuted { muter, muted, muted_at }.into()])
    }
}

/// Hears of the other again.
#[derive(Clone, Debug)]
pub struct Unmute {
    pub muter: UserId,
    pub muted: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for Unmute {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let Self { muter, muted, at: unmuted_at } = *self;
        if !pair.mutes(muter) {
            return Ok(Vec::new());
        }
        Ok(vec![UserUnmuted { muter, muted, unmuted_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn mute() -> Mute {
        Mute { muter: jane(), muted: john(), at: at(5) }
    }

    fn unmute() -> Unmute {
        Unmute { muter: jane(), muted: john(), at: at(6) }
    }

    fn muted() -> FollowEvent {
        UserMuted { muter: jane(), muted: john(), muted_at: at(5) }.into()
    }

    #[test]
    fn mutes_and_unmutes_once() {
        for (history, command, events) in [
            (vec![], mute().into(), vec![muted()]),
            (vec![muted()], mute().into(), vec![]),
            (
                vec![muted()],
                unmute().into(),
                vec![UserUnmuted { muter: jane(), muted: john(), unmuted_at: at(6) }.into()],
            ),
            (vec![], unmute().into(), vec![]),
        ] {
            TestFramework::<Follow>::with(()).given(history).when(command).then_expect_events(events);
        }
    }

    #[test]
    fn neither_oneself_nor_one_who_blocks_is_muted() {
        TestFramework::<Follow>::with(())
            .given(vec![])
            .when(Mute { muted: jane(), ..mute() }.into())
            .then_expect_error(FollowError::SelfMute);
        TestFramework::<Follow>::with(())
            .given(vec![blocked(john(), jane())])
            .when(mute().into())
            .then_expect_error(FollowError::PersonNotFound);
    }
}
