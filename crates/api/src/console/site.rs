//! What every page shows: who is signed in, which world it is about, and whether something of ours is in trouble.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stentor_domain::bulletin::MaintenanceStatus;
use stentor_domain::state::State;
use stentor_domain::time_text::{length, utc};
use stentor_domain::world::World;

use super::words;
use crate::reader::Reader;
use crate::{App, SignedIn, Surface};

/// A message that waits longer than this is trouble, in milliseconds.
const LATE_MS: i64 = 120_000;

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Site {
    organisation: Option<String>,
    person: Option<String>,
    csrf: Option<String>,
    section: &'static str,
    world: Option<WorldWords>,
    troubles: Vec<String>,
    seq: u64,
    now_ms: i64,
    /// The path below which everything lies; no trailing slash.
    base: String,
    /// Nobody signs in here.
    open: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct WorldWords {
    /// Its number; `None` in the live world.
    drill: Option<u32>,
}

impl Site {
    /// A page for anybody.
    pub(super) fn bare() -> Self {
        Self::default()
    }

    /// Where everything lies.
    #[must_use]
    pub(super) fn below(mut self, app: &App) -> Self {
        self.base.clone_from(&app.options.route_prefix);
        self.open = app.options.surface == Surface::Alertmanager;
        self
    }

    /// A page for somebody, or for the holder of a link, without what only the signed-in may know.
    pub(super) fn of(app: &App, who: Option<&SignedIn>, section: &'static str) -> Self {
        let (organisation, person) = app.engine.read(|state| {
            let organisation = state.organisation();
            let person = who.map(|who| {
                organisation.map_or(who.person.to_string(), |o| {
                    o.person_name(&who.person).to_owned()
                })
            });
            (organisation.map(|o| o.name.clone()), person)
        });
        Self {
            organisation,
            person,
            csrf: who.map(|who| who.csrf.clone()),
            section,
            world: None,
            troubles: Vec::new(),
            seq: app.engine.seq(),
            now_ms: app.engine.clock().now_ms(),
            ..Self::default()
        }
        .below(app)
    }

    /// A page about alerts.
    pub(super) fn read(app: &App, who: &Reader, section: &'static str) -> Self {
        let mut site = Self::of(app, who.signed_in.as_ref(), section);
        site.csrf = Some(who.csrf.clone());
        site
    }

    /// Says unmistakably which world the page is about.
    #[must_use]
    pub(super) fn in_world(mut self, world: World) -> Self {
        let drill = match world {
            World::Live => None,
            World::Drill(number) => Some(number),
        };
        self.world = Some(WorldWords { drill });
        self
    }

    /// Names what of ours does not work.
    pub(super) async fn with_troubles(mut self, app: &App) -> Self {
        if let Some(reason) = app.engine.health().reason {
            self.troubles.push(format!(
                "Nothing can be recorded at the moment: {} What you press is not done until this line is gone.",
                words::sentence(&reason)
            ));
        }
        for mirror in app.engine.mirrors() {
            if let (World::Live, Some(error)) = (mirror.world, mirror.error) {
                self.troubles.push(format!(
                    "Mirror {} does not show the public word: {}",
                    mirror.name,
                    words::sentence(&error)
                ));
            }
        }
        if let Some(waits) = app.engine.word_waits(World::Live) {
            self.troubles.push(words::sentence(&waits.to_string()));
        }
        self.troubles.extend(app.engine.read(unspoken));
        match app.engine.lanes(World::Live).await {
            Ok(lanes) => {
                for lane in lanes.iter().filter(|l| l.oldest_ms > LATE_MS) {
                    let error = lane.last_error.as_deref().map(words::sentence);
                    self.troubles.push(format!(
                        "{} messages wait in lane {}, the oldest for {}. {}",
                        lane.waiting,
                        lane.lane,
                        length(lane.oldest_ms),
                        error.unwrap_or_default()
                    ));
                }
            }
            Err(error) => self
                .troubles
                .push(format!("The waiting messages cannot be read: {error}.")),
        }
        self
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms
    }
}

/// Announced times that passed without a word: the page never says by itself that work has begun or is over.
fn unspoken(state: &State) -> Vec<String> {
    let Some(of) = state.world(World::Live) else {
        return Vec::new();
    };
    let passed = of.maintenance.iter().filter_map(|(id, work)| {
        let last = work.updates.last()?;
        let due_ms = work.reminded_ms?;
        let what = match last.status {
            MaintenanceStatus::Scheduled if due_ms == last.starts_ms => "begun",
            MaintenanceStatus::InProgress | MaintenanceStatus::Verifying
                if due_ms == last.ends_ms =>
            {
                "been over"
            }
            _ => return None,
        };
        Some(format!(
            "Announced work {id} should have {what} at {}, and nobody said whether it is. Say so under Public word.",
            utc(due_ms)
        ))
    });
    passed.collect()
}

/// What the script says when it asks whether there is news.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    seen: Option<u64>,
}

impl Seen {
    /// "Nothing new" in a few bytes, for weak networks.
    pub(super) fn nothing_new(&self, app: &App) -> Option<Response> {
        (self.seen == Some(app.engine.seq())).then(|| StatusCode::NO_CONTENT.into_response())
    }
}
