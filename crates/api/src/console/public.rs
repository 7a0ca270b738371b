//! The public word at a glance: what is said about incidents, announced work, false messages, and what is ours.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use stentor_domain::bulletin::{
    Denial, MaintenanceStatus, OfficialChannel, PublicIncident, PublicMaintenance, StatusPage,
};
use stentor_domain::disclosure::Public;
use stentor_domain::ids::PersonId;
use stentor_domain::organisation::Organisation;
use stentor_domain::world::World;

use super::incident::no_configuration;
use super::site::{Seen, Site};
use super::statement::{Words, can_be_withdrawn, fate};
use super::thing::{self, About, Thing};
use super::{paths, render, words};
use crate::{App, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new()
        .route("/public", get(live))
        .route("/worlds/{world}/public", get(drill));
    for path in thing::both("") {
        routes = routes.route(&path, get(one));
    }
    routes
}

#[derive(Deserialize)]
struct Named {
    world: String,
}

async fn live(
    State(app): State<App>,
    who: SignedIn,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    overview(&app, &who, World::Live, &seen).await
}

async fn drill(
    State(app): State<App>,
    who: SignedIn,
    axum::extract::Path(named): axum::extract::Path<Named>,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    let world = named.world.parse();
    let world = world.map_err(|_| Problem::not_found("This address names no world."))?;
    overview(&app, &who, world, &seen).await
}

async fn site(app: &App, who: &SignedIn, world: World) -> Site {
    let site = Site::of(app, Some(who), "public").in_world(world);
    site.with_troubles(app).await
}

/// Something that was said, in a line.
#[derive(Serialize)]
struct LineView {
    url: String,
    name: String,
    title: String,
    status: String,
    components: Vec<String>,
    at_ms: i64,
    window: Option<(i64, i64)>,
    is_over: bool,
}

fn incident(world: World, i: &PublicIncident) -> LineView {
    LineView {
        url: paths::incident(world, i.id),
        name: i.id.to_string(),
        title: i.latest().title.clone(),
        status: i.latest().status.name().to_owned(),
        components: i.components.clone(),
        at_ms: i.latest().published_ms,
        window: None,
        is_over: i.is_over(),
    }
}

fn work(world: World, m: &PublicMaintenance) -> LineView {
    let about = About::Maintenance(Some(m.id));
    let thing = Thing {
        world,
        about,
        number: 0,
    };
    LineView {
        url: thing.url(),
        name: m.id.to_string(),
        title: m.latest().wording.title.clone(),
        status: m.latest().status.name().replace('_', " "),
        components: m.components.clone(),
        at_ms: m.latest().published_ms,
        window: Some((m.latest().starts_ms, m.latest().ends_ms)),
        is_over: m.is_over(),
    }
}

fn denial(world: World, d: &Denial) -> LineView {
    let about = About::Denial(Some(d.id));
    let thing = Thing {
        world,
        about,
        number: 0,
    };
    LineView {
        url: thing.url(),
        name: d.id.to_string(),
        title: d.latest().wording.title.clone(),
        status: circulating(d.latest().circulates).to_owned(),
        components: Vec::new(),
        at_ms: d.latest().published_ms,
        window: None,
        is_over: d.is_over(),
    }
}

fn circulating(circulates: bool) -> &'static str {
    if circulates {
        "circulates"
    } else {
        "circulates no more"
    }
}

/// A channel of the directory.
#[derive(Serialize)]
struct ChannelView {
    kind: String,
    name: String,
    address: String,
    link: Option<String>,
    note: Option<String>,
}

fn channel(c: &OfficialChannel) -> ChannelView {
    ChannelView {
        kind: c.kind.clone(),
        name: c.name.clone(),
        address: c.address.clone(),
        link: words::web_link(&c.address),
        note: c.note.clone(),
    }
}

fn page_of(app: &App, world: World) -> Result<Public<StatusPage>, Problem> {
    let now_ms = app.engine.clock().now_ms();
    let page = app.engine.read(|state| {
        let known = world == World::Live || state.world(world).is_some();
        known.then(|| state.status_page(world, now_ms))
    });
    let page = page.ok_or_else(|| Problem::not_found(format!("There is no {world}.")))?;
    page.ok_or_else(no_configuration)
}

async fn overview(
    app: &App,
    who: &SignedIn,
    world: World,
    seen: &Seen,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(app) {
        return Ok(nothing);
    }
    let page = page_of(app, world)?;
    let site = site(app, who, world).await;
    let incidents = page.current.iter().chain(&page.past);
    let incidents: Vec<_> = incidents.map(|i| incident(world, i)).collect();
    let maintenance: Vec<_> = page.maintenance.iter().map(|m| work(world, m)).collect();
    let denials: Vec<_> = page.denials.iter().map(|d| denial(world, d)).collect();
    let channels: Vec<_> = page.directory.channels.iter().map(channel).collect();
    let emergency: Vec<_> = page.directory.emergency.iter().map(channel).collect();
    let security = page.directory.security.as_ref();
    let security = security.map_or_else(Vec::new, |s| s.contact.clone());
    let languages: Vec<_> = page.settings.languages.iter().map(|l| l.as_str()).collect();
    let base = paths::below(world);
    Ok(render::page(
        "public.html",
        render::view! {
            site, incidents, maintenance, denials, channels, emergency, security, languages, base,
        },
    ))
}

