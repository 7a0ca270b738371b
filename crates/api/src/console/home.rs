//! The first page: what is open, what waits to be closed, who is on call.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use stentor_domain::incident::Incident;
use stentor_domain::state::WorldState;
use stentor_domain::world::World;

use super::render;
use super::site::{Seen, Site};
use super::view::{IncidentView, Moment, OnCall, Unmapped, on_call, timestamp};
use crate::{App, Problem, SignedIn};

/// Closed incidents on a page.
const PAGE: usize = 20;

/// Rows read at most for one page: those that are not closed are passed over.
const READ_AT_MOST: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(home))
}

#[derive(Deserialize)]
struct Asked {
    before: Option<u32>,
}

#[derive(Default, Serialize)]
struct Home {
    open: Vec<IncidentView>,
    resolved: Vec<IncidentView>,
    on_call: Vec<OnCall>,
    unmapped: Option<Unmapped>,
    firing: usize,
    /// Nothing has ever happened here.
    fresh_start: bool,
    drills: u32,
}

async fn home(
    State(app): State<App>,
    who: SignedIn,
    Query(asked): Query<Asked>,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let site = Site::of(&app, Some(&who), "incidents")
        .with_troubles(&app)
        .await;
    let now_ms = site.now_ms();
    let home = read(&app, &who, now_ms);
    let rows = closed(&app, asked.before).await?;
    let older = rows
        .more
        .then(|| rows.closed.last().map_or(0, |(i, _)| i.id.0));
    let closed: Vec<IncidentView> = app.engine.read(|state| {
        let empty = WorldState::default();
        let of = state.world(World::Live).unwrap_or(&empty);
        let Some(organisation) = state.organisation() else {
            return Vec::new();
        };
        let at = Moment {
            state,
            organisation,
            world: World::Live,
            of,
            viewer: &who.person,
            now_ms,
        };
        let views = rows.closed.iter();
        views
            .map(|(i, closed_ms)| IncidentView::new(at, i, Some(*closed_ms)))
            .collect()
    });
    Ok(render::page(
        "home.html",
        render::view! { site, older, newer => asked.before.is_some(), closed, home },
    ))
}

fn read(app: &App, who: &SignedIn, now_ms: i64) -> Home {
    app.engine.read(|state| {
        let empty = WorldState::default();
        let of = state.world(World::Live).unwrap_or(&empty);
        let Some(organisation) = state.organisation() else {
            return Home::default();
        };
        let at = Moment {
            state,
            organisation,
            world: World::Live,
            of,
            viewer: &who.person,
            now_ms,
        };
        let mut incidents: Vec<&Incident> = of.incidents.values().collect();
        incidents.sort_by_key(|i| (i.severity, std::cmp::Reverse(i.opened_ms)));
        let (open, resolved): (Vec<_>, Vec<_>) = incidents.into_iter().partition(|i| i.is_open());
        let views = |all: Vec<&Incident>| {
            all.into_iter()
                .map(|i| IncidentView::new(at, i, None))
                .collect()
        };
        Home {
            open: views(open),
            resolved: views(resolved),
            on_call: on_call(organisation, timestamp(now_ms)),
            unmapped: Some(Unmapped::new(organisation, of)),
            firing: of.alerts.len(),
            fresh_start: of.last.incident == 0 && state.last_drill() == 0,
            drills: state.last_drill(),
        }
    })
}

struct Closed {
    closed: Vec<(Incident, i64)>,
    /// Whether older ones follow.
    more: bool,
}

async fn closed(app: &App, mut before: Option<u32>) -> Result<Closed, Problem> {
    let mut closed = Vec::new();
    let mut read = 0;
    loop {
        let rows = app
            .engine
            .store()
            .incidents(World::Live, before, PAGE + 1)
            .await?;
        let last = rows.len() <= PAGE;
        read += rows.len();
        before = rows.last().map(|row| row.id);
        for row in rows {
            let incident = serde_json::from_str(&row.data);
            if let (Some(closed_ms), Ok(incident)) = (row.closed_ms, incident) {
                closed.push((incident, closed_ms));
            }
        }
        if closed.len() > PAGE {
            closed.truncate(PAGE);
            return Ok(Closed { closed, more: true });
        }
        if last || read >= READ_AT_MOST {
            return Ok(Closed {
                closed,
                more: !last,
            });
        }
    }
}
