//! Whom alerts are told to.

use std::collections::HashMap;
use std::sync::Arc;

use stentor_domain::alert::Alert;
use stentor_domain::ids::ServiceId;
use stentor_domain::organisation::Organisation;
use stentor_domain::routing::Routing;
use stentor_domain::severity::Severity;
use stentor_domain::state::State;

/// Names of receivers: those of the routing; without one, the escalation policies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    routing: Option<Arc<Routing>>,
    organisation: Option<Arc<Organisation>>,
    /// Of the routing's receivers, in its order.
    names: Vec<Arc<str>>,
    /// Policies by service.
    policies: HashMap<ServiceId, Arc<str>>,
    default: Arc<str>,
}

impl Directory {
    pub(crate) fn new(state: &State) -> Self {
        let routing = state.routing().cloned();
        let Some(organisation) = state.organisation().cloned() else {
            return Self::default();
        };
        let name = |text: &str| Arc::from(text);
        let names = routing.iter().flat_map(|r| &r.receivers);
        let services = organisation.services.keys().map(|service| {
            let policy = organisation.policy_of(service);
            let policy = policy.map_or(&organisation.rules.default_policy, |p| &p.id);
            (service.clone(), name(policy.as_str()))
        });
        Self {
            names: names.map(|r| name(&r.name)).collect(),
            policies: services.collect(),
            default: name(organisation.rules.default_policy.as_str()),
            routing,
            organisation: Some(organisation),
        }
    }

    /// The routing, when there is one.
    pub(crate) fn routing(&self) -> Option<&Arc<Routing>> {
        self.routing.as_ref()
    }

    /// Receivers of an alert that was mapped to a service, in the order of its routes.
    pub(crate) fn receivers(&self, alert: &Alert, service: &ServiceId) -> Vec<Arc<str>> {
        let Some(routing) = &self.routing else {
            let policy = self.policies.get(service).unwrap_or(&self.default);
            return vec![Arc::clone(policy)];
        };
        let routes = routing.routes_of(&alert.labels).into_iter();
        routes.filter_map(|at| self.receiver(at)).collect()
    }

    /// The receiver of a route.
    pub(crate) fn receiver(&self, route: usize) -> Option<Arc<str>> {
        let route = self.routing.as_ref()?.routes.get(route)?;
        self.names.get(route.receiver).cloned()
    }

    /// Names of all receivers, the default one first.
    pub(crate) fn all(&self) -> Vec<Arc<str>> {
        if self.routing.is_some() {
            return self.names.clone();
        }
        let policies = self.organisation.iter().flat_map(|o| o.policies.keys());
        let others = policies.filter(|p| *p.as_str() != *self.default);
        let default = self.organisation.iter().map(|_| Arc::clone(&self.default));
        default
            .chain(others.map(|p| Arc::from(p.as_str())))
            .collect()
    }

    /// How bad an alert is; the least when nothing is configured.
    pub(crate) fn severity(&self, alert: &Alert) -> Severity {
        let organisation = self.organisation.as_ref();
        organisation.map_or(Severity::Sev4, |o| o.severity_of(alert))
    }
}
