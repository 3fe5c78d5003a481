//! Subscriptions of the live feed. Publishing an event to them never waits.

use super::LiveEvent;
use domain::UserId;
use futures::{StreamExt, channel::mpsc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Events that a reader may leave unread before it is cut off.
const BUFFER: usize = 256;
/// Subscriptions of one person on this node.
const PER_PERSON: usize = 32;

/// Whose subscription it is, and what is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// What tells the person something.
    Person(UserId),
    /// Everything, for this member of staff.
    Staff(UserId),
}

impl Audience {
    const fn user(self) -> UserId {
        match self {
            Self::Person(user) | Self::Staff(user) => user,
        }
    }
}

/// Nobody else can listen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Crowded {
    #[error("this person listens too often already")]
    Person,
    #[error("the live feed does not run")]
    Closed,
}

/// What was committed since it began, in order.
#[derive(Debug)]
pub struct Subscription {
    begins_after: i64,
    audience: Audience,
    hub: Weak<Hub>,
    events: mpsc::Receiver<Arc<LiveEvent>>,
}

impl Subscription {
    /// Everything after this position comes; what is at it or before has to be asked for.
    pub const fn begins_after(&self) -> i64 {
        self.begins_after
    }

    /// None: it was cut off, because it was not read in time or the feed ended.
    pub async fn next(&mut self) -> Option<Arc<LiveEvent>> {
        self.events.next().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        metrics::gauge!("annals_live_subscriptions").decrement(1.0);
        self.events.close();
        if let Some(hub) = self.hub.upgrade() {
            hub.forget_closed(self.audience);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<Listeners>);

type Listening = HashMap<UserId, Vec<mpsc::Sender<Arc<LiveEvent>>>>;

/// By person, so that an event wakes only those whom it concerns.
#[derive(Debug, Default)]
struct Listeners {
    /// The last event that was handed over; none while the feed does not run.
    position: Option<i64>,
    people: Listening,
    staff: Listening,
}

impl Listeners {
    fn of(&mut self, audience: Audience) -> &mut Listening {
        match audience {
            Audience::Person(_) => &mut self.people,
            Audience::Staff(_) => &mut self.staff,
        }
    }
}

impl Hub {
    fn with<T>(&self, act: impl FnOnce(&mut Listeners) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn open(&self, head: i64) {
        self.with(|listeners| listeners.position = Some(head));
    }

    /// Ends all subscriptions, and takes no new ones.
    pub fn close(&self) {
        self.with(|listeners| *listeners = Listeners::default());
    }

    pub fn subscribe(self: &Arc<Self>, audience: Audience) -> Result<Subscription, Crowded> {
        self.with(|listeners| {
            let begins_after = listeners.position.ok_or(Crowded::Closed)?;
            let own = listeners.of(audience).entry(audience.user()).or_default();
            if own.len() >= PER_PERSON {
                return Err(Crowded::Person);
            }
            // Of its own the sender has a place beside the buffer.
            let (sender, events) = mpsc::channel(BUFFER - 1);
            own.push(sender);
            metrics::gauge!("annals_live_subscriptions").increment(1.0);
            Ok(Subscription { begins_after, audience, hub: Arc::downgrade(self), events })
        })
    }

    /// Whoever went away.
    fn forget_closed(&self, audience: Audience) {
        self.with(|listeners| {
            let listening = listeners.of(audience);
            if let Some(own) = listening.get_mut(&audience.user()) {
                own.retain(|sender| !sender.is_closed());
                if own.is_empty() {
                    listening.remove(&audience.user());
                }
            }
        });
    }

    /// Hands an event to whom it concerns; whoever cannot take it is cut off.
    pub fn tell(&self, event: &Arc<LiveEvent>) {
        self.with(|listeners| {
            listeners.position = Some(event.recorded.position);
            listeners.staff.retain(|_, senders| tell(senders, event));
            let Some(user) = event.told.as_ref().map(|told| told.user_id) else { return };
            if let Some(senders) = listeners.people.get_mut(&user)
                && !tell(senders, event)
            {
                listeners.people.remove(&user);
            }
        });
    }
}

/// Whether anybody is left.
fn tell(senders: &mut Vec<mpsc::Sender<Arc<LiveEvent>>>, event: &Arc<LiveEvent>) -> bool {
    senders.retain_mut(|sender| match sender.try_send(Arc::clone(event)) {
        Ok(()) => true,
        Err(error) => {
            if error.is_full() {
                metrics::counter!("annals_live_cut_off_total").increment(1);
            }
            false
        }
    });
    !senders.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_events::{EventWord, Told, query::UserEventRow};
    use chrono::DateTime;
    use domain::EventId;
    use serde_json::value::RawValue;
    use store::Recorded;
    use uuid::Uuid;

    const fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn event(position: i64, whose: Option<UserId>) -> Arc<LiveEvent> {
        let recorded = Recorded {
            position,
            event_id: EventId::default(),
            aggregate_type: "user".to_owned(),
            aggregate_id: String::new(),
            sequence: 1,
            event_type: String::new(),
            event_version: String::new(),
            recorded_at: DateTime::UNIX_EPOCH,
            payload: RawValue::from_string("{}".to_owned()).unwrap(),
            metadata: RawValue::from_string("{}".to_owned()).unwrap(),
        };
        let told = whose.map(|user| {
            let told = Told { user, word: EventWord::Login, target: None, failure: None, badge: None };
            UserEventRow::new(&recorded, &recorded.metadata(), told)
        });
        Arc::new(LiveEvent { recorded, told })
    }

    fn heard(subscription: &mut Subscription) -> Vec<i64> {
        std::iter::from_fn(|| subscription.events.try_recv().ok()).map(|e| e.recorded.position).collect()
    }

    fn open() -> Arc<Hub> {
        let hub = Arc::new(Hub::default());
        hub.open(7);
        hub
    }

    #[test]
    fn people_hear_what_is_theirs_and_staff_everything() {
        let hub = open();
        let [mut jane, mut john, mut staff] =
            [Audience::Person(user(1)), Audience::Person(user(2)), Audience::Staff(user(3))]
                .map(|audience| hub.subscribe(audience).unwrap());

        for (position, whose) in [(8, Some(user(1))), (9, None), (10, Some(user(2)))] {
            hub.tell(&event(position, whose));
        }

        assert_eq!(jane.begins_after(), 7);
        assert_eq!((heard(&mut jane), heard(&mut john)), (vec![8], vec![10]));
        assert_eq!(heard(&mut staff), [8, 9, 10]);
        assert_eq!(hub.subscribe(Audience::Person(user(1))).unwrap().begins_after(), 10);
    }

    #[tokio::test]
    async fn reader_that_does_not_keep_up_is_cut_off_after_what_fitted() {
        let hub = open();
        let (mut slow, mut quick) = (
            hub.subscribe(Audience::Staff(user(1))).unwrap(),
            hub.subscribe(Audience::Staff(user(1))).unwrap(),
        );
        let count = i64::try_from(BUFFER).unwrap() + 2;

        for position in 1..=count {
            hub.tell(&event(position, None));
            assert_eq!(heard(&mut quick), [position]);
        }

        assert_eq!(heard(&mut slow).len(), BUFFER);
        assert!(slow.next().await.is_none());
    }

    #[tokio::test]
    async fn subscriptions_are_bounded_forgotten_and_ended_with_the_feed() {
        let hub = open();
        let mut own: Vec<_> =
            (0..PER_PERSON).map(|_| hub.subscribe(Audience::Person(user(1))).unwrap()).collect();
        assert_eq!(hub.subscribe(Audience::Person(user(1))).unwrap_err(), Crowded::Person);
        own.pop();
        let mut last = hub.subscribe(Audience::Person(user(1))).unwrap();
        own.clear();
        hub.with(|listeners| assert_eq!(listeners.people[&user(1)].len(), 1));

        hub.close();

        assert!(last.next().await.is_none());
        assert_eq!(hub.subscribe(Audience::Person(user(1))).unwrap_err(), Crowded::Closed);
    }
}
