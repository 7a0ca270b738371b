//! How many alerts of one source may be open.
//!
//! Counted are the open alerts whose label `source` is the source's name. The label is part of the alert and the alert
//! is in the journal, so the count is the same after a restart and on every node. Requests that come at the same moment
//! are each counted before the other is recorded: together they may go beyond the limit by what one of them holds.

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
