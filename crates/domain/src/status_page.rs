//! From what was disclosed to the status page.

use crate::bulletin::{
    Component, Denial, Impact, MaintenanceStatus, PublicIncident, PublicMaintenance, StatusPage,
};
use crate::disclosure::Public;
use crate::state::{State, WorldState};
use crate::world::World;

/// Stands for a status page without being as large: while this is the same, nothing comes onto the page and nothing on it
/// changes. What ended long ago leaves it by time alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    configuration: String,
    began_ms: Option<i64>,
    changes: u64,
}

impl State {
    /// The edition of what [`State::status_page`] gives.
    #[must_use]
    pub fn edition(&self, world: World) -> Option<Edition> {
        let configuration = self.configuration.as_ref()?;
        configuration.organisation.as_ref()?;
        let known = self.worlds.get(&world);
        Some(Edition {
            configuration: configuration.hash.clone(),
            began_ms: self.began_ms,
            changes: known.map_or(0, |w| w.public_changes),
        })
    }

    /// What the public is told about a world at a time. Only disclosures are read, so nothing private can be in it.
    ///
    /// What ended [`PUBLIC_HISTORY_MS`](crate::state::PUBLIC_HISTORY_MS) before is not on it, also where nothing was
    /// folded since.
    #[must_use]
    pub fn status_page(&self, world: World, now_ms: i64) -> Option<Public<StatusPage>> {
        let organisation = self.organisation()?;
        let known = self.worlds.get(&world);
        let (past, current): (Vec<_>, Vec<_>) = known
            .map_or_else(Vec::new, |of| incidents(of, now_ms))
            .into_iter()
            .partition(PublicIncident::is_over);
        let maintenance = known.map_or_else(Vec::new, |of| maintenance(of, now_ms));
        let services = organisation.services.values();
        let named = services.filter_map(|s| Some((s, s.public_name.as_ref()?)));
        let components = named
            .map(|(service, name)| Component {
                id: service.id.clone(),
                name: name.clone(),
                group: service.group.clone(),
                impact: impact(&current, name),
                maintenance: maintenance.iter().any(|m| is_under(m, name)),
            })
            .collect();
        Some(Public::disclosed(StatusPage {
            organisation: organisation.name.clone(),
            world,
            recorded_since_ms: self.began_ms,
            settings: organisation.page.clone(),
            components,
            current,
            past,
            maintenance,
            denials: known.map_or_else(Vec::new, |of| denials(of, now_ms)),
            directory: organisation.directory.clone(),
        }))
    }
}

/// Newest first.
fn incidents(of: &WorldState, now_ms: i64) -> Vec<PublicIncident> {
    let all = of.disclosed.iter().rev();
    let all = all.filter(|(_, said)| said.is_on_page(now_ms));
    let told = all.map(|(id, said)| PublicIncident {
        id: *id,
        components: said.components.clone(),
        impact: said.impact,
        updates: said.updates.clone(),
    });
    told.collect()
}

fn impact(current: &[PublicIncident], name: &String) -> Option<Impact> {
    let about = current.iter().filter(|i| i.components.contains(name));
    about.map(|i| i.impact).max()
}

/// Whether work on a component was said to have begun and not to be over.
fn is_under(work: &PublicMaintenance, name: &String) -> bool {
    use MaintenanceStatus::{InProgress, Verifying};
    matches!(work.latest().status, InProgress | Verifying) && work.components.contains(name)
}

/// What is not over, the earliest first, then the rest, newest first.
fn maintenance(of: &WorldState, now_ms: i64) -> Vec<PublicMaintenance> {
    let all = of.maintenance.iter();
    let all = all.filter(|(_, work)| work.is_on_page(now_ms));
    let all = all.map(|(id, work)| PublicMaintenance {
        id: *id,
        components: work.components.clone(),
        updates: work.updates.clone(),
    });
    let (mut over, mut ahead): (Vec<_>, Vec<_>) = all.partition(PublicMaintenance::is_over);
    ahead.sort_by_key(|m| (m.latest().starts_ms, m.id));
    over.sort_by_key(|m| std::cmp::Reverse((m.latest().published_ms, m.id)));
    ahead.append(&mut over);
    ahead
}

/// What circulates, then the rest, each newest first.
fn denials(of: &WorldState, now_ms: i64) -> Vec<Denial> {
    let all = of.denials.iter().rev();
    let all = all.filter(|(_, denied)| denied.is_on_page(now_ms));
    let all = all.map(|(id, denied)| Denial {
        id: *id,
        seen_at: denied.seen_at.clone(),
        updates: denied.updates.clone(),
    });
    let (over, mut denials): (Vec<_>, Vec<_>) = all.partition(Denial::is_over);
    denials.extend(over);
    denials
}
