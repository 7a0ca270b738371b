//! Which operation fails, and how.

use std::collections::VecDeque;
use std::time::Duration;

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller is told that the outcome is unknown; nothing was written.
    FailedNotPersisted,
    /// The caller is told that the outcome is unknown; everything was written.
    FailedButPersisted,
    /// The database does not answer; nothing was written.
    Unavailable,
    /// There is no room; nothing was written.
    Full,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [
        Self::FailedNotPersisted,
        Self::FailedButPersisted,
        Self::Unavailable,
        Self::Full,
    ];
}

/// How often operations fail at random, of a thousand each, and how long they take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Writes that meet [`Fault::FailedNotPersisted`].
    pub failed_not_persisted: u16,
    /// Writes that meet [`Fault::FailedButPersisted`].
    pub failed_but_persisted: u16,
    /// Reads and writes that meet [`Fault::Unavailable`].
    pub unavailable: u16,
    /// Writes that meet [`Fault::Full`].
    pub full: u16,
    /// Every operation takes from zero to this many milliseconds of virtual time.
    pub delay_ms: u16,
}

/// Whether an operation changes data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
}

/// The plan of faults.
pub(super) struct Faults {
    random: SplitMix64,
    pub(super) rates: Rates,
    pub(super) script: VecDeque<Option<Fault>>,
    pub(super) outage: Option<Fault>,
    pub(super) writes: u64,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: SplitMix64(seed),
            rates: Rates::default(),
            script: VecDeque::new(),
            outage: None,
            writes: 0,
        }
    }

    /// The fault that this operation meets.
    pub(super) fn strike(&mut self, kind: Kind) -> Option<Fault> {
        if kind == Kind::Write {
            self.writes += 1;
        }
        match self.outage {
            Some(Fault::Unavailable) => return Some(Fault::Unavailable),
            Some(fault) if kind == Kind::Write => return Some(fault),
            _ => {}
        }
        if kind == Kind::Write
            && let Some(scripted) = self.script.pop_front()
        {
            return scripted;
        }
        let rates = self.rates;
        let odds: &[(u16, Fault)] = match kind {
            Kind::Read => &[(rates.unavailable, Fault::Unavailable)],
            Kind::Write => &[
                (rates.failed_not_persisted, Fault::FailedNotPersisted),
                (rates.failed_but_persisted, Fault::FailedButPersisted),
                (rates.unavailable, Fault::Unavailable),
                (rates.full, Fault::Full),
            ],
        };
        let mut draw = self.random.below(1000);
        for (rate, fault) in odds {
            match draw.checked_sub(u64::from(*rate)) {
                None => return Some(*fault),
                Some(rest) => draw = rest,
            }
        }
        None
    }

    /// How long this operation takes.
    pub(super) fn delay(&mut self) -> Duration {
        match self.rates.delay_ms {
            0 => Duration::ZERO,
            most => Duration::from_millis(self.random.below(u64::from(most) + 1)),
        }
    }
}

/// Steele, Lea and Flood's generator ("Fast splittable pseudorandom number generators", 2014): tiny, and the same on
/// every machine.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
