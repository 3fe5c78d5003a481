//! Who is connected. All connections together, and those of one network, are bounded; beyond a bound the connection goes
//! that has waited longest without a request, as web servers have it, so that silence can keep nobody out.
//!
//! Where every connection is at work, a few more are let in, for health alone: who watches over the program must be told.

mod table;

pub use table::Place;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use table::{State, Table};
use tokio::{sync::Notify, task::AbortHandle};

/// How many there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub all: usize,
    /// Of one IPv4 address, or one /64 of IPv6; none: as many as of all.
    pub per_network: Option<usize>,
    /// Beyond these, for health.
    pub spare: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { all: 10_000, per_network: Some(512), spare: 16 }
    }
}

/// Whose a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// Its first 64 bits, or all of an IPv4 address as it is mapped.
    Of(u128),
    /// A proxy that is trusted: many people come by it, and it looks after its own connections.
    Proxy,
    /// Whoever comes when all are taken.
    Spare,
}

impl Network {
    pub fn of(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V4(peer) => Self::Of(peer.to_ipv6_mapped().to_bits()),
            IpAddr::V6(peer) => Self::Of(peer.to_bits() >> 64 << 64),
        }
    }
}

/// How many may be about to end at once.
const ENDING: usize = 8;

/// All connections of one listener.
pub struct Connections {
    limits: ConnectionLimits,
    table: Mutex<Table>,
    /// Rung when one that was cut has gone.
    gone: Notify,
}

