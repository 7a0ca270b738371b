//! Alertmanager's routing: which group of alerts is told to whom, and when (alertmanager.yml, read in
//! [`crate::bundle`]).

mod dispatch;
mod duty;
mod group;
mod holding;
mod inhibit;
mod interval;
mod receiver;
mod route;

use std::collections::BTreeMap;

pub use dispatch::{Dispatcher, Group};
pub use duty::{Duty, Moment, Quiet, duty};
pub use group::GroupId;
pub use inhibit::{Agreements, Firing, Inhibition, RuleIndex};
pub use interval::TimeInterval;
pub use receiver::{
    EmailIntegration, HttpOptions, Integration, Kind, Receiver, SecretAt, Settings,
    SlackIntegration, WebhookIntegration,
};
pub use route::{GroupBy, Route};

use crate::go_template::Library;
use crate::matcher::Matcher;

/// The receiver of this name opens incidents by the catalogue, as alerts do where there is no routing.
pub const INCIDENT: &str = "stentor:incident";

/// A receiver whose name begins so opens incidents and pages the escalation policy named after it.
pub const POLICY: &str = "stentor:policy:";

/// A routing configuration.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    /// All routes, each before its children; the root is the first.
    pub routes: Vec<Route>,
    /// All receivers, in the order of the file.
    pub receivers: Vec<Receiver>,
    /// Alerts that keep others quiet.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Finds rules by the alert that keeps others quiet.
    pub source_index: RuleIndex,
    /// Finds rules by the alert that is kept quiet.
    pub target_index: RuleIndex,
    /// In which labels rules ask alerts to agree.
    pub agreements: Agreements,
    /// Named times, for muting.
    pub intervals: BTreeMap<String, Vec<TimeInterval>>,
    /// An alert that is not sent again for this long, and names no end, is over, in milliseconds.
    pub resolve_timeout_ms: i64,
    /// By receiver: the templates that its fields may call, where there are files with some.
    pub templates: BTreeMap<String, Library>,
    /// The configuration as it may be shown: valid YAML for Alertmanager's own tools, without secrets.
    pub original: String,
}

/// Alerts that match the source keep those quiet that match the target and agree in all labels of `equal`.
#[derive(Clone, Debug)]
pub struct InhibitRule {
    /// Its name, when it has one.
    pub name: String,
    /// Which alerts keep others quiet.
    pub source: Vec<Matcher>,
    /// Which alerts are kept quiet.
    pub target: Vec<Matcher>,
    /// Labels in which both agree; a missing one counts as empty.
    pub equal: Vec<String>,
}

impl Receiver {
    /// Whether alerts for it open incidents.
    #[must_use]
    pub fn opens_incidents(&self) -> bool {
        self.name == INCIDENT || self.policy().is_some()
    }

    /// The escalation policy that it names.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.name.strip_prefix(POLICY)
    }
}

impl Routing {
    /// With the indexes of its inhibition rules as they are now.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        let rules = &self.inhibit_rules;
        self.source_index = RuleIndex::new(rules.iter().map(|r| &*r.source));
        self.target_index = RuleIndex::new(rules.iter().map(|r| &*r.target));
        self.agreements = Agreements::new(rules);
        self
    }

    /// Whether any alert can open an incident.
    #[must_use]
    pub fn opens_incidents(&self) -> bool {
        self.receivers.iter().any(Receiver::opens_incidents)
    }
}
