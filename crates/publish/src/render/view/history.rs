//! What ended, by month, with a picture of each month's days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::super::RenderError;
use super::super::bars::Bar;
use super::super::edition::{Edition, Text};
use super::super::spans::{DAYS, Day, Days, problem, work};
use super::super::time::{self, Time, day_number};
use super::super::words::Words;
use super::affair::{Affair, Kind};
use super::frame::Frame;

/// Entries that are listed; the rest is counted. Far more than any honest 90 days.
const LISTED: usize = 500;

/// The history page. It changes once a day and when something is said.
#[derive(Serialize)]
pub(in super::super) struct History<'a> {
    pub(in super::super) w: &'static Words,
    pub(in super::super) frame: &'a Frame,
    pub(in super::super) stem: &'static str,
    pub(in super::super) up: &'static str,
    pub(in super::super) day: String,
    pub(in super::super) months: Vec<Month>,
    pub(in super::super) left_out: usize,
    pub(in super::super) unrecorded: bool,
}

/// One month, the newest first.
#[derive(Serialize)]
pub(in super::super) struct Month {
    pub(in super::super) name: String,
    pub(in super::super) bar: Bar,
    pub(in super::super) entries: Vec<Entry>,
}

/// One thing that was spoken about, without its text.
#[derive(Serialize)]
pub(in super::super) struct Entry {
    pub(in super::super) kind: Kind,
    pub(in super::super) id: String,
    pub(in super::super) path: String,
    pub(in super::super) title: Text,
    pub(in super::super) look: &'static str,
    pub(in super::super) state: String,
    pub(in super::super) components: Vec<String>,
    pub(in super::super) first: Option<Time>,
    /// The end, where there is one.
    pub(in super::super) last: Option<Time>,
}

impl<'a> History<'a> {
    pub(in super::super) fn of(
        edition: &Edition<'_>,
        frame: &'a Frame,
        now: i64,
    ) -> Result<Self, RenderError> {
        let (page, words) = (edition.page, edition.words);
        let days = all_days(edition, now);
        let mut months: Vec<Month> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let civil = (0..DAYS)
            .map(|n| time::day_of(days.first + n as i64))
            .collect::<Result<Vec<Date>, _>>()?;
        let mut to = DAYS;
        while to > 0 {
            let key = |n: usize| civil.get(n).map(|d| (d.year(), d.month()));
            let mut from = to - 1;
            while from > 0 && key(from - 1) == key(to - 1) {
                from -= 1;
            }
            let name = time::month(civil[from], words);
            places.insert(name.clone(), months.len());
            months.push(Month {
                name,
                bar: Bar::of_part(&days, from, to, words)?,
                entries: Vec::new(),
            });
            to = from;
        }
        let mut affairs = Vec::new();
        let incidents = page.current.iter().chain(&page.past);
        for incident in incidents.take(LISTED) {
            affairs.push(Affair::of_incident(incident, edition)?);
        }
        for work in page.maintenance.iter().take(LISTED) {
            affairs.push(Affair::of_maintenance(work, edition)?);
        }
        for denial in page.denials.iter().take(LISTED) {
            affairs.push(Affair::of_denial(denial, edition)?);
        }
        let all =
            page.current.len() + page.past.len() + page.maintenance.len() + page.denials.len();
        affairs.sort_by_key(|a| std::cmp::Reverse(a.statements.last().map_or(0, |s| s.at_ms)));
        affairs.truncate(LISTED);
        let left_out = all - affairs.len();
        for affair in affairs {
            let Some(first) = affair.statements.last() else {
                continue;
            };
            let day = day_number(first.at_ms).max(days.first);
            let name = time::month(time::day_of(day)?, words);
            // Something said after the last day of the bars cannot be: it would be said in the future.
            let place = places.get(&name).copied().unwrap_or(0);
            if let Some(month) = months.get_mut(place) {
                month.entries.push(Entry::of(affair));
            }
        }
        Ok(Self {
            w: words,
            frame,
            stem: "history",
            up: "",
            day: time::date(civil[DAYS - 1], words),
            months,
            left_out,
            unrecorded: days.days.contains(&Day::Unrecorded),
        })
    }
}

impl Entry {
    fn of(affair: Affair) -> Self {
        let at = |s: Option<&super::Statement>| s.map(|s| s.at.clone());
        let (first, last) = match affair.window {
            Some((from, to)) => (Some(from), Some(to)),
            None => {
                let last = at(affair.statements.first()).filter(|_| affair.over);
                (at(affair.statements.last()), last)
            }
        };
        let same_day = |a: &Time, b: &Time| a.iso.get(..10) == b.iso.get(..10);
        let last = match (&first, last) {
            (Some(first), Some(last)) if first.iso == last.iso => None,
            (Some(first), Some(mut last)) if same_day(first, &last) => {
                last.full.clone_from(&last.clock);
                Some(last)
            }
            (_, last) => last,
        };
        Self {
            kind: affair.kind,
            id: affair.id,
            path: affair.path,
            title: affair.title,
            look: affair.look,
            state: affair.state,
            components: affair.components,
            first,
            last,
        }
    }
}

/// The worst of each day over everything that was said.
fn all_days(edition: &Edition<'_>, now: i64) -> Days {
    let page = edition.page;
    let mut days = Days::until(now, page.recorded_since_ms);
    for incident in page.current.iter().chain(&page.past) {
        for span in problem(incident, now) {
            days.mark(span, incident.impact.into());
        }
    }
    for span in page.maintenance.iter().filter_map(|m| work(m, now)) {
        days.mark(span, Day::Work);
    }
    days
}
