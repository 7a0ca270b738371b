//! The first page: what somebody in trouble looks for, in that order.

use jiff::Timestamp;
use serde::Serialize;
use stentor_domain::bulletin::{Impact, MaintenanceStatus, PublicMaintenance, StatusPage};

use super::super::RenderError;
use super::super::edition::Edition;
use super::super::time::{self, Time};
use super::super::words::{Words, fill};
use super::affair::{Affair, look};
use super::directory::Official;
use super::frame::Frame;
use super::services::{Records, Services};

/// What ended that the first page lists; the rest is in the history.
const RECENT: usize = 8;

/// From when to when a page may be believed.
#[derive(Clone, Copy)]
pub(in super::super) struct Clock {
    pub(in super::super) now: Timestamp,
    pub(in super::super) stale_after: Timestamp,
}

/// The first page.
#[derive(Serialize)]
pub(in super::super) struct Index<'a> {
    pub(in super::super) w: &'static Words,
    pub(in super::super) frame: &'a Frame,
    pub(in super::super) stem: &'static str,
    pub(in super::super) up: &'static str,
    pub(in super::super) as_of: Time,
    pub(in super::super) stale_after: Time,
    /// The sentence everybody came for.
    pub(in super::super) headline: String,
    /// Which look it has: `calm`, `work`, `partial` or `total`.
    pub(in super::super) look: &'static str,
    pub(in super::super) denials: Vec<Affair>,
    pub(in super::super) current: Vec<Affair>,
    pub(in super::super) maintenance: Vec<Affair>,
    pub(in super::super) services: Services,
    pub(in super::super) past: Vec<Affair>,
    pub(in super::super) official: Official,
    /// Whether the directory has more than mirrors.
    pub(in super::super) directory: bool,
    pub(in super::super) rss: bool,
    pub(in super::super) minisign: bool,
}

impl<'a> Index<'a> {
    pub(in super::super) fn of(
        edition: &Edition<'_>,
        frame: &'a Frame,
        clock: Clock,
        (rss, minisign): (bool, bool),
    ) -> Result<Self, RenderError> {
        let (page, words) = (edition.page, edition.words);
        let now = clock.now.as_millisecond();
        let incident = |i| Affair::of_incident(i, edition);
        let work = |m| Affair::of_maintenance(m, edition);
        let denial = |d| Affair::of_denial(d, edition);
        let (done, maintenance): (Vec<_>, Vec<_>) =
            page.maintenance.iter().partition(|m| m.is_over());
        let (gone, denials): (Vec<_>, Vec<_>) = page.denials.iter().partition(|d| d.is_over());
        let mut past = page
            .past
            .iter()
            .take(RECENT)
            .map(incident)
            .collect::<Result<Vec<_>, _>>()?;
        for affair in done.into_iter().take(RECENT).map(work) {
            past.push(affair?);
        }
        for affair in gone.into_iter().take(RECENT).map(denial) {
            past.push(affair?);
        }
        let spoken = |a: &Affair| a.statements.first().map_or(0, |s| s.at_ms);
        past.sort_by_key(|a| std::cmp::Reverse(spoken(a)));
        past.truncate(RECENT);
        let official = Official::of(edition);
        Ok(Self {
            w: words,
            frame,
            stem: "index",
            up: "",
            as_of: Time::of(clock.now, words),
            stale_after: Time::of(clock.stale_after, words),
            headline: headline(page, clock, words),
            look: worst(page).map_or(if in_progress(page) { "work" } else { "calm" }, look),
            denials: denials.into_iter().map(denial).collect::<Result<_, _>>()?,
            current: page
                .current
                .iter()
                .map(incident)
                .collect::<Result<_, _>>()?,
            maintenance: maintenance
                .into_iter()
                .map(work)
                .collect::<Result<_, _>>()?,
            services: Services::of(edition, &Records::of(page, now))?,
            past,
            directory: !official.is_empty(),
            official,
            rss,
            minisign,
        })
    }
}

/// The worst that users are told of, if any.
pub(in super::super) fn worst(page: &StatusPage) -> Option<Impact> {
    let components = page.components.iter().filter_map(|c| c.impact);
    page.current
        .iter()
        .map(|i| i.impact)
        .chain(components)
        .max()
}

/// Whether announced work goes on by what was said.
pub(in super::super) fn in_progress(page: &StatusPage) -> bool {
    page.maintenance.iter().any(goes_on)
}

/// The same of one piece of work.
pub(in super::super) fn goes_on(work: &PublicMaintenance) -> bool {
    matches!(
        work.latest().status,
        MaintenanceStatus::InProgress | MaintenanceStatus::Verifying
    )
}

/// Says what was known when, and until when to believe it. Never what is so now: nobody knows when it is read.
pub(in super::super) fn headline(page: &StatusPage, clock: Clock, words: &Words) -> String {
    let problems = page.current.len();
    let what = match (worst(page), problems) {
        (None, 0) => words.problem_none.to_owned(),
        (_, 0 | 1) => words.problem_one.to_owned(),
        (_, n) => fill(words.problem_many, &[("n", &n.to_string())]),
    };
    let at = fill(words.clock, &[("clock", &time::bare_clock(clock.now))]);
    let until = time::bare_clock(clock.stale_after);
    let (day, last) = (time::civil(clock.now), time::civil(clock.stale_after));
    let until = if day == last {
        until
    } else {
        fill(
            words.clock_on,
            &[("clock", &until), ("day", &time::day(last, words))],
        )
    };
    fill(
        words.headline,
        &[("what", &what), ("at", &at), ("until", &until)],
    )
}
