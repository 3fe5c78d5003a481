//! One NATS subscription for all followers of a process: a message is checked and decoded once, however many follow.

use crate::{
    connection::Bus,
    error::BusError,
    wire::{self, Received, Rejected},
};
use async_nats::Subscriber;
use futures::StreamExt;
use std::sync::Arc;
use tokio::sync::{
    Mutex,
    broadcast::{self, error::TryRecvError},
};
use tokio_util::task::AbortOnDropHandle;

/// Messages that a follower may be behind; one that is further behind reads the log.
const CAPACITY: usize = 4096;

/// A message or notice from NATS.
#[derive(Clone)]
pub(crate) enum Heard {
    Message(Arc<Received>),
    /// Not to be believed, or lost to this follower: only the log can tell.
    Nothing,
    /// The subscription is over.
    Ended,
}

/// Listens while anybody follows.
pub(crate) struct Tap {
    bus: Bus,
    heard: broadcast::Sender<Heard>,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// One follower's end of the tap.
pub(crate) struct Ear(broadcast::Receiver<Heard>);

impl Tap {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, heard: broadcast::Sender::new(CAPACITY), task: Mutex::default() }
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Everything from about now on.
    pub(crate) async fn listen(&self) -> Result<Ear, BusError> {
        let mut task = self.task.lock().await;
        let ear = Ear(self.heard.subscribe());
        if task.as_ref().is_none_or(AbortOnDropHandle::is_finished) {
            let messages = self.bus.subscribe().await?;
            let listening = pass_on(messages, self.bus.clone(), self.heard.clone());
            *task = Some(AbortOnDropHandle::new(tokio::spawn(listening)));
        }
        Ok(ear)
    }
}

async fn pass_on(mut messages: Subscriber, bus: Bus, heard: broadcast::Sender<Heard>) {
    while let Some(message) = messages.next().await {
        let read = wire::decode(message.headers.as_ref(), &message.payload, bus.key());
        // An error: nobody follows just now.
        let _ = heard.send(read.map_or_else(rejected, |received| Heard::Message(Arc::new(received))));
    }
    let _ = heard.send(Heard::Ended);
}

fn rejected(why: Rejected) -> Heard {
    metrics::counter!("annals_follower_rejected_total", "why" => why.label()).increment(1);
    Heard::Nothing
}

impl Ear {
    /// Waits for what comes next. Nothing is lost when the call is dropped at its await.
    pub(crate) async fn next(&mut self) -> Heard {
        self.0.recv().await.unwrap_or(Heard::Nothing)
    }

    /// The next message that has already arrived, without waiting.
    pub(crate) fn arrived(&mut self) -> Option<Heard> {
        match self.0.try_recv() {
            Ok(heard) => Some(heard),
            Err(TryRecvError::Lagged(_)) => Some(Heard::Nothing),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}
