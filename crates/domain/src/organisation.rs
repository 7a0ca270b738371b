//! The organisation as its configuration declares it: who, what, and by which rules.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::alert::Alert;
use crate::bulletin::{Directory, PageSettings};
use crate::calendar::{Calendar, Period};
use crate::ids::{CalendarId, PersonId, PolicyId, ScheduleId, ServiceId, SourceId, TemplateId};
use crate::oncall::{EscalationPolicy, Schedule};
use crate::selector::Selector;
use crate::severity::Severity;
use crate::shared_fate::{SigningSite, StandsOn};
use crate::source::Source;
use crate::template::UpdateTemplate;

pub use crate::mirror::MirrorSpec;

/// The service that alerts belong to when nothing in the catalogue claims them.
pub const UNMAPPED: &str = "unmapped";

/// Everything that a bundle of configuration declares.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its name, as the public knows it.
    pub name: String,
    /// The domain used in message ids, for instance `stentor.example.org`.
    pub domain: String,
    /// Where people reach the console; links in messages begin with it. No trailing slash.
    pub console_url: String,
    /// People who may be paged or sign in.
    pub people: BTreeMap<PersonId, Person>,
    /// The catalogue.
    pub services: BTreeMap<ServiceId, Service>,
    /// Selectors of all services, most specific first.
    pub selectors: Vec<(Selector, ServiceId)>,
    /// Who is on call.
    pub schedules: BTreeMap<ScheduleId, Schedule>,
    /// Who is paged.
    pub policies: BTreeMap<PolicyId, EscalationPolicy>,
    /// Working time.
    pub calendars: BTreeMap<CalendarId, Calendar>,
    /// Pre-approved public texts.
    pub templates: BTreeMap<TemplateId, UpdateTemplate>,
    /// How the status page looks and speaks.
    pub page: PageSettings,
    /// What is ours, as it is published.
    pub directory: Directory,
    /// The rules of the incident process.
    pub rules: Rules,
    /// Where the public word goes.
    pub mirrors: Vec<MirrorSpec>,
    /// Where the word is signed again.
    pub signing_sites: Vec<SigningSite>,
    /// What our own house stands on.
    pub house: StandsOn,
    /// How mail leaves, when it does.
    pub email: Option<EmailSpec>,
    /// Addresses outside the public internet that webhooks may reach, as CIDR blocks.
    pub allow_networks: Vec<String>,
    /// What sends alerts and heartbeats in a way of its own.
    pub sources: BTreeMap<SourceId, Source>,
    /// Whom groups of alerts are told to, when an alertmanager.yml says so.
    pub routing: Option<std::sync::Arc<crate::routing::Routing>>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name in configuration.
    pub id: PersonId,
    /// The name people use.
    pub name: String,
    /// What they may do.
    pub roles: BTreeSet<PersonRole>,
}

/// A standing permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonRole {
    /// Takes part in incidents.
    Responder,
    /// Speaks to the outside.
    Liaison,
    /// May delegate on anybody's behalf (INC-3).
    Manager,
    /// Runs Stentor itself: API tokens, erasure.
    Operator,
}

impl PersonRole {
    /// Every role.
    pub const ALL: [Self; 4] = [
        Self::Responder,
        Self::Liaison,
        Self::Manager,
        Self::Operator,
    ];

    /// The name used in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Liaison => "liaison",
            Self::Manager => "manager",
            Self::Operator => "operator",
        }
    }
}

/// A service of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The name in configuration.
    pub id: ServiceId,
    /// The name people use.
    pub name: String,
    /// What the business loses without it, in a sentence.
    pub description: String,
    /// The name its users know it by; a service without one is not on the status page.
    pub public_name: Option<String>,
    /// The heading it stands under on the status page.
    pub group: Option<String>,
    /// Who answers for it.
    pub owner: PersonId,
    /// Who is paged.
    pub policy: PolicyId,
    /// People outside who speak for those affected; asked before an incident is closed (INC-11).
    pub representatives: Vec<String>,
    /// Where the runbook is.
    pub runbook: Option<String>,
}

/// Rules of the incident process. Periods hold in the default calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who is paged for what no service claims.
    pub default_policy: PolicyId,
    /// Who answers for what no service claims.
    pub default_owner: PersonId,
    /// The alert label that tells the severity.
    pub severity_label: String,
    /// Values of that label.
    pub severities: BTreeMap<String, Severity>,
    /// The severity of an alert whose label says nothing known: unsure means the higher.
    pub unknown_severity: Severity,
    /// Incidents are opened for alerts at least this severe.
    pub open_at: Severity,
    /// People are woken for incidents at least this severe.
    pub page_at: Severity,
    /// Who commands at first.
    pub default_commander: DefaultCommander,
    /// The support steward on duty.
    pub support_steward: Option<ScheduleId>,
    /// The fallback authority.
    pub project_manager: Option<PersonId>,
    /// Unsolved for this long: the team and the project manager are told (INC-4).
    pub unsolved_after: Period,
    /// A commander for this long: a handoff is suggested (INC-3).
    pub suggest_handoff_after: Period,
    /// An incident may be closed after this long without an answer by the representatives (INC-11).
    pub close_after: Period,
    /// How long after one public word the next is due, by severity (INC-5).
    pub promise: BTreeMap<Severity, Period>,
    /// How long before a promise is due its keeper is reminded.
    pub remind_before: Period,
    /// The calendar of working time.
    pub calendar: CalendarId,
    /// An alert that is not sent again for this long, and names no end, is over.
    pub resolve_timeout_ms: i64,
}

