//! How a beacon is doing: for a probe, for Prometheus, and as a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use stentor_engine::{Clock, SystemClock};
use stentor_publish::{Round, Signing};

use super::configuration::Configuration;

/// What is known; also the format of the status file.
#[derive(Clone, Default, Serialize)]
struct Status {
    /// When the last round began.
    round_at: Option<Timestamp>,
    /// Whether readers of its mirrors found a fresh word then.
    well: bool,
    /// What came of signing: `signed`, `not_due`, `nothing_seen`, `not_named`, `snapshot_expired`, `clock_behind`, or
    /// `failed`.
    signing: &'static str,
    /// What a round ran into that signed nothing at all.
    error: Option<String>,
    snapshot: u64,
    timestamp: u64,
    fresh_until: Option<Timestamp>,
    rounds: u64,
    signed: u64,
    /// By mirror: what is wrong there, if anything.
    mirrors: BTreeMap<String, Option<String>>,
}

pub(super) struct Health {
    status: Mutex<Status>,
    file: Option<PathBuf>,
    interval: Duration,
}

impl Health {
    pub(super) fn new(configuration: &Configuration) -> Self {
        Self {
            status: Mutex::default(),
            file: configuration.status_file.clone(),
            interval: configuration.interval,
        }
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something else is known of a mirror. Before the first round it counts as well.
    pub(super) fn is_news(&self, mirror: &str, trouble: Option<&str>) -> bool {
        let status = self.status();
        let known = status.mirrors.get(mirror).cloned().flatten();
        known.as_deref() != trouble
    }

    /// Takes what came of a round; answers with it as JSON.
    pub(super) fn note(&self, round: &Round, now: Timestamp) -> String {
        let mut status = self.status();
        status.round_at = Some(now);
        status.well = round.is_well(now);
        status.signing = name(&round.signing);
        status.error = None;
        (status.snapshot, status.timestamp) = (round.snapshot, round.timestamp);
        status.fresh_until = round.fresh_until;
        status.rounds += 1;
        status.signed += u64::from(round.signing == Signing::Signed);
        status.mirrors.values_mut().for_each(|wrong| *wrong = None);
        for (mirror, why) in &round.unseen {
            status.mirrors.insert(mirror.clone(), Some(why.clone()));
        }
        for outcome in &round.written {
            let wrong = outcome.result.as_ref().err().map(ToString::to_string);
            status.mirrors.insert(outcome.mirror.clone(), wrong);
        }
        serde_json::to_string_pretty(&*status).unwrap_or_default()
    }

    pub(super) fn failed(&self, error: &str) {
        let mut status = self.status();
        status.well = false;
        status.signing = "failed";
        status.error = Some(error.to_owned());
    }

    /// Replaces the status file, if there is to be one.
    pub(super) fn write(&self) -> std::io::Result<()> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_vec_pretty(&*self.status())?;
        let dir = path.parent().unwrap_or(std::path::Path::new("."));
        let mut temp = tempfile::NamedTempFile::new_in(dir)?;
        temp.write_all(&text)?;
        temp.persist(path)?;
        Ok(())
    }

    /// What is wrong now, if anything.
    fn trouble(&self, now: Timestamp) -> Option<String> {
        let status = self.status();
        let Some(at) = status.round_at else {
            return Some("the first round is not over".to_owned());
        };
        let late = SignedDuration::try_from(self.interval * 3).unwrap_or(SignedDuration::MAX);
        if now.duration_since(at) > late {
            return Some(format!("no round since {at}"));
        }
        if status.well {
            return None;
        }
        let wrong = status.mirrors.iter();
        let wrong = wrong.filter_map(|(m, why)| Some(format!("{m}: {}", why.as_ref()?)));
        let mut all: Vec<String> = status.error.clone().into_iter().chain(wrong).collect();
        all.insert(0, status.signing.to_owned());
        Some(all.join("; "))
    }

    fn metrics(&self) -> String {
        let status = self.status();
        let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_second);
        let mut text = String::new();
        for (name, kind, help, value) in [
            (
                "rounds_total",
                "counter",
                "Rounds.",
                status.rounds.cast_signed(),
            ),
            (
                "signed_total",
                "counter",
                "Timestamps signed.",
                status.signed.cast_signed(),
            ),
            (
                "round_timestamp_seconds",
                "gauge",
                "When the last round began.",
                seconds(status.round_at),
            ),
            (
                "fresh_until_timestamp_seconds",
                "gauge",
                "Until when readers call the newest word fresh.",
                seconds(status.fresh_until),
            ),
            (
                "well",
                "gauge",
                "Whether readers of every mirror it writes to find a fresh word.",
                i64::from(status.well),
            ),
        ] {
            let name = format!("stentor_beacon_{name}");
            let _ = writeln!(
                text,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
            );
        }
        let name = "stentor_beacon_mirror_up";
        let _ = writeln!(
            text,
            "# HELP {name} Whether a mirror could be read and, where it writes, shows the last word.\n# TYPE {name} gauge"
        );
        // Names of mirrors hold nothing that would have to be escaped.
        for (mirror, wrong) in &status.mirrors {
            let _ = writeln!(
                text,
                "{name}{{mirror=\"{mirror}\"}} {}",
                i32::from(wrong.is_none())
            );
        }
        text
    }
}

fn name(signing: &Signing) -> &'static str {
    match signing {
        Signing::Signed => "signed",
        Signing::NotDue => "not_due",
        Signing::NothingSeen => "nothing_seen",
        Signing::NotNamed => "not_named",
        Signing::SnapshotExpired => "snapshot_expired",
        Signing::ClockBehind(_) => "clock_behind",
    }
}

/// `/-/healthy` and `/metrics`.
pub(super) fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/-/healthy", get(healthy))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn healthy(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    match health.trouble(SystemClock.now()) {
        None => (StatusCode::OK, "well\n".to_owned()),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
    }
}

async fn metrics(State(health): State<Arc<Health>>) -> ([(&'static str, &'static str); 1], String) {
    let kind = ("content-type", "text/plain; version=0.0.4; charset=utf-8");
    ([kind], health.metrics())
}
