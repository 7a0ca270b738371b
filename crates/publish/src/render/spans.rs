//! What the published statements say about when something was wrong. Nothing else is asked: a page can honestly reckon
//! only from what it said itself.

use stentor_domain::bulletin::{
    Impact, MaintenanceStatus, PublicIncident, PublicMaintenance, PublicStatus, Standing,
};

use super::time::{DAY, day_number};

/// Days that a bar shows, the last being the day of the page.
pub(super) const DAYS: usize = 90;

/// A stretch of time in milliseconds since the epoch; the end does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What was said about a day, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Day {
    /// From before anything was recorded.
    Unrecorded,
    /// No problem was published.
    Calm,
    /// Announced work.
    Work,
    /// Partly failing.
    Partial,
    /// Not usable.
    Total,
}

impl From<Impact> for Day {
    fn from(impact: Impact) -> Self {
        match impact {
            Impact::Partial => Self::Partial,
            Impact::Total => Self::Total,
        }
    }
}

/// When an incident was known in public: from a statement that names a problem to the one that says it is resolved.
///
/// What was withdrawn counts as never said. A correction puts words right and leaves the time, unless it takes back that
/// the incident was resolved.
pub(super) fn problem(incident: &PublicIncident, now: i64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open = None;
    for update in &incident.updates {
        let resolved = update.status == PublicStatus::Resolved;
        let holds = match incident.standing(update.number) {
            Standing::Holds => true,
            Standing::WithdrawnBy(_) => false,
            Standing::CorrectedBy(by) => {
                let status = |n: u32| {
                    incident
                        .updates
                        .iter()
                        .find(|u| u.number == n)
                        .map(|u| u.status)
                };
                !resolved || status(by) == Some(PublicStatus::Resolved)
            }
        };
        if !holds {
            continue;
        }
        match (open, resolved) {
            (None, false) => open = Some(update.published_ms),
            (Some(from), true) => {
                spans.push(Span {
                    from,
                    to: update.published_ms,
                });
                open = None;
            }
            _ => {}
        }
    }
    spans.extend(open.map(|from| Span { from, to: now }));
    spans.retain(|span| span.from < span.to);
    spans
}

/// When announced work took place, as far as it was said; nothing if it was called off.
pub(super) fn work(maintenance: &PublicMaintenance, now: i64) -> Option<Span> {
    let latest = maintenance.latest();
    let done = maintenance
        .updates
        .iter()
        .find(|u| u.status == MaintenanceStatus::Completed)
        .map(|u| u.published_ms);
    let planned = match latest.status {
        MaintenanceStatus::Cancelled => return None,
        MaintenanceStatus::Completed => done.unwrap_or(latest.ends_ms),
        _ => latest.ends_ms,
    };
    let span = Span {
        from: latest.starts_ms,
        to: planned.min(now),
    };
    (span.from < span.to).then_some(span)
}

/// The days up to the one of `now`, each with the worst that was said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// The number of the first day.
    pub(super) first: i64,
    pub(super) days: [Day; DAYS],
}

impl Days {
    /// Calm days; those before `since` are not recorded.
    pub(super) fn until(now: i64, since: Option<i64>) -> Self {
        let first = day_number(now) - (DAYS as i64 - 1);
        let mut days = [Day::Calm; DAYS];
        let unrecorded = since.map_or(0, |since| day_number(since) - first);
        let unrecorded = usize::try_from(unrecorded.max(0)).unwrap_or(0).min(DAYS);
        days[..unrecorded].fill(Day::Unrecorded);
        Self { first, days }
    }

    /// Notes on each day that `span` touches that it was at least so bad.
    pub(super) fn mark(&mut self, span: Span, what: Day) {
        let place = |ms: i64| (day_number(ms) - self.first).clamp(0, DAYS as i64);
        let from = place(span.from);
        let to = place(span.to.saturating_sub(1).max(span.from).saturating_add(DAY));
        let place = |n: i64| usize::try_from(n).unwrap_or(0);
        for day in &mut self.days[place(from)..place(to)] {
            *day = (*day).max(what);
        }
    }

