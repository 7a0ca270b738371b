//! What holds in every state that can be reached.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use stentor_domain::decide::next_due_ms;
use stentor_domain::incident::Progress;
use stentor_domain::page::PageCause;
use stentor_domain::state::State;
use stentor_domain::world::World;

use crate::story::Story;

/// Each world as plain values, to compare.
pub(crate) fn view(state: &State) -> BTreeMap<World, Value> {
    let worlds = state.worlds.iter();
    worlds
        .map(|(world, open)| (*world, serde_json::to_value(open).unwrap()))
        .collect()
}

/// Equal but for the ends that re-sends moved in memory.
pub(crate) fn same(a: &BTreeMap<World, Value>, b: &BTreeMap<World, Value>) -> bool {
    let journaled = |worlds: &BTreeMap<World, Value>| {
        let mut worlds = worlds.clone();
        for world in worlds.values_mut() {
            for alert in world["alerts"].as_object_mut().unwrap().values_mut() {
                alert["ends_ms"] = Value::Null;
            }
        }
        worlds
    };
    journaled(a) == journaled(b)
}

pub(crate) fn holds(story: &Story) {
    let Some(world) = story.state.world(story.world) else {
        return;
    };
    let rules = &story.state.organisation().unwrap().rules;
    let mut services = BTreeSet::new();
    for incident in world.incidents.values().filter(|i| i.is_open()) {
        assert!(
            services.insert(&incident.service),
            "two open for one service"
        );
        let known = world.open_by_service.get(&incident.service);
        assert_eq!(known, Some(&incident.id));
        // Nobody sleeps through what is worth waking: somebody is being paged, answered, or giving up is on record.
        if incident.severity.at_least(rules.page_at) {
            assert!(incident.escalation.is_some(), "{incident:?}");
        }
        let progress = incident.escalation.as_ref().map(|e| e.progress);
        if progress == Some(Progress::Stopped) {
            let answered = world.pages.values().any(|p| {
                p.incident == incident.id
                    && matches!(p.cause, PageCause::Escalation { .. })
                    && matches!(
                        p.answer,
                        stentor_domain::page::PageAnswer::Acknowledged { .. }
                    )
            });
            assert!(answered || incident.commander().is_some(), "{incident:?}");
        }
        assert_eq!(
            incident.commander().is_none(),
            incident.vacant_since_ms.is_some()
        );
        for offer in incident.handoffs.values() {
            assert_ne!(incident.holder(offer.role), Some(&offer.to), "{offer:?}");
        }
    }
    assert_eq!(world.open_by_service.len(), services.len());
    for alert in world.alerts.values() {
        let organisation = story.state.organisation().unwrap();
        if organisation
            .severity_of(&alert.alert)
            .at_least(rules.open_at)
        {
            assert!(alert.incident.is_some(), "a severe alert has its incident");
        }
    }
    for incident in world.incidents.values() {
        let attached = world
            .alerts
            .values()
            .filter(|a| a.incident == Some(incident.id));
        assert_eq!(
            attached.count(),
            incident.firing as usize,
            "{}",
            incident.id
        );
        assert!(incident.firing <= incident.alerts);
    }
    let mut pages = BTreeSet::new();
    for page in world.pages.values() {
        assert!(world.page_about(page).is_some(), "{page:?}");
        let what = format!("{} {:?} {}", page.incident, page.cause, page.person);
        let once = matches!(
            page.cause,
            PageCause::Escalation { .. } | PageCause::Handoff { .. } | PageCause::Unsolved
        );
        assert!(!once || pages.insert(what), "paged twice: {page:?}");
    }
    for said in world.disclosed.values() {
        let numbers = said.updates.iter().map(|u| u.number);
        assert!(numbers.eq(1..=said.updates.len() as u32));
    }
    for work in world.maintenance.values() {
        let numbers = work.updates.iter().map(|u| u.number);
        assert!(numbers.eq(1..=work.updates.len() as u32));
        assert_eq!(work.authors.len(), work.updates.len());
        assert!(work.updates.iter().all(|u| u.starts_ms < u.ends_ms));
    }
    for denied in world.denials.values() {
        let numbers = denied.updates.iter().map(|u| u.number);
        assert!(numbers.eq(1..=denied.updates.len() as u32));
        assert_eq!(denied.authors.len(), denied.updates.len());
    }
    // An open promise is what the public was told last.
    for incident in world.incidents.values() {
        let said = world
            .disclosed
            .get(&incident.id)
            .and_then(|s| s.updates.last());
        let told = said.and_then(|u| u.next_update_ms);
        assert_eq!(incident.promise.map(|p| p.due_ms), told, "{}", incident.id);
    }
    // Whatever is due ends some day: nothing is due for ever.
    let mut rest = story.clone();
    rest.until(rest.now_ms + 400 * 86_400_000);
    assert_eq!(next_due_ms(&rest.state, rest.world), None);
}
