//! One incident: the 3 a.m. screen.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use minijinja::context;
use stentor_domain::incident::{Incident, Role};
use stentor_domain::state::WorldState;
use stentor_domain::world::World;
use stentor_engine::TimelineFilter;

use super::paths::{self, Named};
use super::site::{Seen, Site};
use super::view::{IncidentView, Moment, choices, lines, timestamp};
use super::{render, words};
use crate::{App, Problem, SignedIn};

/// Lines of the timeline on the page. A telephone loads a hundred in about 20 kB before compression.
const LINES: usize = 100;

pub(super) fn routes() -> Router<App> {
    let [live, drill] = paths::both("");
    Router::new()
        .route(&live, get(incident))
        .route(&drill, get(incident))
}

async fn incident(
    State(app): State<App>,
    who: SignedIn,
    named: Named,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let site = section(&app, &who, named.world).await;
    let now_ms = site.now_ms();
    let i = view(&app, &who, named, now_ms).await?;
    let filter = TimelineFilter {
        world: named.world,
        incident: named.incident.0,
        limit: LINES + 1,
    };
    let mut rows = app.engine.store().timeline(filter).await?;
    let more_lines = rows.len() > LINES;
    if more_lines {
        rows.remove(0);
    }
    let (timeline, people, owners) = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let timeline = lines(organisation, &rows);
        let others = choices(organisation, timestamp(now_ms), Some(&who.person));
        let all = choices(organisation, timestamp(now_ms), None);
        Ok::<_, Problem>((timeline, others, all))
    })?;
    let roles: Vec<_> = Role::ALL
        .map(|r| context! { name => r.name(), title => r.title() })
        .into();
    let severities = words::severities();
    let causes = words::causes();
    Ok(render::page(
        "incident.html",
        render::view! { site, i, timeline, more_lines, people, owners, roles, severities, causes },
    ))
}

/// The frame of pages about incidents of a world.
pub(super) async fn section(app: &App, who: &SignedIn, world: World) -> Site {
    let section = if world.is_drill() {
        "drills"
    } else {
        "incidents"
    };
    let site = Site::of(app, Some(who), section).in_world(world);
    site.with_troubles(app).await
}

/// An incident, open or closed.
pub(super) async fn view(
    app: &App,
    who: &SignedIn,
    named: Named,
    now_ms: i64,
) -> Result<IncidentView, Problem> {
    let show = |stored: Option<(&Incident, i64)>| {
        app.engine.read(|state| {
            let empty = WorldState::default();
            let of = state.world(named.world).unwrap_or(&empty);
            let organisation = state.organisation().ok_or_else(no_configuration)?;
            let at = Moment {
                state,
                organisation,
                world: named.world,
                of,
                viewer: &who.person,
                now_ms,
            };
            let known = of.incidents.get(&named.incident).map(|i| (i, None));
            let found = known.or(stored.map(|(i, closed_ms)| (i, Some(closed_ms))));
            Ok::<_, Problem>(found.map(|(i, closed_ms)| IncidentView::new(at, i, closed_ms)))
        })
    };
    if let Some(view) = show(None)? {
        return Ok(view);
    }
    let missing = || Problem::not_found(format!("There is no {} here.", named.incident));
    let row = app
        .engine
        .store()
        .incident(named.world, named.incident.0)
        .await?;
    let row = row.ok_or_else(missing)?;
    let incident: Incident = serde_json::from_str(&row.data)
        .map_err(|e| Problem::unavailable(format!("{} cannot be read: {e}", named.incident)))?;
    let closed_ms = row.closed_ms.unwrap_or(row.opened_ms);
    show(Some((&incident, closed_ms)))?.ok_or_else(missing)
}

pub(super) fn no_configuration() -> Problem {
    Problem::unavailable("no configuration is in force yet")
}
