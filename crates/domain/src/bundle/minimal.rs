//! An organisation of which nothing is known but a routing: what stands in for Alertmanager alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::calendars::AROUND_THE_CLOCK;
use super::incidents;
use crate::bulletin::{Directory, PageSettings};
use crate::calendar::Calendar;
use crate::organisation::{Organisation, Rules};
use crate::routing::Routing;
use crate::severity::Severity;
use crate::shared_fate::StandsOn;

/// Without people, services and policies. Every alert counts as less severe than what opens an incident, and still the
/// worse ones are told before the others.
pub(super) fn organisation(routing: Routing) -> Organisation {
    let usual = incidents::defaults(AROUND_THE_CLOCK.into());
    let severities = usual.severities.into_iter();
    let rules = Rules {
        severities: severities
            .map(|(value, severity)| (value, severity.max(Severity::Sev2)))
            .collect(),
        unknown_severity: Severity::Sev4,
        open_at: Severity::Sev1,
        page_at: Severity::Sev1,
        resolve_timeout_ms: routing.resolve_timeout_ms,
        ..incidents::defaults(AROUND_THE_CLOCK.into())
    };
    Organisation {
        name: "Alertmanager".into(),
        domain: "localhost".into(),
        console_url: "http://localhost:9093".into(),
        people: BTreeMap::new(),
        services: BTreeMap::new(),
        selectors: Vec::new(),
        schedules: BTreeMap::new(),
        policies: BTreeMap::new(),
        calendars: BTreeMap::from([(AROUND_THE_CLOCK.into(), Calendar::around_the_clock())]),
        templates: BTreeMap::new(),
        page: PageSettings::default(),
        directory: Directory::default(),
        rules,
        mirrors: Vec::new(),
        signing_sites: Vec::new(),
        house: StandsOn::default(),
        email: None,
        allow_networks: Vec::new(),
        sources: BTreeMap::new(),
        routing: Some(Arc::new(routing)),
    }
}
