//! Stentor watches itself, and what it finds are alerts like any other: routed, silenced and shown in the same way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::command::Command;
use stentor_domain::labels::Labels;
use stentor_domain::world::World;

use crate::engine::Engine;

/// Looks this often.
const EVERY: Duration = Duration::from_secs(15);

/// What waits, or fails, for longer than this is worth an alert, in milliseconds.
const TOO_LONG_MS: i64 = 300_000;

/// An alert of ours ends by itself after this long, in milliseconds: the node that sent it may be gone.
const LASTS_MS: i64 = 120_000;

/// Something that is wrong with us.
struct Finding {
    name: &'static str,
    severity: &'static str,
    label: (&'static str, String),
    summary: String,
}

pub(crate) async fn run(engine: Engine) {
    let clock = Arc::clone(engine.clock());
    // Since when each way fails, in milliseconds since the epoch.
    let mut failing: HashMap<String, i64> = HashMap::new();
    let mut sent: Vec<Arc<Alert>> = Vec::new();
    loop {
        clock.sleep(EVERY).await;
        let now_ms = clock.now_ms();
        let mut findings = ways(&engine, now_ms, &mut failing);
        findings.extend(lanes(&engine).await);
        let mut alerts: Vec<Arc<Alert>> = findings
            .iter()
            .map(|f| Arc::new(alert(f, now_ms)))
            .collect();
        let over = sent
            .iter()
            .filter(|s| !alerts.iter().any(|a| a.fingerprint == s.fingerprint));
        let over: Vec<Arc<Alert>> = over.map(|a| Arc::new(ended(a, now_ms))).collect();
        sent.clone_from(&alerts);
        alerts.extend(over);
        if alerts.is_empty() {
            continue;
        }
        if let Err(error) = engine
            .submit(World::Live, Command::ReceiveAlerts(alerts))
            .await
        {
            tracing::warn!(%error, "what is wrong with Stentor could not be recorded");
        }
    }
}

/// Ways by which a receiver is not told.
fn ways(engine: &Engine, now_ms: i64, failing: &mut HashMap<String, i64>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for way in engine.ways() {
        let Some(error) = way.last_error else {
            failing.remove(&way.way);
            if way.busy_since_ms > 0 && now_ms - way.busy_since_ms > TOO_LONG_MS {
                findings.push(Finding {
                    name: "StentorQueueTooOld",
                    severity: "critical",
                    label: ("queue", way.way.clone()),
                    summary: format!("groups of alerts wait too long to be told to {}", way.way),
                });
            }
            continue;
        };
        let since = *failing.entry(way.way.clone()).or_insert(now_ms);
        if now_ms - since > TOO_LONG_MS {
            findings.push(Finding {
                name: "StentorReceiverFailing",
                severity: "critical",
                label: ("receiver", way.way.clone()),
                summary: format!("{} cannot be told: {error}", way.way),
            });
        }
    }
    findings
}

/// Lanes whose oldest message is too old.
async fn lanes(engine: &Engine) -> Vec<Finding> {
    let lanes = match engine.lanes(World::Live).await {
        Ok(lanes) => lanes,
        Err(_) => return Vec::new(),
    };
    let late = lanes.into_iter().filter(|l| l.oldest_ms > TOO_LONG_MS);
    late.map(|lane| Finding {
        name: "StentorQueueTooOld",
        severity: "critical",
        label: ("queue", lane.lane.to_owned()),
        summary: format!(
            "messages wait too long in the lane {}{}",
            lane.lane,
            lane.last_error
                .map_or_else(String::new, |e| format!(": {e}"))
        ),
    })
    .collect()
}

fn alert(finding: &Finding, now_ms: i64) -> Alert {
    let (name, value) = &finding.label;
    let labels = Labels::from_pairs(&mut vec![
        ("alertname", finding.name),
        ("severity", finding.severity),
        ("job", "stentor"),
        (name, value),
    ]);
    Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::from_pairs(&mut vec![("summary", &finding.summary)]),
        starts_ms: now_ms,
        ends_ms: now_ms + LASTS_MS,
        generator_url: "".into(),
        ends_by_timeout: false,
    }
}

fn ended(alert: &Alert, now_ms: i64) -> Alert {
    Alert {
        ends_ms: now_ms,
        ..alert.clone()
    }
}
