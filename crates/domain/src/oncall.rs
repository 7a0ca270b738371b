//! Who is on call, and who is paged when they do not answer (REACH-1, REACH-2).

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::ids::{PersonId, PolicyId, ScheduleId};
use crate::incident::{Escalation, Progress};

/// People who take turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub id: ScheduleId,
    /// The zone in which shifts begin: a weekly shift keeps its hour over summer time.
    pub zone: TimeZone,
    /// When the first person's first shift begins, in `zone`.
    pub start: DateTime,
    /// How long a shift lasts.
    pub shift: Shift,
    /// In order of turns.
    pub people: Vec<PersonId>,
}

/// The length of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// So many days.
    Days(u16),
    /// So many hours.
    Hours(u16),
}

impl Schedule {
    /// Who is on call at `now`, and until when. `None` before the start or when nobody takes turns.
    #[must_use]
    pub fn on_call(&self, now: Timestamp) -> Option<(&PersonId, Timestamp)> {
        let start = self.start.to_zoned(self.zone.clone()).ok()?;
        if now < start.timestamp() || self.people.is_empty() {
            return None;
        }
        let begin = |turn: i64| -> Option<Timestamp> {
            let span = match self.shift {
                Shift::Days(days) => Span::new().try_days(turn.checked_mul(days.into())?),
                Shift::Hours(hours) => Span::new().try_hours(turn.checked_mul(hours.into())?),
            };
            Some(start.checked_add(span.ok()?).ok()?.timestamp())
        };
        let seconds = match self.shift {
            Shift::Days(days) => i64::from(days) * 86_400,
            Shift::Hours(hours) => i64::from(hours) * 3600,
        };
        if seconds == 0 {
            return None;
        }
        // Days may have 23 or 25 hours, so the estimate can be one turn off.
        let mut turn = (now.as_second() - start.timestamp().as_second()) / seconds;
        while begin(turn)? > now {
            turn -= 1;
        }
        while begin(turn + 1)? <= now {
            turn += 1;
        }
        let index = usize::try_from(turn).ok()? % self.people.len();
        Some((&self.people[index], begin(turn + 1)?))
    }
}

/// Whom a level pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Whoever is on call.
    Schedule(ScheduleId),
    /// Always this person.
    Person(PersonId),
}

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Everybody who is paged at this level.
    pub targets: Vec<Target>,
    /// Seconds to wait for an acknowledgement before the next level is paged.
    pub wait_seconds: i64,
}

/// Who is paged, in what order, until somebody acknowledges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationPolicy {
    /// Its name.
    pub id: PolicyId,
    /// In order; never empty.
    pub levels: Vec<Level>,
    /// How many times to go through all levels before giving up; at least 1.
    pub rounds: u32,
}

/// A level to page, and who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Rounds completed before.
    pub round: u32,
    /// Index of the level.
    pub level: u32,
    /// Whom it pages; never empty.
    pub people: Vec<PersonId>,
}

impl EscalationPolicy {
    /// The first level from `(round, level)` on that has anybody at `now`; `None` when the rounds end before.
    #[must_use]
    pub fn step(
        &self,
        schedules: &BTreeMap<ScheduleId, Schedule>,
        now: Timestamp,
        mut round: u32,
        mut level: u32,
    ) -> Option<Step> {
        loop {
            match self.levels.get(level as usize) {
                Some(here) => {
                    let people = here.people(schedules, now);
                    if !people.is_empty() {
                        return Some(Step {
                            round,
                            level,
                            people,
                        });
                    }
                    level += 1;
                }
                None => {
                    (round, level) = (round.checked_add(1)?, 0);
                    // Rounds are counted on when a policy begins anew.
                    if self.levels.is_empty() || round.is_multiple_of(self.rounds.max(1)) {
                        return None;
                    }
                }
            }
        }
    }

    /// Whom to page because somebody asks for help now: the next level, or the policy from its beginning when it is at
    /// its end. Rounds are counted on, so that no page is ever repeated under the same number.
    #[must_use]
    pub fn help(
        &self,
        schedules: &BTreeMap<ScheduleId, Schedule>,
        now: Timestamp,
        so_far: Option<&Escalation>,
    ) -> Option<Step> {
        let Some(e) = so_far else {
            return self.step(schedules, now, 0, 0);
        };
        let rounds = self.rounds.max(1);
        let afresh = (e.round / rounds + 1).saturating_mul(rounds);
        let next = (e.progress != Progress::Exhausted)
            .then(|| self.step(schedules, now, e.round, e.level + 1));
        next.flatten()
            .or_else(|| self.step(schedules, now, afresh, 0))
    }
}

impl Level {
    /// The people to page now, each once.
    #[must_use]
    pub fn people(
        &self,
        schedules: &BTreeMap<ScheduleId, Schedule>,
        now: Timestamp,
    ) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = Vec::new();
        for target in &self.targets {
            let person = match target {
                Target::Person(person) => Some(person),
                Target::Schedule(id) => schedules
                    .get(id)
                    .and_then(|schedule| schedule.on_call(now))
                    .map(|(p, _)| p),
            };
            if let Some(person) = person
                && !people.contains(person)
            {
                people.push(person.clone());
            }
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekly() -> Schedule {
        Schedule {
            id: "primary".into(),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            start: "2026-01-05T09:00".parse().unwrap(),
            shift: Shift::Days(7),
            people: ["ada", "ben", "cleo"].map(PersonId::from).to_vec(),
        }
    }

    #[test]
    fn turns_follow_the_wall_clock_of_their_zone() {
        let schedule = weekly();
        let check = |now: &str, person: &str, until: &str| {
            let found = schedule.on_call(now.parse().unwrap());
            let (who, end) = found.unwrap_or_else(|| panic!("nobody at {now}"));
            assert_eq!(
                (who.as_str(), end.to_string().as_str()),
                (person, until),
                "at {now}"
            );
        };
        check("2026-01-05T08:00:00Z", "ada", "2026-01-12T08:00:00Z");
        check("2026-01-12T07:59:59Z", "ada", "2026-01-12T08:00:00Z");
        check("2026-01-12T08:00:00Z", "ben", "2026-01-19T08:00:00Z");
        // After 2026-03-29 nine o'clock in Berlin is 07:00 UTC.
        check("2026-03-30T06:59:59Z", "cleo", "2026-03-30T07:00:00Z");
        check("2026-03-30T07:00:00Z", "ada", "2026-04-06T07:00:00Z");
        assert_eq!(
            schedule.on_call("2026-01-05T07:59:59Z".parse().unwrap()),
            None
        );
    }

    #[test]
    fn a_level_pages_each_person_once() {
        let schedules = BTreeMap::from([("primary".into(), weekly())]);
        let level = Level {
            targets: vec![
                Target::Schedule("primary".into()),
                Target::Person("ada".into()),
                Target::Schedule("unknown".into()),
                Target::Person("cleo".into()),
            ],
            wait_seconds: 300,
        };
        let people = level.people(&schedules, "2026-01-06T00:00:00Z".parse().unwrap());
        assert_eq!(people, ["ada", "cleo"].map(PersonId::from));
    }
}
