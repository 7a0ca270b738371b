//! Lists of alerts.

use std::hint::black_box;
use std::sync::Arc;

use stentor_domain::marks::Marks;
use stentor_domain::routing::Moment;
use stentor_domain::state::{OpenAlert, State};
use stentor_domain::world::World;

use super::{Directory, Query, Row, Source};
use crate::App;

/// Alerts that are judged under one lock: the writer waits a moment at most.
const JUDGED_AT_ONCE: usize = 1_000;

/// Alerts whose labels are fetched from memory at the same time.
const AHEAD: usize = 32;

/// Alerts that were asked for.
#[derive(Debug)]
pub(crate) struct Found {
    /// This part of them.
    pub(crate) rows: Vec<Row>,
    /// How many there are in all.
    pub(crate) total: usize,
    /// Whom they are told to.
    pub(crate) directory: Directory,
}

/// A look at what fires at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Milliseconds since the epoch.
    pub(crate) now_ms: i64,
    /// How long after its known end an alert counts as over, in milliseconds.
    pub(crate) grace_ms: i64,
}

impl Look {
    /// Now.
    pub(crate) fn of(app: &App) -> Self {
        Self {
            now_ms: app.engine.clock().now_ms(),
            grace_ms: app.engine.alert_grace_ms(),
        }
    }

    /// The alerts that a query asks for.
    pub(crate) fn alerts(self, source: &impl Source, query: &Query) -> Found {
        let (mut rows, directory) = source.state(|state| {
            let directory = Directory::new(state);
            (self.matching(state, query), directory)
        });
        if query.picks_receivers() {
            for row in &mut rows {
                row.receivers = directory.receivers(&row.alert, &row.service);
            }
            rows.retain(|row| query.wants_one_of(&row.receivers));
        }
        let judged = query.picks_states();
        if judged {
            self.judge(source, &mut rows);
            rows.retain(|row| query.wants_state(row));
        }
        let total = rows.len();
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut rows = query.sort.part(rows, &directory, query.offset, limit);
        if !judged {
            self.judge(source, &mut rows);
        }
        if !query.picks_receivers() {
            for row in &mut rows {
                row.receivers = directory.receivers(&row.alert, &row.service);
            }
        }
        Found {
            rows,
            total,
            directory,
        }
    }

    /// How many alerts fire, and how many of them are kept quiet.
    pub(crate) fn count(self, source: &impl Source) -> (usize, usize) {
        let mut rows = source.state(|state| self.matching(state, &Query::default()));
        self.judge(source, &mut rows);
        let quiet = rows.iter().filter(|row| row.quiet.is_quiet()).count();
        (rows.len(), quiet)
    }

    fn matching(self, state: &State, query: &Query) -> Vec<Row> {
        let Some(world) = state.world(World::Live) else {
            return Vec::new();
        };
        let needed = Marks::needed(&query.matchers);
        let mut firing = world
            .alerts
            .values()
            .filter(|open| open.marks.may_hold(needed) && self.fires(open));
        let mut found = Vec::new();
        let mut some: Vec<&OpenAlert> = Vec::with_capacity(AHEAD);
        loop {
            some.clear();
            some.extend(firing.by_ref().take(AHEAD));
            if some.is_empty() {
                return found;
            }
            // Touched together, they are fetched together; matchers would fetch one after the other.
            let first_byte = |open: &&OpenAlert| open.alert.labels.as_bytes().first().copied();
            black_box(some.iter().filter_map(first_byte).fold(0, u8::wrapping_add));
            let fitting = some.iter().filter(|open| {
                let labels = &open.alert.labels;
                query.matchers.iter().all(|m| m.fits(labels))
            });
            found.extend(fitting.map(|open| row(open)));
        }
    }

    /// Whether an alert is not over.
    pub(super) fn fires(self, open: &OpenAlert) -> bool {
        open.ends_ms.saturating_add(self.grace_ms) > self.now_ms
    }

    /// Notes what keeps alerts quiet.
    pub(super) fn judge(self, source: &impl Source, rows: &mut [Row]) {
        for some in rows.chunks_mut(JUDGED_AT_ONCE) {
            let loud = source.state(|state| {
                let Some(world) = state.world(World::Live) else {
                    return true;
                };
                let routing = state.routing().map(|r| &**r);
                let moment = Moment::new(routing, world, self.now_ms, self.grace_ms);
                if moment.is_loud() {
                    return true;
                }
                for row in some {
                    row.quiet = moment.quiet(&row.alert.labels);
                }
                false
            });
            if loud {
                return;
            }
        }
    }
}

pub(super) fn row(open: &OpenAlert) -> Row {
    Row {
        alert: Arc::clone(&open.alert),
        ends_ms: open.ends_ms,
        updated_ms: open.updated_ms,
        service: open.service.clone(),
        incident: open.incident,
        quiet: stentor_domain::routing::Quiet::default(),
        receivers: Vec::new(),
    }
}
