//! What is open, folded from the journal.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Fingerprint};
use crate::bulletin::{DenialUpdate, Impact, MaintenanceUpdate, StatusUpdate};
use crate::bundle::Bundle;
use crate::drill::Drill;
use crate::heartbeat::Known;
use crate::ids::{
    DenialId, HandoffId, IncidentId, MaintenanceId, PageId, PersonId, ServiceId, SourceId,
};
use crate::incident::Incident;
use crate::marks::Marks;
use crate::organisation::Organisation;
use crate::page::Page;
use crate::routing::{GroupId, Inhibition, Routing};
use crate::silence::{Silence, SilenceId};
use crate::told::{GroupNotes, Told};
use crate::world::World;

/// Changes whenever folding the same entries gives another state, or a state is written otherwise: older snapshots are
/// then ignored.
pub const FOLD_VERSION: u32 = 8;

/// Everything a node holds in memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// SHA-256 of the key that derives outward keys, hex.
    pub key_fingerprint: Option<String>,
    /// When the first entry was made, in milliseconds since the epoch.
    pub began_ms: Option<i64>,
    /// The configuration in force.
    pub configuration: Option<Configuration>,
    /// The live world and every drill.
    pub worlds: BTreeMap<World, WorldState>,
}

/// A configuration in force, and who brought it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Configuration {
    /// The bundle's hash.
    pub hash: String,
    /// The bundle.
    pub bundle: Bundle,
    /// When it came into force, in milliseconds since the epoch.
    pub since_ms: i64,
    /// Who submitted it.
    pub by: String,
    /// The same, parsed. Rebuilt after a snapshot is read.
    #[serde(skip)]
    pub organisation: Option<Arc<Organisation>>,
}

/// What is open in one world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WorldState {
    /// Alerts that fire.
    pub alerts: HashMap<Fingerprint, OpenAlert>,
    /// Incidents that are not closed.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// The open incident of each service.
    pub open_by_service: BTreeMap<ServiceId, IncidentId>,
    /// Pages about incidents that are not closed.
    pub pages: BTreeMap<PageId, Page>,
    /// What was said in public, by incident; kept for [`PUBLIC_HISTORY_MS`] after its end.
    pub disclosed: BTreeMap<IncidentId, Disclosed>,
    /// Announced work, by number; kept for [`PUBLIC_HISTORY_MS`] after its end.
    pub maintenance: BTreeMap<MaintenanceId, Announced>,
    /// False messages that were denied, by number; kept for [`PUBLIC_HISTORY_MS`] after they were said to be over.
    pub denials: BTreeMap<DenialId, Denied>,
    /// When it was looked last what leaves the status page, in milliseconds since the epoch.
    pub left_page_ms: i64,
    /// How often what was said in public may have changed so far.
    pub public_changes: u64,
    /// Numbers given so far.
    pub last: LastNumbers,
    /// Set when this world is a drill.
    pub drill: Option<Drill>,
    /// How much faster than life deadlines run; 1 in the live world.
    pub pace: u32,
    /// Alerts that ended while a receiver knows them to fire.
    pub ended: HashMap<Fingerprint, EndedAlert>,
    /// What receivers were told, by group.
    pub told: HashMap<GroupId, Vec<Told>>,
    /// What people noted about groups of alerts.
    pub notes: BTreeMap<GroupId, GroupNotes>,
    /// Silences, ended ones among them for [`crate::silence::KEEP_ENDED_MS`].
    pub silences: BTreeMap<SilenceId, Silence>,
    /// What is known of each source whose silence is the alert. Only the live world hears any.
    pub heartbeats: BTreeMap<SourceId, Known>,
    /// When what is no longer needed was dropped last, in milliseconds since the epoch.
    pub swept_ms: i64,
    /// The alerts that keep others quiet. Derived from the alerts and the configuration.
    #[serde(skip)]
    pub inhibition: Inhibition,
}

/// The highest numbers given in a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastNumbers {
    /// Of incidents.
    pub incident: u32,
    /// Of pages.
    pub page: u32,
    /// Of handoffs.
    pub handoff: u32,
    /// Of announced work.
    pub maintenance: u32,
    /// Of denied messages.
    pub denial: u32,
}

/// How long what ended stays on the status page, in milliseconds: 90 days.
pub const PUBLIC_HISTORY_MS: i64 = 90 * 86_400_000;

/// An alert that fires.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenAlert {
    /// What it says, as it was last journaled.
    pub alert: Arc<Alert>,
    /// A glance at its labels.
    pub marks: Marks,
    /// The end on record, in milliseconds since the epoch.
    pub journaled_ms: i64,
    /// When it ends unless it is sent again, in milliseconds since the epoch. Re-sends move it in memory only.
    pub ends_ms: i64,
    /// The service it was mapped to.
    pub service: ServiceId,
    /// The incident it is attached to.
    pub incident: Option<IncidentId>,
    /// When it was journaled last, in milliseconds since the epoch.
    pub updated_ms: i64,
    /// How many entries of [`WorldState::told`] know it to fire.
    pub known_to: u32,
}

