//! A source of alerts or heartbeats, as the API tells of it. Its token is nowhere in it.

use serde::Serialize;
use stentor_domain::heartbeat::Signal;
use utoipa::ToSchema;

use super::time;
use crate::senders::SourceReport;

/// A declared source of alerts or heartbeats.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Source {
    /// Its name.
    name: String,
    /// What it sends, as in sources.toml.
    kind: &'static str,
    /// The service that its alerts belong to, when it declares one.
    service: Option<String>,
    /// `well`, `silent` (not heard yet), `running`, `missed`, `failed`, `out-of-range`, or `unusable`: its token cannot
    /// be read.
    state: &'static str,
    /// Where it sends to; `TOKEN` stands for its token.
    address: String,
    /// When it was heard last; of senders of alerts, by this node since its start.
    heard_at: Option<String>,
    /// What a heartbeat said last: `start`, `success`, `fail`, `log` or `exit N`.
    said: Option<String>,
    /// What was sent with it.
    message: String,
    /// When a heartbeat succeeded last.
    succeeded_at: Option<String>,
    /// How many of its alerts fire.
    firing: usize,
    /// How many may.
    max_alerts: Option<u32>,
    /// Why it cannot be used.
    trouble: Option<String>,
}

impl From<SourceReport> for Source {
    fn from(report: SourceReport) -> Self {
        let source = report.source;
        let sends_alerts = source.kind.heartbeat().is_none();
        Self {
            name: source.id.to_string(),
            kind: source.kind.name(),
            service: source.service.map(|s| s.to_string()),
            state: report.state,
            address: report.address,
            heard_at: report.heard_ms.map(time),
            said: report.signal.map(said),
            message: report.message,
            succeeded_at: report.succeeded_ms.map(time),
            firing: report.firing,
            max_alerts: sends_alerts.then_some(source.max_alerts),
            trouble: report.trouble,
        }
    }
}

fn said(signal: Signal) -> String {
    match signal {
        Signal::Start => "start".to_owned(),
        Signal::Success => "success".to_owned(),
        Signal::Fail => "fail".to_owned(),
        Signal::Log => "log".to_owned(),
        Signal::Exit(status) => format!("exit {status}"),
    }
}