impl Connections {
    pub fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self { limits, table: Mutex::default(), gone: Notify::new() })
    }

    /// A place for a connection that has just come; none: it can not even be told so.
    pub fn admit(self: &Arc<Self>, network: Network) -> Option<Held> {
        let mut table = self.table();
        let bound = self.limits.per_network.filter(|_| network != Network::Proxy);
        let of_network = table.shares.get(&network).map_or(0, |share| share.open);
        let room = bound.is_none_or(|bound| of_network < bound || table.cut_of(network));
        let room = room && (table.open < self.limits.all || table.cut_any());
        let network = if room { network } else { Network::Spare };
        if !room {
            metrics::counter!("annals_connections_refused_total").increment(1);
            let open = table.shares.get(&network).map_or(0, |share| share.open);
            if open >= self.limits.spare && !table.cut_of(network) {
                return None;
            }
        }
        let place = table.enter(network);
        metrics::gauge!("annals_connections").set(table.open as f64);
        Some(Held { connections: Arc::clone(self), place })
    }

    /// Until those that were cut have gone, but for a few: who comes faster than they go would find no file left.
    pub async fn settled(&self) {
        while self.table().ending > ENDING {
            self.gone.notified().await;
        }
    }

    /// Ends the connection that has waited longest, where the system has no room for another.
    pub fn make_room(&self) {
        self.table().cut_any();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics under it; if ever, the counts are still the best that there is.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Kept by a connection for as long as it lasts.
pub struct Held {
    connections: Arc<Connections>,
    place: Arc<Place>,
}

impl Held {
    /// By what it is ended when another needs its place.
    pub fn is_run_by(place: &Arc<Place>, task: AbortHandle) {
        // Only ever set once.
        let _ = place.task.set(task);
    }

    pub fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place)
    }

    /// It is let in for health alone.
    pub fn is_spare(&self) -> bool {
        self.place.network == Network::Spare
    }

    /// A request has come. None: too late, the connection ends.
    pub fn begin(&self) -> Option<Busy> {
        let mut table = self.connections.table();
        let State::Waiting(since) = self.place.state() else { return None };
        table.stop_waiting(self.place.network, since);
        self.place.turn(State::Busy);
        Some(Busy { connections: Arc::clone(&self.connections), place: Arc::clone(&self.place) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        match self.place.state() {
            State::Cut => {
                table.ending = table.ending.saturating_sub(1);
                self.connections.gone.notify_one();
                return;
            }
            State::Waiting(since) => drop(table.stop_waiting(self.place.network, since)),
            State::Busy => {}
        }
        self.place.turn(State::Cut);
        table.leave(self.place.network);
        metrics::gauge!("annals_connections").set(table.open as f64);
    }
}

/// While a request is answered, to the end of the reply's body.
pub struct Busy {
    connections: Arc<Connections>,
    place: Arc<Place>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        if self.place.state() == State::Busy {
            table.wait(&self.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const HERE: Network = Network::Of(1);
    const THERE: Network = Network::Of(2);

    fn connections(all: usize, per_network: usize, spare: usize) -> Arc<Connections> {
        Connections::new(ConnectionLimits { all, per_network: Some(per_network), spare })
    }

    fn is_cut(held: &Held) -> bool {
        held.place.state() == State::Cut
    }

    #[test]
    fn network_is_an_address_or_what_one_subscriber_has_of_ipv6() {
        let of = |text: &str| Network::of(text.parse().unwrap());

        assert_eq!(of("203.0.113.7"), of("::ffff:203.0.113.7"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    #[test]
    fn who_waited_longest_of_a_network_makes_room_for_its_next() {
        let all = connections(10, 2, 1);
        let (first, second, other) =
            (all.admit(HERE).unwrap(), all.admit(HERE).unwrap(), all.admit(THERE).unwrap());
        // It has had a request since, and waits again.
        drop(first.begin().unwrap());

        let third = all.admit(HERE).unwrap();

        assert!(is_cut(&second) && second.begin().is_none());
        assert!(!is_cut(&first) && !is_cut(&third) && !is_cut(&other) && !third.is_spare());
    }

    #[test]
    fn who_is_at_work_stays_and_the_next_is_let_in_for_health_alone() {
        let all = connections(10, 1, 1);
        let first = all.admit(HERE).unwrap();
        let _busy = first.begin().unwrap();

        let second = all.admit(HERE).unwrap();
        let third = all.admit(HERE).unwrap();

        assert!(!is_cut(&first) && second.is_spare() && third.is_spare());
        assert!(is_cut(&second), "the spare place is for who comes last");
        let _busy = third.begin().unwrap();
        assert!(all.admit(HERE).is_none());
        assert!(!all.admit(THERE).unwrap().is_spare(), "others are not concerned");
    }

    #[test]
    fn bound_of_all_ends_who_waited_longest_wherever_from_but_no_proxy() {
        let all = connections(2, 2, 1);
        let (proxy, first) = (all.admit(Network::Proxy).unwrap(), all.admit(HERE).unwrap());

        let second = all.admit(THERE).unwrap();

        assert!(is_cut(&first) && !is_cut(&proxy) && !second.is_spare());
        let _busy = second.begin().unwrap();
        assert!(all.admit(HERE).unwrap().is_spare());
    }

    #[test]
    fn proxy_may_have_as_many_as_there_are() {
        let all = connections(5, 1, 1);
        let held: Vec<_> = (0..5).map(|_| all.admit(Network::Proxy).unwrap()).collect();

        assert!(held.iter().all(|held| !held.is_spare() && !is_cut(held)));
    }

    #[tokio::test]
    async fn who_was_cut_is_waited_for_until_it_has_gone() {
        let all = connections(1, 1, 1);
        let mut held = vec![all.admit(HERE).unwrap()];
        for _ in 0..=ENDING {
            held.push(all.admit(HERE).unwrap());
        }

        assert!(all.settled().now_or_never().is_none());
        drop(held.remove(0));

        assert!(all.settled().now_or_never().is_some());
    }

    #[test]
    fn who_leaves_is_not_counted_whatever_it_was_doing() {
        let all = connections(1, 1, 1);
        for n in 0..4 {
            let held = all.admit(HERE).unwrap();
            assert!(!held.is_spare(), "{n}");
            let busy = held.begin();
            // The reply's body may end before or after the connection.
            if n % 2 == 0 {
                drop(busy);
                drop(held);
            } else {
                drop(held);
                drop(busy);
            }
        }
        assert_eq!(all.table().ending, 0);
        assert!(all.table().shares.is_empty() && all.table().waiting.is_empty() && all.table().open == 0);
    }
}
