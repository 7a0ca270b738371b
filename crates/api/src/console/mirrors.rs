//! The mirrors' health, and the root by which anybody verifies them.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use serde::Serialize;
use sha2::{Digest, Sha256};
use stentor_domain::organisation::MirrorSpec;
use stentor_domain::world::World;
use stentor_engine::{MirrorHealth, Waits};

use super::site::{Seen, Site};
use super::{render, words};
use crate::{App, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/mirrors", get(mirrors))
        .route("/root.json", get(root))
}

#[derive(Serialize)]
struct MirrorView {
    key: usize,
    name: String,
    state: &'static str,
    fresh: bool,
    error: Option<String>,
    snapshot: Option<u64>,
    confirmed_ms: Option<i64>,
    fresh_until_ms: Option<i64>,
    word_ms: Option<i64>,
    kind: Option<&'static str>,
    place: Option<String>,
    url: Option<String>,
}

impl MirrorView {
    fn new(
        key: usize,
        name: &str,
        health: Option<&MirrorHealth>,
        spec: Option<&MirrorSpec>,
        now_ms: i64,
    ) -> Self {
        let fresh_until_ms = health.and_then(|h| h.fresh_until_ms);
        let error = health.and_then(|h| h.error.as_deref()).map(words::sentence);
        let fresh = error.is_none() && fresh_until_ms.is_some_and(|until| until > now_ms);
        let state = match (fresh, &error, fresh_until_ms) {
            (true, ..) => "✓ confirmed",
            (_, Some(_), _) => "✗ in trouble",
            (_, None, Some(_)) => "! stale",
            (_, None, None) => "? not written yet",
        };
        Self {
            key,
            name: name.to_owned(),
            state,
            fresh,
            error,
            snapshot: health.and_then(|h| h.snapshot),
            confirmed_ms: health.and_then(|h| h.confirmed_ms),
            fresh_until_ms,
            word_ms: health.and_then(|h| h.word_ms),
            kind: spec.map(|s| s.place.kind()),
            place: spec.map(|s| s.place.address()),
            url: spec.and_then(|s| words::web_link(s.url.as_deref()?)),
        }
    }
}

#[derive(Serialize)]
struct LaneView {
    name: &'static str,
    waiting: usize,
    oldest_ms: i64,
    error: Option<String>,
}

/// What waits for the signature of somebody who may speak.
#[derive(Serialize)]
struct Unsigned {
    since_ms: i64,
    of: String,
    pages: usize,
    refused: Option<String>,
}

impl Unsigned {
    fn of(waits: &Waits) -> Self {
        Self {
            since_ms: waits.since.as_millisecond(),
            of: waits.of.clone(),
            pages: waits.changed.len(),
            refused: waits.refused.as_deref().map(words::sentence),
        }
    }
}

async fn mirrors(
    State(app): State<App>,
    who: SignedIn,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let site = Site::of(&app, Some(&who), "mirrors")
        .with_troubles(&app)
        .await;
    let health = app.engine.mirrors();
    let health: Vec<MirrorHealth> = health
        .into_iter()
        .filter(|m| m.world == World::Live)
        .collect();
    let specs = app.engine.read(|state| {
        state
            .organisation()
            .map_or_else(Vec::new, |o| o.mirrors.clone())
    });
    let now_ms = site.now_ms();
    // A mirror that is configured but never reported is shown too: silence is a state.
    let declared = specs.iter().map(|spec| {
        let known = health.iter().find(|h| h.name == spec.name);
        (spec.name.as_str(), known, Some(spec))
    });
    let others = health
        .iter()
        .filter(|h| specs.iter().all(|s| s.name != h.name));
    let all = declared.chain(others.map(|h| (h.name.as_str(), Some(h), None)));
    let mirrors: Vec<MirrorView> = all
        .enumerate()
        .map(|(key, (name, health, spec))| MirrorView::new(key, name, health, spec, now_ms))
        .collect();
    let lanes = app.engine.lanes(World::Live).await?;
    let lanes: Vec<LaneView> = lanes
        .into_iter()
        .map(|l| LaneView {
            name: if l.lane == "pages" {
                "Pages to people"
            } else {
                "The public word"
            },
            waiting: l.waiting,
            oldest_ms: l.oldest_ms,
            error: l.last_error,
        })
        .collect();
    let root = app
        .engine
        .trusted_root(World::Live)
        .map(|root| hex::encode(Sha256::digest(&root)));
    let unsigned = app
        .engine
        .word_waits(World::Live)
        .map(|waits| Unsigned::of(&waits));
    let example = mirrors.first().map_or_else(
        || "MIRROR".to_owned(),
        |m| {
            m.url
                .clone()
                .or_else(|| m.place.clone().filter(|_| m.kind == Some("directory")))
                .unwrap_or_else(|| "MIRROR".to_owned())
        },
    );
    Ok(render::page(
        "mirrors.html",
        render::view! { site, mirrors, unsigned, lanes, root, example },
    ))
}

/// The first trusted root, for anybody: whoever has it can verify every mirror without us.
async fn root(State(app): State<App>) -> Result<Response, Problem> {
    let root = app.engine.trusted_root(World::Live);
    let root = root.ok_or_else(|| Problem::not_found("This node has no root.json."))?;
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok((headers, root.to_vec()).into_response())
}
