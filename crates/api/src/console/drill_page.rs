//! One drill: how far it is, its inbox as the recipients would see it, its scorecard, its own status page.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use serde::Serialize;
use stentor_domain::drill::Verdict;
use stentor_domain::ids::PersonId;
use stentor_domain::world::World;
use stentor_engine::InboxMessage;

use super::drills::DrillView;
use super::site::{Seen, Site};
use super::{paths, render};
use crate::{App, Problem, SignedIn};

/// Messages of the inbox on the page.
const MESSAGES: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/drills/{number}", get(drill))
        .route("/drills/{number}/status/", get(status_page))
        .route("/drills/{number}/status/{*path}", get(status_file))
}

#[derive(Serialize)]
struct Details {
    #[serde(flatten)]
    view: DrillView,
    pace: u32,
    scorecard: Option<Vec<CheckView>>,
    passed: usize,
    incidents: Vec<IncidentLink>,
    mirrors: bool,
}

#[derive(Serialize)]
struct CheckView {
    name: String,
    verdict: &'static str,
    words: &'static str,
    detail: String,
}

#[derive(Serialize)]
struct IncidentLink {
    id: String,
    url: String,
    title: String,
    phase: &'static str,
}

#[derive(Serialize)]
struct MessageView {
    person: String,
    channel: String,
    subject: String,
    body: String,
    time_ms: i64,
    /// The page that the link in the message opens, while its incident is not closed.
    link: Option<String>,
}

async fn drill(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<u32>,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let world = World::Drill(number);
    let site = Site::of(&app, Some(&who), "drills")
        .in_world(world)
        .with_troubles(&app)
        .await;
    let inbox = app.engine.store().inbox(world, MESSAGES).await?;
    let inbox: Vec<MessageView> = inbox.into_iter().rev().map(|m| message(&app, m)).collect();
    let d = app
        .engine
        .read(|state| {
            let of = state.world(world)?;
            let drill = of.drill.as_ref()?;
            let view = DrillView::new(state.organisation()?, number, drill);
            let incidents = of.incidents.values().map(|i| IncidentLink {
                id: i.id.to_string(),
                url: paths::incident(world, i.id),
                title: i.title.clone(),
                phase: if i.is_open() {
                    "Open"
                } else {
                    "Resolved; report and closing are yours to practise"
                },
            });
            let scorecard = drill.scorecard.as_ref();
            let details = Details {
                view,
                pace: of.pace,
                passed: scorecard.map_or(0, |card| card.passed()),
                scorecard: scorecard.map(|card| card.checks.iter().map(check).collect()),
                incidents: incidents.collect(),
                mirrors: !of.disclosed.is_empty(),
            };
            Some(details)
        })
        .ok_or_else(|| Problem::not_found(format!("There was no drill {number}.")))?;
    Ok(render::page("drill.html", render::view! { site, d, inbox }))
}

fn check(check: &stentor_domain::drill::Check) -> CheckView {
    let (verdict, words) = match check.verdict {
        Verdict::Passed => ("passed", "✓ yes"),
        Verdict::Failed => ("failed", "✗ no"),
        Verdict::Unknown => ("unknown", "? nothing to tell by"),
    };
    CheckView {
        name: check.name.clone(),
        verdict,
        words,
        detail: check.detail.clone(),
    }
}

fn message(app: &App, message: InboxMessage) -> MessageView {
    let link = link_in(&message.body)
        .filter(|link| app.engine.page_of(link).is_some())
        .map(|link| format!("/p/{link}"));
    let person = PersonId::from(message.person.as_str());
    let person = app.engine.read(|state| {
        let organisation = state.organisation();
        organisation.map_or(message.person.clone(), |o| {
            o.person_name(&person).to_owned()
        })
    });
    MessageView {
        person,
        channel: message.channel,
        subject: message.subject,
        body: message.body,
        time_ms: message.time_ms,
        link,
    }
}

/// The last part of the first page link in a text.
fn link_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("/p/")?;
    let in_link = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let end = rest.find(|c| !in_link(c)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|link| !link.is_empty())
}

/// The drill's status page has its style within: that, and nothing else, is allowed here.
const STATUS_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox allow-same-origin";

/// Largest file of a drill's mirror that is shown, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

async fn status_page(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<u32>,
) -> Result<Response, Problem> {
    status_file(State(app), who, Path((number, "index.html".to_owned()))).await
}

async fn status_file(
    State(app): State<App>,
    _who: SignedIn,
    Path((number, path)): Path<(u32, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("The drill's mirror does not hold this file yet.");
    let kind = kind_of(&path).ok_or_else(missing)?;
    let mirror = app.engine.drill_mirror_dir(number).ok_or_else(missing)?;
    let file = mirror.join(&path);
    let size = tokio::fs::metadata(&file)
        .await
        .map_err(|_| missing())?
        .len();
    if size > MAX_FILE {
        return Err(missing());
    }
    let bytes = tokio::fs::read(&file).await.map_err(|_| missing())?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, STATUS_POLICY),
    ];
    Ok((headers, bytes).into_response())
}

/// The type of a file of the mirror's top; `None` for a path that leads elsewhere.
fn kind_of(path: &str) -> Option<&'static str> {
    let plain = |part: &str| {
        let ordinary = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(ordinary)
    };
    if path.len() > 200 || !path.split('/').all(plain) {
        return None;
    }
    match path.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "json" => Some("application/json"),
        "atom" | "xml" => Some("application/atom+xml"),
        "rss" => Some("application/rss+xml"),
        "ics" => Some("text/calendar; charset=utf-8"),
        "txt" | "minisig" | "pub" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_lead_into_the_mirror() {
        let check =
            |path: &str, expect: bool| assert_eq!(kind_of(path).is_some(), expect, "{path}");
        check("index.html", true);
        check("incidents/2026/INC-1.html", true);
        check("status.json", true);
        check("feed.atom", true);
        for bad in [
            "../keys/x.json",
            "a/../../x.html",
            "/etc/passwd.txt",
            ".x.html",
            "a//b.html",
            "x",
            "a.pem",
            "a\\b.html",
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn the_link_of_a_message_is_found() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(link_in(text), expect);
        check(
            "Open:\nhttp://127.0.0.1:8080/p/drill-1.2.AbC_-9\n\nWhy",
            Some("drill-1.2.AbC_-9"),
        );
        check("{\"link\":\"https://x/p/live.1.A\"}", Some("live.1.A"));
        check("no link", None);
        check("/p/ ", None);
    }
}
