//! Circuit breakers: a destination that keeps failing is left alone for a while, so that attempts at it do not hold up
//! the others. Pure: time is an argument.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

/// When a circuit opens and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Consecutive failures that open it.
    pub failures: u32,
    /// How long it stays open the first time; doubled each time the probe fails.
    pub first: Duration,
    /// The longest it stays open.
    pub longest: Duration,
}

impl Default for Policy {
    /// Five failures; 5 s, doubled up to 60 s, so that even a destination that was long dead is tried every minute: a
    /// critical page may be waiting for it.
    fn default() -> Self {
        Self {
            failures: 5,
            first: Duration::from_secs(5),
            longest: Duration::from_secs(60),
        }
    }
}

/// Whether to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Go ahead.
    Go,
    /// Go ahead as the one attempt that finds out whether the destination is back.
    Probe,
    /// Not before this time.
    Wait(Timestamp),
}

/// What a circuit is doing, as the console shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Works, as far as known; so many failures in a row.
    Closed(u32),
    /// Left alone until then.
    Open(Timestamp),
    /// One attempt is on its way; if nobody reports on it by then, another may start.
    Probing(Timestamp),
}

/// One destination's circuit.
#[derive(Clone, Debug)]
pub struct Breaker {
    policy: Policy,
    state: State,
    /// How often it opened since it last worked.
    trips: u32,
}

impl Breaker {
    /// A closed circuit.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            state: State::Closed(0),
            trips: 0,
        }
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Asks to try now. A probe is given to one asker; a prober that never reports (it crashed) is replaced after
    /// [`Policy::longest`].
    pub fn ask(&mut self, now: Timestamp) -> Permit {
        match self.state {
            State::Closed(_) => Permit::Go,
            State::Open(until) | State::Probing(until) if now < until => Permit::Wait(until),
            State::Open(_) | State::Probing(_) => {
                self.state = State::Probing(later(now, self.policy.longest));
                Permit::Probe
            }
        }
    }

    /// The destination works.
    pub fn succeeded(&mut self) {
        self.state = State::Closed(0);
        self.trips = 0;
    }

    /// An attempt failed.
    pub fn failed(&mut self, now: Timestamp) {
        match self.state {
            State::Closed(before) if before + 1 < self.policy.failures => {
                self.state = State::Closed(before + 1);
            }
            State::Closed(_) | State::Probing(_) => self.open(now),
            // A straggler that started before the circuit opened tells nothing new.
            State::Open(_) => {}
        }
    }

    fn open(&mut self, now: Timestamp) {
        let doubled = 2_u32.saturating_pow(self.trips);
        let wait = self
            .policy
            .first
            .saturating_mul(doubled)
            .min(self.policy.longest);
        self.trips = self.trips.saturating_add(1);
        self.state = State::Open(later(now, wait));
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// The circuits of one lane, by destination. Only destinations in trouble take memory.
#[derive(Debug, Default)]
pub struct Breakers {
    policy: Policy,
    troubled: BTreeMap<String, Breaker>,
}

impl Breakers {
    /// No trouble known.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            troubled: BTreeMap::new(),
        }
    }

    /// Asks to try a destination now.
    pub fn ask(&mut self, destination: &str, now: Timestamp) -> Permit {
        self.troubled
            .get_mut(destination)
            .map_or(Permit::Go, |breaker| breaker.ask(now))
    }

    /// Reports an attempt.
    pub fn report(&mut self, destination: &str, worked: bool, now: Timestamp) {
        if worked {
            self.troubled.remove(destination);
            return;
        }
        let policy = self.policy;
        self.troubled
            .entry(destination.to_owned())
            .or_insert_with(|| Breaker::new(policy))
            .failed(now);
    }

    /// Every destination in trouble, for metrics and the console.
    pub fn troubled(&self) -> impl Iterator<Item = (&str, State)> {
        self.troubled
            .iter()
            .map(|(name, b)| (name.as_str(), b.state()))
    }
}
