//! Leases and members in memory, for engines whose database is only ever used by one process.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::text::storable;
use crate::{Member, term_ms};

/// How long a dead node's row is kept.
const DEAD_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The leases and the members. Time is an argument: moments of one monotonic clock.
#[derive(Default)]
pub struct MemoryCluster {
    leases: BTreeMap<String, Until<String>>,
    members: BTreeMap<String, Until<Member>>,
}

/// Something that counts until a moment.
struct Until<T> {
    what: T,
    until: Instant,
}

impl<T> Until<T> {
    fn new(what: T, for_ms: i64, now: Instant) -> Self {
        // The term is positive and bounded.
        let term = Duration::from_millis(term_ms(for_ms).unsigned_abs());
        Self {
            what,
            until: now + term,
        }
    }

    fn at(&self, now: Instant) -> Option<&T> {
        (self.until > now).then_some(&self.what)
    }
}

impl MemoryCluster {
    /// As [`Leases::hold`](crate::Leases::hold).
    pub fn hold(&mut self, name: &str, holder: &str, for_ms: i64, now: Instant) -> bool {
        let holder = text(holder);
        let held = self.leases.get(storable(name).as_ref());
        let others = held
            .and_then(|lease| lease.at(now))
            .is_some_and(|held| *held != holder);
        if !others {
            self.leases
                .insert(text(name), Until::new(holder, for_ms, now));
        }
        !others
    }

    /// As [`Leases::release`](crate::Leases::release).
    pub fn release(&mut self, name: &str, holder: &str) {
        let (name, holder) = (storable(name), storable(holder));
        if let Some(lease) = self.leases.get(name.as_ref())
            && lease.what == holder
        {
            self.leases.remove(name.as_ref());
        }
    }

    /// As [`Leases::holder`](crate::Leases::holder).
    #[must_use]
    pub fn holder(&self, name: &str, now: Instant) -> Option<String> {
        self.leases.get(storable(name).as_ref())?.at(now).cloned()
    }

    /// As [`Members::announce`](crate::Members::announce).
    pub fn announce(&mut self, member: &Member, for_ms: i64, now: Instant) {
        self.members
            .retain(|_, known| now.saturating_duration_since(known.until) <= DEAD_KEPT);
        let member = Member {
            node: text(&member.node),
            address: text(&member.address),
            version: text(&member.version),
            ..*member
        };
        self.members
            .insert(member.node.clone(), Until::new(member, for_ms, now));
    }

    /// As [`Members::members`](crate::Members::members).
    #[must_use]
    pub fn members(&self, now: Instant) -> Vec<Member> {
        let live = self.members.values().filter_map(|known| known.at(now));
        live.cloned().collect()
    }

    /// As [`Members::leave`](crate::Members::leave).
    pub fn leave(&mut self, node: &str) {
        self.members.remove(storable(node).as_ref());
    }
}

fn text(value: &str) -> String {
    storable(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_TERM_MS;

    #[expect(
        clippy::disallowed_methods,
        reason = "there is no other way to make one"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn after(start: Instant, ms: i64) -> Instant {
        start + Duration::from_millis(ms.unsigned_abs())
    }

    #[test]
    fn a_lease_ends_when_its_term_does() {
        for (asked_ms, lasts_ms) in [
            (30, 30),
            (1, 1),
            (0, 1),
            (-5, 1),
            (i64::MIN, 1),
            (i64::MAX, MAX_TERM_MS),
        ] {
            let mut cluster = MemoryCluster::default();
            let start = start();
            assert!(cluster.hold("sender", "a", asked_ms, start));
            let last = after(start, lasts_ms - 1);
            assert!(!cluster.hold("sender", "b", 9, last), "{asked_ms}");
            assert_eq!(cluster.holder("sender", last).as_deref(), Some("a"));
            let end = after(start, lasts_ms);
            assert_eq!(cluster.holder("sender", end), None, "{asked_ms}");
            assert!(cluster.hold("sender", "b", 9, end), "{asked_ms}");
            assert!(!cluster.hold("sender", "a", 9, end), "{asked_ms}");
        }
    }

    #[test]
    fn rows_of_the_long_dead_are_removed() {
        let member = |node: &str| Member {
            node: node.to_owned(),
            address: String::new(),
            started_ms: 0,
            version: String::new(),
            kinds_version: 1,
        };
        let mut cluster = MemoryCluster::default();
        let start = start();
        cluster.announce(&member("dead"), 10, start);
        let almost = after(start, 10 + MAX_TERM_MS);
        cluster.announce(&member("live"), 10, almost);
        assert_eq!(cluster.members.len(), 2);
        cluster.announce(&member("live"), 10, after(almost, 1));
        let kept: Vec<_> = cluster.members.keys().collect();
        assert_eq!(kept, ["live"]);
    }
}
