//! Stentor watches itself, and what it finds are alerts like any other: routed, silenced and shown in the same way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::command::Command;
use stentor_domain::decide::silences_ending;
use stentor_domain::labels::Labels;
use stentor_domain::text::one_line;
use stentor_domain::time_text::utc;
use stentor_domain::world::World;
use stentor_publish::{Expiry, Waits};

use crate::engine::Engine;
use crate::health::MirrorHealth;

/// The time is signed every hour: readers of a mirror who get an older one than this get what nobody confirmed since, in
/// milliseconds.
const OLD_WORD_MS: i64 = 7_200_000;

/// Looks this often.
const EVERY: Duration = Duration::from_secs(15);

/// What waits, or fails, for longer than this is worth an alert, in milliseconds.
const TOO_LONG_MS: i64 = 300_000;

/// The expiry of keys is read so often, in milliseconds.
const KEYS_MS: i64 = 60_000;

/// A silence is announced to end at most so long before, in milliseconds: an hour; and not before nine tenths of it
/// are over.
const WARN_MS: i64 = 3_600_000;

/// An alert of ours ends by itself after this long, in milliseconds: the node that sent it may be gone.
const LASTS_MS: i64 = 120_000;

/// Something that is wrong with us.
struct Finding {
    name: &'static str,
    severity: &'static str,
    labels: Vec<(&'static str, String)>,
    summary: String,
}

pub(crate) async fn run(engine: Engine) {
    let clock = Arc::clone(engine.clock());
    // Since when each way fails, in milliseconds since the epoch.
    let mut failing: HashMap<String, i64> = HashMap::new();
    let mut sent: Vec<Arc<Alert>> = Vec::new();
    let mut keys_read_ms = None;
    loop {
        if keys_read_ms.is_none_or(|at| clock.now_ms() - at >= KEYS_MS) {
            engine.read_key_expiries().await;
            keys_read_ms = Some(clock.now_ms());
        }
        clock.sleep(EVERY).await;
        let now_ms = clock.now_ms();
        let mut findings = ways(&engine, now_ms, &mut failing);
        findings.extend(lanes(&engine).await);
        findings.extend(silences(&engine, now_ms));
        findings.extend(old_mirrors(&engine.mirrors(), now_ms));
        findings.extend(keys(&engine.key_expiries(), now_ms));
        findings.extend(unsigned(engine.word_waits(World::Live), now_ms));
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
                    labels: vec![("queue", way.way.clone())],
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
                labels: vec![("receiver", way.way.clone())],
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
        labels: vec![("queue", lane.lane.to_owned())],
        summary: format!(
            "messages wait too long in the lane {}{}",
            lane.lane,
            lane.last_error
                .map_or_else(String::new, |e| format!(": {e}"))
        ),
    })
    .collect()
}

/// What people sign and of whose life half is over: the holders need time to come together. And what a machine, or a
/// liaison whom it asks, should have signed anew by then.
fn keys(expiries: &[Expiry], now_ms: i64) -> Vec<Finding> {
    let due = |e: &&Expiry| e.alarm.as_millisecond() <= now_ms;
    let finding = |e: &Expiry| {
        let expires_ms = e.expires.as_millisecond();
        let life_ms = 2 * (expires_ms - e.half_life.as_millisecond());
        Finding {
            name: "StentorKeyHalfLife",
            // An eighth of a year is what it takes to find three of five people in the holidays.
            severity: if expires_ms - now_ms <= life_ms / 8 {
                "critical"
            } else {
                "warning"
            },
            labels: vec![("role", e.role.clone())],
            summary: format!(
                "{} {} expires at {}, and every mirror is stale from then on; {}",
                e.role,
                e.version,
                utc(expires_ms),
                if e.offline {
                    "begin with: stentor key renew"
                } else {
                    "it was not signed anew at half of its life; the page Mirrors says why"
                }
            ),
        }
    };
    expiries.iter().filter(due).map(finding).collect()
}

/// A word that people authorised and nobody signed: they believe it said.
fn unsigned(waits: Option<Waits>, now_ms: i64) -> Option<Finding> {
    let waits = waits.filter(|w| !w.changed.is_empty())?;
    (now_ms - waits.since.as_millisecond() > TOO_LONG_MS).then(|| Finding {
        name: "StentorWordUnsigned",
        severity: "critical",
        labels: Vec::new(),
        summary: one_line(&waits.to_string(), 500),
    })
}

