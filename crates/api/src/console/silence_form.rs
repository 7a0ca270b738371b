//! The form that sets or changes a silence.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use stentor_domain::command::Command;
use stentor_domain::labels::Labels;
use stentor_domain::matcher::{Matcher, Op, parse_matchers};
use stentor_domain::recurrence::Recurrence;
use stentor_domain::silence::{Silence, SilenceState, Wanted};
use stentor_domain::world::World;

use super::render;
use super::silences::find;
use super::site::Site;
use crate::firing::Look;
use crate::form::ReaderForm;
use crate::reader::Reader;
use crate::{App, Committed, Problem, Surface, silences};

/// Characters of matchers that a form is filled with.
const PREFILLED: usize = 4_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/silences/new", get(fresh))
        .route("/silences", post(set))
        .route("/silences/{silence}/edit", get(edit).post(change))
}

#[derive(Debug, Default, Deserialize)]
struct From {
    /// The fingerprint of an alert.
    alert: Option<String>,
    /// A group.
    group: Option<String>,
}

/// What the form is filled with.
#[derive(Default, Serialize)]
struct Filled {
    action: String,
    matchers: String,
    comment: String,
    by: String,
    until: String,
    rule: String,
    minutes: Option<i64>,
    zone: String,
    is_new: bool,
    /// Whether it asks for a name: nobody signs in.
    asks_name: bool,
}

async fn fresh(State(app): State<App>, who: Reader, Query(from): Query<From>) -> Response {
    let labels = labels_of(&app, &from);
    let matchers = labels.as_ref().map(matchers_of).unwrap_or_default();
    let filled = Filled {
        action: format!("{}/silences", app.options.route_prefix),
        matchers: matchers.chars().take(PREFILLED).collect(),
        zone: "UTC".to_owned(),
        is_new: true,
        ..Filled::default()
    };
    show(&app, &who, filled).await
}

async fn edit(
    State(app): State<App>,
    who: Reader,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let Silence { id, wanted, .. } = find(&app, &id)?;
    let now_ms = app.engine.clock().now_ms();
    let lines: Vec<String> = wanted.matchers.iter().map(ToString::to_string).collect();
    let again = wanted.recurrence.as_ref();
    let filled = Filled {
        action: format!("{}/silences/{id}/edit", app.options.route_prefix),
        matchers: lines.join("\n"),
        comment: wanted.comment.clone(),
        by: wanted.created_by.clone(),
        until: match wanted.state(now_ms) {
            SilenceState::Expired => String::new(),
            _ => minute(wanted.ends_ms),
        },
        rule: again.map(|r| r.rule().to_owned()).unwrap_or_default(),
        minutes: again.map(|r| r.duration_ms() / 60_000),
        zone: again.map_or("UTC".to_owned(), |r| r.zone().to_owned()),
        ..Filled::default()
    };
    Ok(show(&app, &who, filled).await)
}

async fn show(app: &App, who: &Reader, mut filled: Filled) -> Response {
    let site = Site::read(app, who, "silences").with_troubles(app).await;
    filled.asks_name = app.options.surface == Surface::Alertmanager;
    render::page("silence_form.html", render::view! { site, filled })
}

/// The labels that an alert has, or that the alerts of a group agree in.
fn labels_of(app: &App, from: &From) -> Option<Labels> {
    if let Some(group) = &from.group {
        let id = group.parse().ok()?;
        return Some(Look::of(app).group(&app.engine, id)?.labels);
    }
    let fingerprint = u64::from_str_radix(from.alert.as_deref()?, 16).ok()?;
    let fingerprint = stentor_domain::alert::Fingerprint(fingerprint);
    app.engine.read(|state| {
        let open = state.world(World::Live)?.alerts.get(&fingerprint)?;
        Some(open.alert.labels.clone())
    })
}

fn matchers_of(labels: &Labels) -> String {
    let lines = labels.iter().filter_map(|(name, value)| {
        let matcher = Matcher::new(name, Op::Equal, value).ok()?;
        Some(matcher.to_string())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A time as fields of forms write it, in UTC.
fn minute(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}

#[derive(Debug, Deserialize)]
struct Asked {
    matchers: String,
    /// For how many minutes; 0 when `until` says it.
    #[serde(default)]
    minutes: i64,
    #[serde(default)]
    until: String,
    comment: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    each: String,
    #[serde(default)]
    zone: String,
}

impl Asked {
    fn wanted(self, who: &Reader, starts_ms: i64, now_ms: i64) -> Result<Wanted, Problem> {
        let mut matchers = Vec::new();
        for line in self.matchers.lines().filter(|l| !l.trim().is_empty()) {
            let found = parse_matchers(line).map_err(|e| Problem::invalid(e.to_string()))?;
            matchers.extend(found);
        }
        let ends_ms = if self.until.trim().is_empty() {
            now_ms.saturating_add(self.minutes.max(0).saturating_mul(60_000))
        } else {
            until(&self.until)?
        };
        let recurrence = match self.rule.trim() {
            "" => None,
            rule => {
                let each = self.each.trim().parse::<i64>();
                let each = each.map_err(|_| Problem::invalid("say how many minutes each lasts"))?;
                let each_ms = each.saturating_mul(60_000);
                let read = Recurrence::new(rule, each_ms, self.zone.trim());
                Some(read.map_err(|e| Problem::invalid(e.to_string()))?)
            }
        };
        let created_by = who.person().map_or(self.by, |p| p.to_string());
        Ok(Wanted {
            matchers,
            starts_ms,
            ends_ms,
            recurrence,
            created_by,
            comment: self.comment,
        })
    }
}

fn until(text: &str) -> Result<i64, Problem> {
    let text = text.trim();
    if let Ok(ms) = silences::time(text) {
        return Ok(ms);
    }
    let civil: Option<DateTime> = text.replace(' ', "T").parse().ok();
    let time = civil.and_then(|c| c.to_zoned(TimeZone::UTC).ok());
    let time = time.map(|t| t.timestamp().as_millisecond());
    time.ok_or_else(|| {
        Problem::invalid(format!(
            "{text:?} is not a time such as 2026-11-21T06:00 (UTC)"
        ))
    })
}

async fn set(State(app): State<App>, form: ReaderForm<Asked>) -> Result<Response, Problem> {
    submit(app, None, form).await
}

async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: ReaderForm<Asked>,
) -> Result<Response, Problem> {
    let known = find(&app, &id)?;
    submit(app, Some(known), form).await
}

async fn submit(
    app: App,
    known: Option<Silence>,
    form: ReaderForm<Asked>,
) -> Result<Response, Problem> {
    let now_ms = app.engine.clock().now_ms();
    // One that is over begins anew.
    let starts_ms = match &known {
        Some(s) if s.wanted.state(now_ms) != SilenceState::Expired => s.wanted.starts_ms,
        _ => now_ms,
    };
    let wanted = form.value.wanted(&form.who, starts_ms, now_ms)?;
    if wanted.fits_everything() {
        tracing::warn!(by = %wanted.created_by, "a silence fits every alert");
    }
    let by = form.who.called(&wanted.created_by);
    let command = Command::SetSilence {
        id: known.map(|s| s.id),
        fresh: silences::fresh(),
        wanted,
        by,
    };
    let done = app.submit(World::Live, command, form.once).await?;
    let prefix = &app.options.route_prefix;
    let to = match done.silence {
        Some(id) => format!("{prefix}/silences/{id}"),
        None => format!("{prefix}/silences"),
    };
    Ok((Committed(done.seq), Redirect::to(&to)).into_response())
}
