//! Who sends alerts and heartbeats, where to, and how that goes. Tokens are not shown: this node knows their hashes.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use stentor_domain::heartbeat::Signal;
use stentor_domain::text::one_line;
use stentor_domain::time_text::length;

use super::site::Site;
use super::{render, words};
use crate::senders::{SourceReport, reports};
use crate::{App, Problem, SignedIn};

/// Longest message that is shown, in characters.
const MAX_MESSAGE: usize = 300;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sources", get(sources))
}

#[derive(Serialize)]
struct SourceView {
    name: String,
    kind: &'static str,
    state: &'static str,
    mood: &'static str,
    trouble: Option<String>,
    address: String,
    service: Option<String>,
    heard_ms: Option<i64>,
    said: Option<String>,
    message: String,
    expected: Option<String>,
    firing: usize,
    most: Option<u32>,
}

impl SourceView {
    fn new(report: SourceReport, service: Option<String>) -> Self {
        let source = report.source;
        let heartbeat = source.kind.heartbeat();
        let (state, mood) = match report.state {
            "unusable" => ("✗ its token cannot be used", "bad"),
            "missed" => ("✗ not heard in time", "bad"),
            "failed" => ("✗ failed", "bad"),
            "out-of-range" => ("! not as expected", "warn"),
            "running" => ("… running", "good"),
            "silent" => ("? not heard yet", "warn"),
            _ => ("✓ heard", "good"),
        };
        let said = report.signal.map(|signal| match signal {
            Signal::Start => "a run began".to_owned(),
            Signal::Success | Signal::Exit(0) => "success".to_owned(),
            Signal::Fail => "failure".to_owned(),
            Signal::Log => "a message".to_owned(),
            Signal::Exit(status) => format!("exit status {status}"),
        });
        let expected = heartbeat.map(|h| {
            let (every, grace) = (length(h.every_ms), length(h.grace_ms));
            format!("every {every}, at most {grace} late")
        });
        Self {
            name: source.id.to_string(),
            kind: source.kind.name(),
            state,
            mood,
            trouble: report.trouble.as_deref().map(words::sentence),
            address: report.address,
            service,
            heard_ms: report.heard_ms,
            said,
            message: one_line(&report.message, MAX_MESSAGE),
            expected,
            firing: report.firing,
            most: heartbeat.is_none().then_some(source.max_alerts),
        }
    }
}

async fn sources(State(app): State<App>, who: SignedIn) -> Result<Response, Problem> {
    // Always drawn anew: what is heard without news is no entry of the journal.
    let site = Site::of(&app, Some(&who), "sources")
        .with_troubles(&app)
        .await;
    let organisation = app.engine.read(|state| state.organisation().cloned());
    let name_of = |report: &SourceReport| {
        let service = report.source.service.as_ref()?;
        let organisation = organisation.as_ref()?;
        Some(organisation.service_name(service).to_owned())
    };
    let views = reports(&app).into_iter().map(|report| {
        let service = name_of(&report);
        SourceView::new(report, service)
    });
    let sources: Vec<SourceView> = views.collect();
    Ok(render::page(
        "sources.html",
        render::view! { site, sources },
    ))
}