/// An alert that ended while a receiver knows it to fire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedAlert {
    /// What it said.
    pub alert: Arc<Alert>,
    /// When it ended, in milliseconds since the epoch.
    pub ended_ms: i64,
    /// How many entries of [`WorldState::told`] know it to fire.
    pub known_to: u32,
}

/// What was said in public about an incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disclosed {
    /// Names of the affected components.
    pub components: Vec<String>,
    /// How badly.
    pub impact: Impact,
    /// The statements, oldest first.
    pub updates: Vec<StatusUpdate>,
}

/// Work that was announced in public.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announced {
    /// Names of the affected components.
    pub components: Vec<String>,
    /// The statements, oldest first.
    pub updates: Vec<MaintenanceUpdate>,
    /// Who made each of them.
    pub authors: Vec<PersonId>,
    /// The announced time that passed without a word, once somebody was reminded of it; in milliseconds since the epoch.
    pub reminded_ms: Option<i64>,
}

/// A false message that was denied in public.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Denied {
    /// Where it was seen.
    pub seen_at: Vec<String>,
    /// The statements, oldest first.
    pub updates: Vec<DenialUpdate>,
    /// Who made each of them.
    pub authors: Vec<PersonId>,
}

impl State {
    /// The organisation as configured, once a configuration is in force.
    #[must_use]
    pub fn organisation(&self) -> Option<&Arc<Organisation>> {
        self.configuration.as_ref()?.organisation.as_ref()
    }

    /// Whom groups of alerts are told to, when the configuration says so.
    #[must_use]
    pub fn routing(&self) -> Option<&Arc<Routing>> {
        self.organisation()?.routing.as_ref()
    }

    /// One world; `None` when nothing happened in it yet.
    #[must_use]
    pub fn world(&self, world: World) -> Option<&WorldState> {
        self.worlds.get(&world)
    }

    /// The number of the newest drill.
    #[must_use]
    pub fn last_drill(&self) -> u32 {
        match self.worlds.last_key_value() {
            Some((World::Drill(n), _)) => *n,
            _ => 0,
        }
    }

    /// Notes in memory that alerts were sent again: their end moves (milliseconds since the epoch).
    pub fn resend(&mut self, world: World, alerts: &[(Fingerprint, i64)]) {
        let Some(world) = self.worlds.get_mut(&world) else {
            return;
        };
        for (fingerprint, ends_ms) in alerts {
            if let Some(open) = world.alerts.get_mut(fingerprint) {
                open.ends_ms = *ends_ms;
            }
        }
    }
}

impl WorldState {
    /// A length of time in this world, in milliseconds: a drill may run faster than life.
    #[must_use]
    pub fn paced(&self, ms: i64) -> i64 {
        ms / i64::from(self.pace.max(1))
    }

    /// The number of the next incident.
    #[must_use]
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.last.incident + 1)
    }

    /// The number of the next handoff.
    #[must_use]
    pub fn next_handoff(&self) -> HandoffId {
        HandoffId(self.last.handoff + 1)
    }

    /// The number of the next announced work.
    #[must_use]
    pub fn next_maintenance(&self) -> MaintenanceId {
        MaintenanceId(self.last.maintenance + 1)
    }

    /// The number of the next denied message.
    #[must_use]
    pub fn next_denial(&self) -> DenialId {
        DenialId(self.last.denial + 1)
    }

    /// Whether this world is a drill that has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.drill.as_ref().is_some_and(|d| d.scorecard.is_some())
    }

    /// What a receiver was told about a group by one way.
    #[must_use]
    pub fn told(&self, group: GroupId, to: &str) -> Option<&Told> {
        self.told.get(&group)?.iter().find(|t| *t.to == *to)
    }

    /// Whether somebody has a group, so that it is not told again (`now_ms`: milliseconds since the epoch).
    #[must_use]
    pub fn is_acknowledged(&self, group: GroupId, now_ms: i64) -> bool {
        let notes = self.notes.get(&group);
        let acknowledged = notes.and_then(|n| n.acknowledged.as_ref());
        acknowledged.is_some_and(|a| now_ms < a.until_ms)
    }

    /// Pages of an incident that wait for an answer.
    pub fn waiting_pages(&self, incident: IncidentId) -> impl Iterator<Item = &Page> {
        self.pages
            .values()
            .filter(move |p| p.incident == incident && p.is_waiting())
    }
}
