//! Whether a take can be relied on: the same again, nothing at the same moment, and nothing of what Stentor mends.

use serde_json::Value;
use stentor_testkit::scenario::{Action, Notification, Scenario};

use crate::plan::Plan;

/// Takes that are further apart than this, in units, were disturbed.
const APART: f64 = 0.06;

/// Nothing may happen nearer to a group's tick than this, in units, or nobody knows which came first.
const NEAR: f64 = 0.12;

/// Puts what was told at the same tick into an order that does not depend on which thread was faster.
pub(crate) fn order(told: &mut [Notification]) {
    told.sort_by(|a, b| a.at.total_cmp(&b.at));
    for tick in told.chunk_by_mut(|a, b| b.at - a.at < NEAR) {
        tick.sort_by(|a, b| (&a.path, &a.group_key).cmp(&(&b.path, &b.group_key)));
    }
}

/// What is different in two takes of a plan.
pub(crate) fn difference(a: &Scenario, b: &Scenario) -> Option<String> {
    let value = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.recorded_at = jiff::Timestamp::UNIX_EPOCH;
        serde_json::to_value(scenario).unwrap_or_default()
    };
    differ(&value(a), &value(b), "")
}

fn differ(a: &Value, b: &Value, at: &str) -> Option<String> {
    let unlike = || Some(format!("two takes differ in {at}: {a} and {b}"));
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let apart = (x.as_f64()? - y.as_f64()?).abs();
            if apart > APART { unlike() } else { None }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => x
            .iter()
            .zip(y)
            .enumerate()
            .find_map(|(i, (x, y))| differ(x, y, &format!("{at}/{i}"))),
        (Value::Object(x), Value::Object(y)) if x.len() == y.len() => {
            x.iter().find_map(|(key, value)| match y.get(key) {
                // Where several alerts inhibit one, Alertmanager names any of them.
                Some(other) if key == "inhibited_by" => {
                    let count = |v: &Value| v.as_array().map(Vec::len);
                    if count(value) == count(other) {
                        None
                    } else {
                        unlike()
                    }
                }
                Some(other) => differ(value, other, &format!("{at}/{key}")),
                None => unlike(),
            })
        }
        _ if a == b => None,
        _ => unlike(),
    }
}

/// Why a take cannot be used, whoever made it.
pub(crate) fn complaint(plan: &Plan, take: &Scenario) -> Option<String> {
    if let Some(why) = coincidence(take) {
        return Some(why);
    }
    let mended = take
        .untold_resolves()
        .into_iter()
        .chain(ended_untold(take))
        .next();
    match (plan.differs, mended) {
        (false, Some(why)) => Some(format!("{why}: Stentor mends this")),
        _ => None,
    }
}

/// Something that happened at a tick of a group. Intervals are whole units, so a group that told something once has
/// its ticks whole units later.
fn coincidence(take: &Scenario) -> Option<String> {
    let events = events(take);
    let reloads: Vec<f64> = take
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Reload(_)))
        .map(|step| step.at)
        .collect();
    take.notifications.iter().find_map(|told| {
        let near = events.iter().copied().find(|event| {
            let later = event - told.at;
            // A reload starts all groups anew.
            let anew = reloads.iter().any(|r| told.at < *r && r < event);
            let phase = later.rem_euclid(1.0);
            let ambiguous = later > 0.0 && !anew && !(NEAR..=1.0 - NEAR).contains(&phase);
            // At once is meant so; a moment later is not.
            let soon = later < -APART && later > -NEAR;
            ambiguous || soon
        });
        near.map(|event| {
            format!(
                "{} has a tick with {} at the moment of the event at {event}",
                told.group_key, told.at
            )
        })
    })
}

/// All moments at which something changes by itself or by a step.
fn events(take: &Scenario) -> Vec<f64> {
    let timeout = take
        .config
        .lines()
        .find_map(|line| line.trim().strip_prefix("resolve_timeout: "))
        .and_then(|value| value.trim_end_matches("ms").parse::<f64>().ok())
        .map(|ms| ms / take.unit_ms as f64);
    let mut events = vec![take.ends_at];
    for step in &take.steps {
        events.push(step.at);
        match &step.action {
            Action::Post(alerts) => {
                let ends = alerts
                    .iter()
                    .filter_map(|alert| alert.ends_at.or(timeout.map(|t| step.at + t)));
                events.extend(ends);
            }
            Action::Silence(silence) => events.extend([silence.starts_at, silence.ends_at]),
            Action::Expire(_) | Action::Reload(_) => {}
        }
    }
    events.retain(|event| (0.0..=take.ends_at).contains(event));
    events
}

/// Alerts that an integration was told of, that ended, and of whose end it was not told.
fn ended_untold(take: &Scenario) -> Vec<String> {
    let reloaded = take
        .steps
        .iter()
        .any(|step| matches!(step.action, Action::Reload(_)));
    let mut found = Vec::new();
    for (i, told) in take.notifications.iter().enumerate() {
        let url = format!(
            "http://receiver.invalid{}\n    send_resolved: false",
            told.path
        );
        if reloaded || take.config.contains(&url) {
            continue;
        }
        for alert in &told.alerts {
            let later = take.notifications[i + 1..].iter().any(|n| {
                n.path == told.path
                    && n.group_key == told.group_key
                    && n.alerts.iter().any(|a| a.fingerprint == alert.fingerprint)
            });
            let lives = take
                .alerts_at_end
                .iter()
                .any(|a| a.fingerprint == alert.fingerprint);
            if alert.status == "firing" && !later && !lives {
                found.push(format!("the end of {:?} was not told", alert.labels));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_are_compared_with_patience_for_times() {
        let check = |a: Value, b: Value, same: bool| {
            assert_eq!(differ(&a, &b, "").is_none(), same, "{a} {b}");
        };
        check(json!({"at": 1.0}), json!({"at": 1.05}), true);
        check(json!({"at": 1.0}), json!({"at": 1.1}), false);
        check(json!([1]), json!([1, 2]), false);
        check(json!({"a": "x"}), json!({"a": "y"}), false);
        check(json!({"a": "x"}), json!({"b": "x"}), false);
        check(
            json!({"inhibited_by": ["x"]}),
            json!({"inhibited_by": ["y"]}),
            true,
        );
        check(
            json!({"inhibited_by": ["x"]}),
            json!({"inhibited_by": []}),
            false,
        );
    }
}