/// Silences that end soon although what they keep quiet still fires: their owners decide whether that is meant.
fn silences(engine: &Engine, now_ms: i64) -> Vec<Finding> {
    engine.read(|state| {
        let ending = silences_ending(state, World::Live, now_ms, WARN_MS);
        let world = state.world(World::Live);
        let known = ending
            .iter()
            .filter_map(|id| world?.silences.get(id))
            .filter(|silence| {
                // A short silence is not announced from its beginning.
                let wanted = &silence.wanted;
                let length_ms = wanted.ends_ms - wanted.starts_ms;
                wanted.ends_ms - now_ms <= WARN_MS.min(length_ms / 10)
            });
        known
            .map(|silence| Finding {
                name: "StentorSilenceEnding",
                severity: "info",
                labels: vec![
                    ("silence", silence.id.to_string()),
                    ("created_by", silence.wanted.created_by.clone()),
                ],
                summary: format!(
                    "a silence ends at {} while its alerts still fire: {}",
                    utc(silence.wanted.ends_ms),
                    one_line(&silence.wanted.comment, 200)
                ),
            })
            .collect()
    })
}

/// Mirrors on which readers get an old word.
fn old_mirrors(mirrors: &[MirrorHealth], now_ms: i64) -> Vec<Finding> {
    let live = mirrors.iter().filter(|m| m.world == World::Live);
    let old = live.filter(|m| m.word_ms.is_some_and(|at| now_ms - at > OLD_WORD_MS));
    old.map(|mirror| Finding {
        name: "StentorMirrorOld",
        severity: "critical",
        labels: vec![("mirror", mirror.name.clone())],
        summary: format!(
            "readers of mirror {} get a word that was confirmed last at {}{}",
            mirror.name,
            utc(mirror.word_ms.unwrap_or_default()),
            mirror
                .error
                .as_ref()
                .map_or_else(String::new, |e| format!(": {}", one_line(e, 200)))
        ),
    })
    .collect()
}

fn alert(finding: &Finding, now_ms: i64) -> Alert {
    let mut labels = vec![
        ("alertname", finding.name),
        ("severity", finding.severity),
        ("job", "stentor"),
    ];
    labels.extend(finding.labels.iter().map(|(n, v)| (*n, v.as_str())));
    let labels = Labels::from_pairs(&mut labels);
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

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn expiry(role: &str, offline: bool) -> Expiry {
        let at = |day: i64| jiff::Timestamp::from_millisecond(day * DAY_MS).unwrap();
        Expiry {
            role: role.to_owned(),
            version: 3,
            expires: at(400),
            half_life: at(200),
            alarm: at(if offline { 200 } else { 250 }),
            offline,
            threshold: 1,
            keys: Vec::new(),
        }
    }

    #[test]
    fn holders_are_called_when_half_of_a_life_is_over() {
        #[track_caller]
        fn check(day: i64, expect: &[(&str, &str)]) {
            let all = [
                expiry("root", true),
                expiry("targets", true),
                expiry("status", false),
            ];
            let found = keys(&all, day * DAY_MS);
            let found: Vec<_> = found
                .iter()
                .map(|f| (f.labels[0].1.as_str(), f.severity))
                .collect();
            assert_eq!(found, expect, "day {day}");
        }
        check(199, &[]);
        check(200, &[("root", "warning"), ("targets", "warning")]);
        check(249, &[("root", "warning"), ("targets", "warning")]);
        // A server signs by itself when half is over; it, or the liaison whom it asks, did not.
        let all = |severity| ["root", "targets", "status"].map(|role| (role, severity));
        check(250, &all("warning"));
        check(349, &all("warning"));
        check(350, &all("critical"));
        check(500, &all("critical"));
    }

    #[test]
    fn a_word_that_nobody_signs_is_an_alarm_and_a_renewal_is_none() {
        #[track_caller]
        fn check(changed: &[&str], after_ms: i64, expect: Option<&str>) {
            let waits = Waits {
                since: jiff::Timestamp::from_millisecond(DAY_MS).unwrap(),
                of: "Dora (0123 4567)".to_owned(),
                changed: changed.iter().map(|p| (*p).to_owned()).collect(),
                refused: None,
            };
            let found = unsigned(Some(waits), DAY_MS + after_ms);
            assert_eq!(found.as_ref().map(|f| f.name), expect, "{after_ms}");
            assert!(found.is_none_or(|f| f.summary.contains("Dora (0123 4567)")));
        }
        check(&["index.html"], TOO_LONG_MS, None);
        check(
            &["index.html"],
            TOO_LONG_MS + 1,
            Some("StentorWordUnsigned"),
        );
        check(&[], 10 * DAY_MS, None);
        assert!(unsigned(None, DAY_MS).is_none());
    }
}