/// A statement, and what may be done about it.
#[derive(Serialize)]
struct StatementView {
    number: u32,
    at_ms: i64,
    by: String,
    status: String,
    window: Option<(i64, i64)>,
    fate: String,
    withdrawable: bool,
    words: Words,
}

/// What may be said next.
#[derive(Clone, Copy, Serialize)]
struct Next {
    status: &'static str,
    words: &'static str,
}

fn nexts(status: MaintenanceStatus) -> Vec<Next> {
    let next = |status, words| Next { status, words };
    match status {
        MaintenanceStatus::Scheduled => vec![
            next("in_progress", "It begins"),
            next("scheduled", "Move it, or say more"),
            next("cancelled", "Cancel it"),
        ],
        MaintenanceStatus::InProgress => vec![
            next("completed", "It is over"),
            next("verifying", "It is done and being watched"),
            next("in_progress", "Say more"),
        ],
        MaintenanceStatus::Verifying => vec![
            next("completed", "It is over"),
            next("in_progress", "It goes on after all"),
            next("verifying", "Say more"),
        ],
        MaintenanceStatus::Completed => vec![next("completed", "Say more")],
        MaintenanceStatus::Cancelled => vec![next("cancelled", "Say more")],
    }
}

async fn one(
    State(app): State<App>,
    who: SignedIn,
    thing: Thing,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let page = page_of(&app, thing.world)?;
    let site = site(&app, &who, thing.world).await;
    let gone = || {
        Problem::not_found(format!(
            "{} is not on the page; what ended more than 90 days ago leaves it.",
            thing.name()
        ))
    };
    let (line, seen_at, actions, reminded, statements) = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let of = state.world(thing.world).ok_or_else(gone)?;
        match thing.about {
            About::Maintenance(Some(id)) => {
                let known = page.maintenance.iter().find(|m| m.id == id);
                let (known, work_of) = known.zip(of.maintenance.get(&id)).ok_or_else(gone)?;
                let statements = known.updates.iter().zip(&work_of.authors).rev();
                let statements = statements.map(|(u, by)| StatementView {
                    number: u.number,
                    at_ms: u.published_ms,
                    by: name(organisation, by),
                    status: u.status.name().replace('_', " "),
                    window: Some((u.starts_ms, u.ends_ms)),
                    fate: fate(known.standing(u.number), u.mends),
                    withdrawable: can_be_withdrawn(known.standing(u.number), u.mends),
                    words: Words::new(organisation, u.wording.clone(), u.translations.clone()),
                });
                let actions = nexts(known.latest().status);
                let statements: Vec<_> = statements.collect();
                Ok((
                    work(thing.world, known),
                    Vec::new(),
                    actions,
                    work_of.reminded_ms,
                    statements,
                ))
            }
            About::Denial(Some(id)) => {
                let known = page.denials.iter().find(|d| d.id == id);
                let (known, denied) = known.zip(of.denials.get(&id)).ok_or_else(gone)?;
                let statements = known.updates.iter().zip(&denied.authors).rev();
                let statements = statements.map(|(u, by)| StatementView {
                    number: u.number,
                    at_ms: u.published_ms,
                    by: name(organisation, by),
                    status: circulating(u.circulates).to_owned(),
                    window: None,
                    fate: fate(known.standing(u.number), u.mends),
                    withdrawable: can_be_withdrawn(known.standing(u.number), u.mends),
                    words: Words::new(organisation, u.wording.clone(), u.translations.clone()),
                });
                let over = Next {
                    status: "ended",
                    words: "It circulates no more",
                };
                let more = Next {
                    status: "circulating",
                    words: "Say more",
                };
                let actions = vec![more, over];
                let statements: Vec<_> = statements.collect();
                Ok((
                    denial(thing.world, known),
                    known.seen_at.clone(),
                    actions,
                    None,
                    statements,
                ))
            }
            _ => Err(gone()),
        }
    })?;
    let reminded = reminded.filter(|_| !line.is_over);
    let base = paths::below(thing.world);
    Ok(render::page(
        "announced.html",
        render::view! { site, line, seen_at, actions, reminded, statements, base },
    ))
}

fn name(organisation: &Organisation, person: &PersonId) -> String {
    organisation.person_name(person).to_owned()
}
