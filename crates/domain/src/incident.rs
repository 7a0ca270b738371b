//! An incident and the objects it is led by: roles, handoffs, the promise of the next word, the report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bulletin::Impact;
use crate::ids::{HandoffId, IncidentId, PersonId, PolicyId, ServiceId};
use crate::severity::Severity;

/// An incident that is not closed. Closed ones live in the projections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What is broken.
    pub service: ServiceId,
    /// One plain line. Contains text from strangers when an alert opened it.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How much of the service fails.
    pub impact: Impact,
    /// What kind of cause, as far as known.
    pub cause: CauseClass,
    /// Milliseconds since the epoch.
    pub opened_ms: i64,
    /// Who declared it; `None` when alerts did.
    pub declared_by: Option<PersonId>,
    /// When it was resolved, in milliseconds since the epoch.
    pub resolved_ms: Option<i64>,
    /// Attached alerts that still fire.
    pub firing: u32,
    /// Attached alerts in all.
    pub alerts: u32,
    /// Who does what.
    pub roles: BTreeMap<Role, Holder>,
    /// Milliseconds that passed without a commander while it was open, up to `vacant_since_ms` (INC-3).
    pub leaderless_ms: i64,
    /// Since when nobody commands; `None` while somebody does or when it is resolved.
    pub vacant_since_ms: Option<i64>,
    /// Whom it was escalated to.
    pub escalation: Option<Escalation>,
    /// Handoffs that wait for an answer.
    pub handoffs: BTreeMap<HandoffId, Handoff>,
    /// When the next public word is due.
    pub promise: Option<Promise>,
    /// Promises kept.
    pub kept: u32,
    /// Promises broken.
    pub broken: u32,
    /// Team and project manager were told that it is unsolved (INC-4).
    pub unsolved_told: bool,
    /// Representatives who confirmed that it is over for them.
    pub confirmed_by: Vec<String>,
    /// What was learnt.
    pub report: Report,
    /// An earlier incident of the same service that was resolved but not closed when this one began.
    pub follows: Option<IncidentId>,
    /// Who is paged instead of those whom the service names, when the routing says so.
    pub policy: Option<PolicyId>,
}

impl Incident {
    /// Whether people still work on it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.resolved_ms.is_none()
    }

    /// Who holds a role.
    #[must_use]
    pub fn holder(&self, role: Role) -> Option<&PersonId> {
        self.roles.get(&role).map(|holder| &holder.person)
    }

    /// The incident commander.
    #[must_use]
    pub fn commander(&self) -> Option<&PersonId> {
        self.holder(Role::Commander)
    }

    /// Who speaks to the outside: the liaison, else the commander (INC-2).
    #[must_use]
    pub fn speaker(&self) -> Option<&PersonId> {
        self.holder(Role::Liaison).or_else(|| self.commander())
    }

    /// Milliseconds without a commander up to `now_ms`.
    #[must_use]
    pub fn leaderless_until(&self, now_ms: i64) -> i64 {
        self.leaderless_ms
            + self
                .vacant_since_ms
                .map_or(0, |since| (now_ms - since).max(0))
    }
}

/// A part that somebody plays in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Leads; the single source of truth.
    Commander,
    /// Speaks to the outside.
    Liaison,
    /// Knows an area.
    Expert,
    /// Leads the technical work.
    TechnicalLead,
    /// Writes down what happens.
    Scribe,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Commander,
        Self::Liaison,
        Self::Expert,
        Self::TechnicalLead,
        Self::Scribe,
    ];

    /// The name used in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Liaison => "liaison",
            Self::Expert => "expert",
            Self::TechnicalLead => "technical-lead",
            Self::Scribe => "scribe",
        }
    }

    /// The name as people say it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Commander => "incident commander",
            Self::Liaison => "external liaison",
            Self::Expert => "subject-matter expert",
            Self::TechnicalLead => "technical lead",
            Self::Scribe => "scribe",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who plays a part, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Milliseconds since the epoch.
    pub since_ms: i64,
    /// A handoff was suggested because they lead for long.
    pub handoff_suggested: bool,
}

/// The kind of cause; may be revised as more is known (INC-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseClass {
    /// Machines.
    Hardware,
    /// Programs.
    Software,
    /// Somebody wants this.
    Attack,
    /// A slip or a mistake.
    HumanError,
    /// Weather, fire, water.
    Nature,
    /// Somebody we depend on.
    Supplier,
    /// Not known yet.
    #[default]
    Unknown,
}

impl CauseClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Hardware,
        Self::Software,
        Self::Attack,
        Self::HumanError,
        Self::Nature,
        Self::Supplier,
        Self::Unknown,
    ];

    /// The name used in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Software => "software",
            Self::Attack => "attack",
            Self::HumanError => "human-error",
            Self::Nature => "nature",
            Self::Supplier => "supplier",
            Self::Unknown => "unknown",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// How far an escalation has got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// By which policy.
    pub policy: PolicyId,
    /// Index of the level that was paged last.
    pub level: u32,
    /// Rounds through the policy that were completed; counted on when the policy begins anew.
    pub round: u32,
    /// When that level was paged, in milliseconds since the epoch.
    pub paged_ms: i64,
    /// Whether it goes on.
    pub progress: Progress,
}

/// Whether an escalation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Nobody has answered yet.
    Running,
    /// Somebody acknowledged, or the incident was resolved.
    Stopped,
    /// Everybody was paged in every round and nobody answered.
    Exhausted,
}

/// An offer of a role, on record whether accepted or declined (INC-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Its number.
    pub id: HandoffId,
    /// Which role.
    pub role: Role,
    /// To whom.
    pub to: PersonId,
    /// Who offered it.
    pub by: Option<PersonId>,
    /// Why.
    pub reason: String,
    /// Milliseconds since the epoch.
    pub offered_ms: i64,
}

/// The promise of the next public word (INC-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// When it was made, in milliseconds since the epoch.
    pub made_ms: i64,
    /// When it is due, in milliseconds since the epoch.
    pub due_ms: i64,
    /// Its keeper was reminded.
    pub reminded: bool,
    /// It passed without a word.
    pub broken: bool,
}

/// What was learnt: blameless, written by commander and team (INC-12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What happened, in a paragraph.
    pub summary: String,
    /// Root and contributing causes.
    pub causes: String,
    /// What ended it.
    pub mitigation: String,
    /// What we noticed late or not at all.
    pub detection_gaps: String,
    /// Where we got lucky.
    pub lucky: String,
    /// What is done about it.
    pub actions: Vec<Action>,
    /// Set when there is nothing to do, with the reason.
    pub no_action_reason: String,
}

/// Something to be done, by somebody, until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What.
    pub what: String,
    /// Who.
    pub owner: PersonId,
    /// Until when, as `YYYY-MM-DD`.
    pub due: String,
}

impl Report {
    /// What is still empty and must be filled before the incident may be closed.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        let mut missing = Vec::new();
        for (text, name) in [
            (&self.summary, "summary"),
            (&self.causes, "causes"),
            (&self.mitigation, "mitigation"),
            (&self.detection_gaps, "detection gaps"),
            (&self.lucky, "where we got lucky"),
        ] {
            if blank(text) {
                missing.push(name);
            }
        }
        if self.actions.is_empty() && blank(&self.no_action_reason) {
            missing.push("actions, or the reason why there are none");
        }
        missing
    }
}
