//! How long signed things live, and the numbering of timestamps.

use jiff::{SignedDuration, Timestamp};

use crate::delegations::STATUS;

/// Life of a timestamp; it is signed again hourly. A page tells its readers the same span.
pub(crate) const TIMESTAMP: SignedDuration = SignedDuration::from_hours(6);
/// A beacon signs again when less than this is left of a timestamp's life: so long it leaves that to the publisher.
pub(crate) const HALF_TIMESTAMP: SignedDuration = SignedDuration::from_hours(3);
/// How long a beacon believes what it knows to be on its own mirror.
pub(crate) const COPY_BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// Life of snapshot and status.
pub(crate) const SNAPSHOT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Life of the role of a year, which changes rarely once the year is over.
pub(crate) const YEAR: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Life of root and targets, signed offline.
pub(crate) const OFFLINE: SignedDuration = SignedDuration::from_hours(365 * 24);
/// A snapshot or status that is nearer to its end than this is signed anew with the next word.
pub(crate) const RENEW: SignedDuration = SignedDuration::from_hours(15 * 24);
/// The role of a year that is nearer to its end than this is signed anew with the next word.
pub(crate) const RENEW_YEAR: SignedDuration = SignedDuration::from_hours(45 * 24);
/// What is known to be on a mirror is believed for so long; then all of it is read again. A little less than the time
/// between two signings, so that the hourly one does it.
pub(crate) const BELIEVED: SignedDuration = SignedDuration::from_mins(55);
/// How long superseded files stay for readers in the middle of a visit and for slow mirrors of mirrors.
pub(crate) const SUPERSEDED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long deletion is asked of each mirror before it is forgotten.
pub(crate) const DELETING: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Life of a delegated role, and how near to its end it is signed anew.
pub(crate) fn of_role(name: &str) -> (SignedDuration, SignedDuration) {
    if name == STATUS {
        (SNAPSHOT, RENEW)
    } else {
        (YEAR, RENEW_YEAR)
    }
}

const MINUTES: u64 = 1_000_000_000;
const DAY: u64 = 24 * 60;

/// The signer's clock is more than a day behind what another signer wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a timestamp for minute {seen} was seen, more than a day ahead of this clock (minute {own}); set the clock"
)]
pub struct ClockBehind {
    /// The highest minute seen, counted from 1970.
    pub seen: u64,
    /// This clock's minute.
    pub own: u64,
}

/// `time` moved, held at the end of time.
pub(crate) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The snapshot version inside a timestamp version.
pub(crate) fn snapshot_of(timestamp: u64) -> u64 {
    timestamp / MINUTES
}

/// When a timestamp of this version was signed, by its own word; none before the first.
pub(crate) fn signed_at(timestamp: u64) -> Option<Timestamp> {
    let minute = i64::try_from(timestamp % MINUTES).ok()?;
    (minute > 0)
        .then(|| Timestamp::from_second(minute * 60).ok())
        .flatten()
}

/// The next timestamp version: snapshot version × 10⁹ + minute.
///
/// The minute is the clock's, or one more than the highest seen for the same snapshot, so that several signers of one
/// snapshot never go backwards and never outrank a newer one. A minute more than a day ahead of the clock is refused:
/// otherwise one wrong clock would push all the others.
pub(crate) fn next_version(snapshot: u64, seen: u64, now: Timestamp) -> Result<u64, ClockBehind> {
    let own = u64::try_from(now.as_second() / 60).unwrap_or(0);
    let highest = if snapshot_of(seen) == snapshot {
        seen % MINUTES
    } else {
        0
    };
    let minute = own.max(highest + 1);
    if minute > own + DAY {
        return Err(ClockBehind { seen: highest, own });
    }
    Ok(snapshot * MINUTES + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_numbered_by_snapshot_and_minute() {
        #[track_caller]
        fn check(snapshot: u64, seen: u64, expect: Option<u64>) {
            let now = Timestamp::from_second(60 * 29_000_000 + 59).unwrap();
            assert_eq!(next_version(snapshot, seen, now).ok(), expect);
        }
        check(7, 0, Some(7_029_000_000));
        check(7, 7_028_999_940, Some(7_029_000_000));
        // Twice in a minute, or after a signer whose clock is a little ahead.
        check(7, 7_029_000_000, Some(7_029_000_001));
        check(7, 7_029_000_500, Some(7_029_000_501));
        check(7, 7_029_001_439, Some(7_029_001_440));
        // More than a day ahead.
        check(7, 7_029_001_440, None);
        // What was seen for another snapshot does not count.
        check(8, 7_999_999_998, Some(8_029_000_000));
    }
}
