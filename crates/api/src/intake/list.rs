//! What fires, as Alertmanager tells it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use stentor_domain::alert::Alert;
use stentor_domain::ids::PolicyId;
use stentor_domain::matcher::{Matcher, Op};
use stentor_domain::organisation::Organisation;
use stentor_domain::world::World;
use stentor_formats::alertmanager::{GettableAlert, Receiver, Status};

use super::sender::Sender;
use crate::{App, Problem};

/// Matchers in one request at most.
const MAX_MATCHERS: usize = 64;

pub(super) async fn alerts(
    State(app): State<App>,
    _sender: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    let mut firing = firing(&app, &asked);
    firing.sort_by_key(|(alert, ..)| alert.fingerprint);
    let told: Vec<_> = firing
        .iter()
        .map(|(alert, ends_ms, policy)| GettableAlert::firing(alert, *ends_ms, policy.as_str()))
        .collect();
    Ok(json(&told))
}

/// What the query asks for. We silence and inhibit nothing, so only "active" alerts exist.
struct Asked {
    active: bool,
    matchers: Vec<Matcher>,
    receiver: Option<Matcher>,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Problem> {
        let bad = |message: String| {
            let todo = "See Alertmanager's API v2 for the form of the query.";
            Problem::new(StatusCode::BAD_REQUEST, "bad-query", message, todo)
        };
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|e| bad(e.to_string()))?;
        let mut asked = Self {
            active: true,
            matchers: Vec::new(),
            receiver: None,
        };
        for (name, value) in pairs {
            match name.as_str() {
                "active" => {
                    let active = value.parse();
                    asked.active = active.map_err(|_| bad("active is true or false".into()))?;
                }
                "filter" if asked.matchers.len() == MAX_MATCHERS => {
                    return Err(bad("too many filters".into()));
                }
                "filter" => {
                    let matcher = Matcher::parse(&value).map_err(|e| bad(e.to_string()))?;
                    asked.matchers.push(matcher);
                }
                "receiver" => {
                    let matcher = Matcher::new("receiver", Op::Matches, &*value);
                    asked.receiver = Some(matcher.map_err(|e| bad(e.to_string()))?);
                }
                _ => {}
            }
        }
        Ok(asked)
    }
}

/// Copies what is asked for out of the state, so that the writer does not wait while it is written down.
fn firing(app: &App, asked: &Asked) -> Vec<(Arc<Alert>, i64, PolicyId)> {
    if !asked.active {
        return Vec::new();
    }
    let now_ms = app.engine.clock().now_ms();
    app.engine.read(|state| {
        let (Some(world), Some(organisation)) = (state.world(World::Live), state.organisation())
        else {
            return Vec::new();
        };
        let wanted = world.alerts.values().filter(|open| {
            open.ends_ms > now_ms && asked.matchers.iter().all(|m| m.fits(&open.alert.labels))
        });
        wanted
            .map(|open| {
                let policy = organisation.policy_of(&open.service);
                let policy = policy.map_or(&organisation.rules.default_policy, |p| &p.id);
                (Arc::clone(&open.alert), open.ends_ms, policy.clone())
            })
            .filter(|(.., policy)| {
                asked
                    .receiver
                    .as_ref()
                    .is_none_or(|r| r.fits_text(policy.as_str()))
            })
            .collect()
    })
}

pub(super) async fn receivers(State(app): State<App>, _sender: Sender) -> Response {
    let names = policies(&app);
    let receivers: Vec<_> = names
        .iter()
        .map(|p| Receiver { name: p.as_str() })
        .collect();
    json(&receivers)
}

pub(super) async fn status(State(app): State<App>, _sender: Sender) -> Response {
    let names = policies(&app);
    let version = env!("CARGO_PKG_VERSION");
    let names = names.iter().map(PolicyId::as_str);
    json(&Status::new(version, app.since_ms, names))
}

/// The escalation policies, the default one first.
fn policies(app: &App) -> Vec<PolicyId> {
    let named = |organisation: &Arc<Organisation>| {
        let default = organisation.rules.default_policy.clone();
        let others: BTreeSet<_> = organisation.policies.keys().cloned().collect();
        let others = others.into_iter().filter(|p| *p != default);
        std::iter::once(default.clone()).chain(others).collect()
    };
    app.engine
        .read(|state| state.organisation().map_or_else(Vec::new, named))
}

fn json(value: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}