    /// The share of these days, in hundredths of a percent and rounded down, that lies outside `spans`. Nothing where a
    /// part of them is not recorded: a share of what nobody noted would be a lie.
    pub(super) fn share_outside(
        &self,
        spans: &[Span],
        since: Option<i64>,
        now: i64,
    ) -> Option<u32> {
        let start = self.first.saturating_mul(DAY);
        since.filter(|since| *since <= start)?;
        let mut spans: Vec<Span> = spans
            .iter()
            .map(|s| Span {
                from: s.from.max(start),
                to: s.to.min(now),
            })
            .filter(|s| s.from < s.to)
            .collect();
        spans.sort_unstable();
        let (mut failing, mut end) = (0i64, start);
        for span in spans {
            failing += (span.to - span.from.max(end)).max(0);
            end = end.max(span.to);
        }
        let whole = now - start;
        u32::try_from(
            (whole - failing)
                .max(0)
                .saturating_mul(10_000)
                .checked_div(whole)?,
        )
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stentor_domain::bulletin::{Mends, StatusUpdate};
    use stentor_domain::ids::IncidentId;

    use super::*;

    const NOW: i64 = 1000 * DAY + DAY / 2;

    fn incident(said: &[(i64, PublicStatus, Option<Mends>)]) -> PublicIncident {
        let update =
            |(n, (at, status, mends)): (usize, &(i64, PublicStatus, Option<Mends>))| StatusUpdate {
                number: u32::try_from(n).unwrap() + 1,
                published_ms: *at,
                status: *status,
                title: String::new(),
                sections: Vec::new(),
                next_update_ms: None,
                translations: BTreeMap::new(),
                mends: *mends,
            };
        PublicIncident {
            id: IncidentId(1),
            components: Vec::new(),
            impact: Impact::Total,
            updates: said.iter().enumerate().map(update).collect(),
        }
    }

    #[test]
    fn a_problem_lasts_from_the_first_word_to_the_last() {
        use PublicStatus::{Identified, Investigating, Resolved};
        #[track_caller]
        fn check(said: &[(i64, PublicStatus, Option<Mends>)], expect: &[(i64, i64)]) {
            let spans: Vec<_> = problem(&incident(said), NOW)
                .iter()
                .map(|s| (s.from, s.to))
                .collect();
            assert_eq!(spans, expect);
        }
        check(&[(10, Investigating, None)], &[(10, NOW)]);
        check(
            &[
                (10, Investigating, None),
                (20, Identified, None),
                (30, Resolved, None),
            ],
            &[(10, 30)],
        );
        check(
            &[
                (10, Investigating, None),
                (20, Resolved, None),
                (30, Investigating, None),
                (40, Resolved, None),
            ],
            &[(10, 20), (30, 40)],
        );
        // Words corrected after the end change no time.
        let words = Some(Mends::Corrects(1));
        check(
            &[
                (10, Investigating, None),
                (20, Resolved, None),
                (30, Resolved, words),
            ],
            &[(10, 20)],
        );
        // It was not resolved after all.
        let still = Some(Mends::Corrects(2));
        check(
            &[
                (10, Investigating, None),
                (20, Resolved, None),
                (30, Identified, still),
            ],
            &[(10, NOW)],
        );
        // It was a false alarm.
        let never = Some(Mends::Withdraws(1));
        check(&[(10, Investigating, None), (20, Resolved, never)], &[]);
    }

    #[test]
    fn days_are_marked_by_the_worst() {
        let mut days = Days::until(NOW, None);
        assert_eq!(days.first, 1000 - 89);
        days.mark(
            Span {
                from: 998 * DAY,
                to: 999 * DAY,
            },
            Day::Total,
        );
        days.mark(
            Span {
                from: 998 * DAY + 5,
                to: NOW,
            },
            Day::Partial,
        );
        days.mark(
            Span {
                from: 0,
                to: 912 * DAY,
            },
            Day::Work,
        );
        assert_eq!(days.days[..2], [Day::Work, Day::Calm]);
        assert_eq!(
            days.days[86..],
            [Day::Calm, Day::Total, Day::Partial, Day::Partial]
        );
        assert_eq!(
            Days::until(NOW, Some(1000 * DAY + 7)).days[88..],
            [Day::Unrecorded, Day::Calm]
        );
    }

    #[test]
    fn the_share_is_of_recorded_time_and_never_rounded_up() {
        let days = Days::until(NOW, None);
        let start = days.first * DAY;
        let share = |spans: &[(i64, i64)], since| {
            let spans: Vec<_> = spans.iter().map(|&(from, to)| Span { from, to }).collect();
            days.share_outside(&spans, since, NOW)
        };
        assert_eq!(share(&[], Some(start)), Some(10_000));
        assert_eq!(share(&[], Some(start + 1)), None);
        assert_eq!(share(&[], None), None);
        assert_eq!(share(&[(NOW - 1, NOW)], Some(0)), Some(9_999));
        let half = start + (NOW - start) / 2;
        assert_eq!(share(&[(0, half), (start, half)], Some(0)), Some(5_000));
    }
}
