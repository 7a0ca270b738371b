//! How many alerts of one source may be open.
//!
//! Counted are the open alerts whose label `source` is the source's name. The label is part of the alert and the alert
//! is in the journal, so the count is the same after a restart and on every node. Requests that come at the same moment
//! are each counted before the other is recorded: together they may go beyond the limit by what one of them holds.

use std::collections::HashMap;
use std::sync::Arc;

use stentor_domain::alert::Alert;
use stentor_domain::source::Source;
use stentor_domain::world::World;

use crate::App;

/// Keeps what fits: repeated and ended alerts always do, new ones while there is room. Answers how many do not.
pub(super) fn apply(app: &App, source: &Source, alerts: &mut Vec<Arc<Alert>>, now_ms: i64) -> u64 {
    app.engine.read(|state| {
        let Some(world) = state.world(World::Live) else {
            return cut(alerts, source.max_alerts as usize, |_| true);
        };
        let is_new = |alert: &Alert| {
            alert.ends_ms > now_ms && !world.alerts.contains_key(&alert.fingerprint)
        };
        if !alerts.iter().any(|alert| is_new(alert)) {
            return 0;
        }
        let name = Some(source.id.as_str());
        let open = world.alerts.values();
        let open = open
            .filter(|o| o.alert.labels.get("source") == name)
            .count();
        cut(
            alerts,
            (source.max_alerts as usize).saturating_sub(open),
            is_new,
        )
    })
}

/// Alerts that may be open in all, whoever sent them. What is open lies in memory.
pub(crate) const MAX_OPEN: usize = 1_000_000;

/// Keeps what fits among all open alerts; answers how many do not.
pub(crate) fn apply_to_all(app: &App, alerts: &mut Vec<Arc<Alert>>, now_ms: i64) -> u64 {
    app.engine.read(|state| {
        let world = state.world(World::Live);
        let room = MAX_OPEN.saturating_sub(world.map_or(0, |w| w.alerts.len()));
        if alerts.len() <= room {
            return 0;
        }
        cut(alerts, room, |alert| {
            let known = world.is_some_and(|w| w.alerts.contains_key(&alert.fingerprint));
            alert.ends_ms > now_ms && !known
        })
    })
}

/// Keeps what fits among the open alerts of each name, as Alertmanager's limit has it: known alerts and ended ones always
/// do. Answers how many do not.
pub(crate) fn apply_by_name(app: &App, alerts: &mut Vec<Arc<Alert>>, now_ms: i64) -> u64 {
    let most = app.options.limits.per_alertname;
    if most == 0 {
        return 0;
    }
    app.engine.read(|state| {
        let world = state.world(World::Live);
        let is_new = |alert: &Alert| {
            let known = world.is_some_and(|w| w.alerts.contains_key(&alert.fingerprint));
            alert.ends_ms > now_ms && !known
        };
        let name = |alert: &Alert| alert.labels.get("alertname").unwrap_or_default().to_owned();
        let new = alerts.iter().filter(|alert| is_new(alert));
        let mut open: HashMap<String, usize> = new.map(|alert| (name(alert), 0)).collect();
        if open.is_empty() {
            return 0;
        }
        for alert in world.iter().flat_map(|w| w.alerts.values()) {
            let name = alert.alert.labels.get("alertname").unwrap_or_default();
            if let Some(count) = open.get_mut(name) {
                *count += 1;
            }
        }
        by_name(alerts, most, open, is_new)
    })
}

/// `open` counts the open alerts of each name.
fn by_name(
    alerts: &mut Vec<Arc<Alert>>,
    most: usize,
    mut open: HashMap<String, usize>,
    is_new: impl Fn(&Alert) -> bool,
) -> u64 {
    let mut refused = 0;
    alerts.retain(|alert| {
        if !is_new(alert) {
            return true;
        }
        let name = alert.labels.get("alertname").unwrap_or_default();
        let count = open.entry(name.to_owned()).or_default();
        let fits = *count < most;
        *count += usize::from(fits);
        refused += u64::from(!fits);
        fits
    });
    refused
}

fn cut(alerts: &mut Vec<Arc<Alert>>, room: usize, is_new: impl Fn(&Alert) -> bool) -> u64 {
    let (mut left, mut refused) = (room, 0);
    alerts.retain(|alert| {
        if !is_new(alert) {
            return true;
        }
        let fits = left > 0;
        left = left.saturating_sub(1);
        refused += u64::from(!fits);
        fits
    });
    refused
}

#[cfg(test)]
mod tests {
    use stentor_domain::alert::Fingerprint;
    use stentor_domain::labels::Labels;

    use super::*;

    fn alert(name: &str) -> Arc<Alert> {
        let labels = Labels::from_pairs(&mut vec![("alertname", name)]);
        Arc::new(Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: Labels::default(),
            starts_ms: 0,
            ends_ms: 1,
            generator_url: Box::default(),
            ends_by_timeout: false,
        })
    }

    #[test]
    fn each_name_has_room_of_its_own() {
        let mut alerts = vec![alert("a"), alert("a"), alert("b"), alert("b"), alert("old")];
        let open = HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 0)]);
        let is_new = |a: &Alert| a.labels.get("alertname") != Some("old");
        assert_eq!(by_name(&mut alerts, 2, open, is_new), 1);
        let names: Vec<_> = alerts
            .iter()
            .filter_map(|a| a.labels.get("alertname"))
            .collect();
        assert_eq!(names, ["a", "b", "b", "old"]);
    }

    #[test]
    fn what_is_not_new_always_fits() {
        let is_new = |a: &Alert| a.labels.get("alertname") != Some("old");
        let check = |room: usize, kept: &[&str]| {
            let mut alerts = vec![alert("a"), alert("old"), alert("b")];
            let refused = cut(&mut alerts, room, is_new);
            let names: Vec<_> = alerts
                .iter()
                .filter_map(|a| a.labels.get("alertname"))
                .collect();
            assert_eq!(names, kept, "room for {room}");
            assert_eq!(refused as usize, 3 - kept.len());
        };
        check(2, &["a", "old", "b"]);
        check(1, &["a", "old"]);
        check(0, &["old"]);
    }
}