impl Rules {
    /// A value of the severity label that means `severity`: the first one declared, else its own name.
    #[must_use]
    pub fn value_of(&self, severity: Severity) -> &str {
        let declared = self.severities.iter().find(|(_, s)| **s == severity);
        declared.map_or(severity.name(), |(value, _)| value)
    }
}

/// Who commands an incident until somebody decides otherwise (INC-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultCommander {
    /// Whoever acknowledges first.
    FirstAcknowledger,
    /// It is offered to the support steward on duty.
    SupportSteward,
}

/// How mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSpec {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `starttls`, `starttls-opportunistic`, `implicit` or `none`.
    pub tls: String,
    /// The sender's address.
    pub from: String,
    /// Who signs in, when somebody must.
    pub username: Option<String>,
    /// A reference to the password.
    pub password: Option<SecretRef>,
    /// A file with further certification authorities (PEM); relative to the configuration directory.
    pub ca_file: Option<String>,
    /// Whether the password may be sent although `tls` does not protect the way for certain.
    pub allow_plaintext_auth: bool,
}

/// Where a secret lies. The configuration never holds the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// A file; relative to the configuration directory.
    File(String),
    /// A systemd credential.
    Credential(String),
}

impl Organisation {
    /// The service that an alert belongs to: its source's when that has one, else the most specific selector that fits,
    /// else the label `service` when it names one, else [`UNMAPPED`].
    #[must_use]
    pub fn service_of(&self, alert: &Alert) -> ServiceId {
        if let Some(service) = self.service_of_source(alert) {
            return service.clone();
        }
        if let Some((_, service)) = self.selectors.iter().find(|(s, _)| s.fits(&alert.labels)) {
            return service.clone();
        }
        alert
            .labels
            .get("service")
            .and_then(|name| self.services.get_key_value(name))
            .map_or_else(|| ServiceId::from(UNMAPPED), |(id, _)| id.clone())
    }

    /// The service that the source named by an alert's labels declares. Both labels have to be as the source sets them:
    /// others use a label `source` for purposes of their own.
    fn service_of_source(&self, alert: &Alert) -> Option<&ServiceId> {
        if self.sources.is_empty() {
            return None;
        }
        let source = self.sources.get(alert.labels.get("source")?)?;
        let service = source.service.as_ref()?;
        (alert.labels.get("service")? == service.as_str()).then_some(service)
    }

    /// How severe an alert is by the declared label.
    #[must_use]
    pub fn severity_of(&self, alert: &Alert) -> Severity {
        let value = alert.labels.get(&self.rules.severity_label);
        value
            .and_then(|value| {
                let declared = self.rules.severities.get(value).copied();
                declared.or_else(|| Severity::named(value))
            })
            .unwrap_or(self.rules.unknown_severity)
    }

    /// The escalation policy of a service, or the default one.
    #[must_use]
    pub fn policy_of(&self, service: &ServiceId) -> Option<&EscalationPolicy> {
        let id = self
            .services
            .get(service)
            .map_or(&self.rules.default_policy, |s| &s.policy);
        self.policies.get(id)
    }

    /// Who answers for a service, or for what no service claims.
    #[must_use]
    pub fn owner_of(&self, service: &ServiceId) -> &PersonId {
        self.services
            .get(service)
            .map_or(&self.rules.default_owner, |s| &s.owner)
    }

    /// What people call a service.
    #[must_use]
    pub fn service_name<'a>(&'a self, service: &'a ServiceId) -> &'a str {
        self.services
            .get(service)
            .map_or(service.as_str(), |s| &s.name)
    }

    /// The calendar of the incident process.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        let declared = self.calendars.get(&self.rules.calendar).cloned();
        declared.unwrap_or_else(Calendar::around_the_clock)
    }

    /// The support steward on duty.
    #[must_use]
    pub fn steward(&self, now: Timestamp) -> Option<&PersonId> {
        let schedule = self.schedules.get(self.rules.support_steward.as_ref()?)?;
        schedule.on_call(now).map(|(person, _)| person)
    }

    /// What people call a person.
    #[must_use]
    pub fn person_name<'a>(&'a self, person: &'a PersonId) -> &'a str {
        self.people.get(person).map_or(person.as_str(), |p| &p.name)
    }

    /// Whether a person exists and holds a role.
    #[must_use]
    pub fn has_role(&self, person: &PersonId, role: PersonRole) -> bool {
        self.people
            .get(person)
            .is_some_and(|p| p.roles.contains(&role))
    }
}
