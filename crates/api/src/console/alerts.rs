//! What fires: a list or groups, by a filter, by pages; and the same as CSV.

use axum::Router;
use axum::extract::{Query as Parameters, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use serde::{Deserialize, Serialize};

use super::alert_view::{GroupRow, Line};
use super::site::{Seen, Site};
use super::{csv, render};
use crate::firing::{Look, Query, Sort};
use crate::reader::Reader;
use crate::{App, Problem};

/// Alerts on a page.
const ALERTS: usize = 25;

/// Groups on a page.
const GROUPS: usize = 15;

/// Rows of a CSV file at most.
const CSV_ROWS: usize = 100_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/alerts", get(page))
        .route("/alerts.csv", get(export))
}

/// What is looked at, as the address says it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Asked {
    /// Matchers, separated by commas.
    #[serde(default)]
    q: String,
    /// `active` or `quiet`; all otherwise.
    #[serde(default)]
    state: String,
    /// `groups`, or a list otherwise.
    #[serde(default)]
    view: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    page: usize,
}

/// A way to another view of the same.
#[derive(Serialize)]
struct Tab {
    url: String,
    words: &'static str,
    here: bool,
}

impl Asked {
    fn query(&self) -> Result<Query, crate::firing::BadQuery> {
        let mut query = Query {
            sort: Sort::read(if self.sort.is_empty() {
                "-startsAt"
            } else {
                &self.sort
            }),
            ..Query::default()
        };
        match self.state.as_str() {
            "active" => (query.silenced, query.inhibited) = (false, false),
            "quiet" => query.active = false,
            _ => {}
        }
        query.filter_by(&self.q)?;
        Ok(query)
    }

    fn url(&self, base: &str, path: &str) -> String {
        let text = serde_urlencoded::to_string(self).unwrap_or_default();
        format!("{base}{path}?{text}")
    }

    /// Another state of the same view, from its first page.
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        other.page = 0;
        change(&mut other);
        other
    }

    fn tabs(&self, base: &str) -> Vec<Tab> {
        let states = [("", "All"), ("active", "Active"), ("quiet", "Kept quiet")];
        let states = states.map(|(state, words)| Tab {
            url: self
                .with(|a| a.state = state.to_owned())
                .url(base, "/alerts"),
            words,
            here: self.state == state,
        });
        states.into()
    }

    fn views(&self, base: &str) -> Vec<Tab> {
        let views = [("", "One by one"), ("groups", "In groups")];
        let views = views.map(|(view, words)| Tab {
            url: self.with(|a| a.view = view.to_owned()).url(base, "/alerts"),
            words,
            here: self.view == view,
        });
        views.into()
    }
}

#[derive(Default, Serialize)]
struct Shown {
    lines: Vec<Line>,
    groups: Vec<GroupRow>,
    total: usize,
    first: usize,
    error: Option<String>,
    /// Whether a routing makes groups.
    routed: bool,
}

pub(super) async fn page(
    State(app): State<App>,
    who: Reader,
    Parameters(asked): Parameters<Asked>,
    Parameters(seen): Parameters<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let site = Site::read(&app, &who, "alerts").with_troubles(&app).await;
    let base = app.options.route_prefix.clone();
    let size = if asked.view == "groups" {
        GROUPS
    } else {
        ALERTS
    };
    let looked = asked.clone();
    let shown = tokio::task::spawn_blocking(move || look(&app, &looked, size)).await;
    let shown = shown.map_err(|_| Problem::unavailable("the node is stopping"))?;
    let newer = asked.page.checked_sub(1);
    let newer = newer.map(|page| asked.with(|a| a.page = page).url(&base, "/alerts"));
    let older = (shown.first + size < shown.total).then(|| {
        asked
            .with(|a| a.page = asked.page + 1)
            .url(&base, "/alerts")
    });
    let csv = asked.with(|_| ()).url(&base, "/alerts.csv");
    let (states, views) = (asked.tabs(&base), asked.views(&base));
    let sorts = [
        ("-startsAt", "newest first"),
        ("startsAt", "oldest first"),
        ("severity", "worst first"),
        ("alertname", "by name"),
    ];
    Ok(render::page(
        "alerts.html",
        render::view! { site, asked, shown, states, views, sorts, newer, older, csv },
    ))
}

fn look(app: &App, asked: &Asked, size: usize) -> Shown {
    let mut query = match asked.query() {
        Ok(query) => query,
        Err(error) => {
            return Shown {
                error: Some(error.to_string()),
                ..Shown::default()
            };
        }
    };
    query.limit = Some(size);
    query.offset = asked.page.min(1_000_000) * size;
    let (first, look) = (query.offset, Look::of(app));
    if asked.view != "groups" {
        let found = look.alerts(&app.engine, &query);
        return Shown {
            lines: found.rows.iter().map(Line::new).collect(),
            total: found.total,
            first,
            routed: found.directory.routing().is_some(),
            ..Shown::default()
        };
    }
    let found = look.groups(&app.engine, &query);
    let routed = found.directory.routing().is_some();
    let groups = app.engine.read(|state| {
        let organisation = state.organisation();
        let groups = found.groups.iter();
        groups
            .map(|g| GroupRow::new(g, organisation.map(|o| &**o), look.now_ms))
            .collect()
    });
    Shown {
        groups,
        total: found.total,
        first,
        routed,
        ..Shown::default()
    }
}

async fn export(
    State(app): State<App>,
    _who: Reader,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let mut query = asked.query().map_err(|e| Problem::invalid(e.to_string()))?;
    query.limit = Some(CSV_ROWS);
    let made = tokio::task::spawn_blocking(move || {
        let found = Look::of(&app).alerts(&app.engine, &query);
        csv::alerts(&found.rows)
    });
    let text = made
        .await
        .map_err(|_| Problem::unavailable("the node is stopping"))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"alerts.csv\"",
        ),
    ];
    Ok((headers, text).into_response())
}
