//! Silences: which hold, which come, which are over.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use stentor_domain::alert::Alert;
use stentor_domain::command::Command;
use stentor_domain::silence::{Silence, SilenceId, SilenceState};
use stentor_domain::world::World;

use super::alert_view::short;
use super::render;
use super::site::{Seen, Site};
use crate::firing::{Look, Query as Firing};
use crate::form::ReaderForm;
use crate::reader::Reader;
use crate::{App, Committed, Problem, silences};

/// Silences on a page.
const PAGE: usize = 15;

/// Silences that end soon and are looked at whether their alerts still fire, at most.
const LOOKED_AT: usize = 50;

/// What ends within this time ends soon, in milliseconds.
const SOON_MS: i64 = 86_400_000;

/// Characters of conditions and comments that are shown.
const TEXT: usize = 300;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/silences", get(page))
        .route("/silences/{silence}", get(one))
        .route("/silences/{silence}/end", post(end))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// `pending` or `expired`; those that hold otherwise.
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: usize,
}

/// A silence on a page.
#[derive(Debug, Serialize)]
pub(super) struct SilenceRow {
    id: String,
    state: &'static str,
    matchers: Vec<String>,
    by: String,
    comment: String,
    starts_ms: i64,
    ends_ms: i64,
    again: Option<String>,
    everything: bool,
    /// How many alerts that fire it fits.
    fits: usize,
    /// It ends soon, and its alerts still fire.
    urgent: bool,
}

impl SilenceRow {
    fn new(silence: &Silence, firing: &[Arc<Alert>], now_ms: i64) -> Self {
        let wanted = &silence.wanted;
        let state = wanted.state(now_ms);
        let fits = match state {
            SilenceState::Expired => 0,
            _ => firing.iter().filter(|a| wanted.fits(&a.labels)).count(),
        };
        let matchers = wanted.matchers.iter().take(10);
        let again = wanted.recurrence.as_ref();
        Self {
            id: silence.id.to_string(),
            state: state.name(),
            matchers: matchers.map(|m| short(&m.to_string(), TEXT)).collect(),
            by: short(&wanted.created_by, TEXT),
            comment: short(&wanted.comment, TEXT),
            starts_ms: wanted.starts_ms,
            ends_ms: wanted.ends_ms,
            again: again.map(|r| short(&r.in_words(wanted.starts_ms), TEXT)),
            everything: wanted.fits_everything(),
            fits,
            urgent: fits > 0 && ends_soon(silence, now_ms),
        }
    }
}

/// Whether it holds and will not any more soon; of one that comes back, the time that runs counts.
fn ends_soon(silence: &Silence, now_ms: i64) -> bool {
    let wanted = &silence.wanted;
    let soon = |ms| ms - now_ms < SOON_MS;
    wanted.holds(now_ms) && wanted.next_change_ms(now_ms).is_some_and(soon)
}

#[derive(Default, Serialize)]
struct Shown {
    rows: Vec<SilenceRow>,
    counts: [usize; 3],
    /// Those that hold and mean every alert.
    everything: Vec<SilenceRow>,
    older: Option<usize>,
}

async fn page(
    State(app): State<App>,
    who: Reader,
    Query(asked): Query<Asked>,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let site = Site::read(&app, &who, "silences").with_troubles(&app).await;
    let state = match asked.state.as_str() {
        "pending" => SilenceState::Pending,
        "expired" => SilenceState::Expired,
        _ => SilenceState::Active,
    };
    let page = asked.page;
    let shown = tokio::task::spawn_blocking(move || look(&app, state, page)).await;
    let shown = shown.map_err(|_| Problem::unavailable("the node is stopping"))?;
    let state = state.name();
    let newer = page.checked_sub(1);
    Ok(render::page(
        "silences.html",
        render::view! { site, shown, state, newer },
    ))
}

fn firing(app: &App) -> Vec<Arc<Alert>> {
    let found = Look::of(app).alerts(&app.engine, &Firing::default());
    found.rows.into_iter().map(|row| row.alert).collect()
}

fn look(app: &App, state: SilenceState, page: usize) -> Shown {
    let now_ms = app.engine.clock().now_ms();
    let firing = firing(app);
    let mut all = silences::all(app);
    let count = |state| {
        all.iter()
            .filter(|s| s.wanted.state(now_ms) == state)
            .count()
    };
    let counts = [
        count(SilenceState::Active),
        count(SilenceState::Pending),
        count(SilenceState::Expired),
    ];
    let loud = all
        .iter()
        .filter(|s| s.wanted.state(now_ms) != SilenceState::Expired && s.wanted.fits_everything());
    let everything = loud.take(5);
    let everything = everything
        .map(|s| SilenceRow::new(s, &firing, now_ms))
        .collect();
    all.retain(|s| s.wanted.state(now_ms) == state);
    match state {
        SilenceState::Active => all.sort_by_key(|s| (s.wanted.ends_ms, s.id)),
        SilenceState::Pending => all.sort_by_key(|s| (s.wanted.starts_ms, s.id)),
        SilenceState::Expired => all.sort_by_key(|s| (-s.wanted.ends_ms, s.id)),
    }
    if state == SilenceState::Active {
        urgent_first(&mut all, &firing, now_ms);
    }
    let from = page.min(1_000_000) * PAGE;
    let more = all.len() > from + PAGE;
    let rows = all.iter().skip(from).take(PAGE);
    Shown {
        rows: rows.map(|s| SilenceRow::new(s, &firing, now_ms)).collect(),
        counts,
        everything,
        older: more.then_some(page + 1),
    }
}

/// Puts those first that end soon while their alerts still fire: somebody will be told of them again.
fn urgent_first(all: &mut Vec<Silence>, firing: &[Arc<Alert>], now_ms: i64) {
    let mut looked = 0;
    let mut is_urgent = |s: &Silence| {
        if looked == LOOKED_AT || !ends_soon(s, now_ms) {
            return false;
        }
        looked += 1;
        firing.iter().any(|a| s.wanted.fits(&a.labels))
    };
    let (urgent, others): (Vec<_>, Vec<_>) = all.drain(..).partition(|s| is_urgent(s));
    all.extend(urgent.into_iter().chain(others));
}

async fn one(
    State(app): State<App>,
    who: Reader,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = find(&app, &id)?;
    let site = Site::read(&app, &who, "silences").with_troubles(&app).await;
    let now_ms = site.now_ms();
    let s = tokio::task::spawn_blocking(move || SilenceRow::new(&found, &firing(&app), now_ms));
    let s = s
        .await
        .map_err(|_| Problem::unavailable("the node is stopping"))?;
    Ok(render::page("silence.html", render::view! { site, s }))
}

/// The silence that an address names.
pub(super) fn find(app: &App, id: &str) -> Result<Silence, Problem> {
    let id: Option<SilenceId> = id.parse().ok();
    let found = app
        .engine
        .read(|state| state.world(World::Live)?.silences.get(&id?).cloned());
    found.ok_or_else(|| Problem::not_found("There is no such silence, or it ended long ago."))
}

#[derive(Deserialize)]
struct Nothing {}

async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    form: ReaderForm<Nothing>,
) -> Result<Response, Problem> {
    let command = Command::EndSilence {
        id: find(&app, &id)?.id,
        by: form.who.called(""),
    };
    let done = app.submit(World::Live, command, form.once).await?;
    let to = format!("{}/silences", app.options.route_prefix);
    Ok((Committed(done.seq), Redirect::to(&to)).into_response())
}
