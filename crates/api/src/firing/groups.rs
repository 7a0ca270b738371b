//! Groups of alerts: those of the routing; without one, all alerts of an escalation policy.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use stentor_domain::labels::Labels;
use stentor_domain::routing::{Dispatcher, GroupId, Moment};
use stentor_domain::state::State;
use stentor_domain::told::GroupNotes;
use stentor_domain::world::World;

use super::order::by_labels;
use super::select::row;
use super::{Directory, Look, Query, Row, Source};

/// Groups that were asked for.
#[derive(Debug)]
pub(crate) struct Bunches {
    /// This part of them.
    pub(crate) groups: Vec<Bunch>,
    /// How many there are in all.
    pub(crate) total: usize,
    /// Whom they are told to.
    pub(crate) directory: Directory,
}

/// A group of alerts.
#[derive(Clone, Debug)]
pub(crate) struct Bunch {
    /// Its identity.
    pub(crate) id: GroupId,
    /// A place in the routing's routes; `None` without a routing.
    pub(crate) route: Option<usize>,
    /// Whom it is told to.
    pub(crate) receiver: Arc<str>,
    /// The labels that its alerts agree in.
    pub(crate) labels: Labels,
    /// The alerts that were asked for, by fingerprint.
    pub(crate) alerts: Vec<Row>,
    /// Names of the times that keep it quiet.
    pub(crate) muted_by: Vec<String>,
    /// What people noted about it.
    pub(crate) notes: Option<GroupNotes>,
}

impl Look {
    /// The groups that a query asks for, in the order of their labels. `limit` and `offset` count groups.
    pub(crate) fn groups(self, source: &impl Source, query: &Query) -> Bunches {
        let (mut groups, directory) = source.groups(|state, dispatcher| {
            let directory = Directory::new(state);
            let groups = match dispatcher {
                Some(dispatcher) => self.routed(state, dispatcher, &directory, query),
                None => Vec::new(),
            };
            (groups, directory)
        });
        if directory.routing().is_none() {
            groups = self.by_policy(source, query);
        }
        groups.retain(|g| !g.alerts.is_empty() && (query.muted || g.muted_by.is_empty()));
        let judged = query.picks_states();
        if judged {
            self.judge_all(source, &mut groups);
            for group in &mut groups {
                group.alerts.retain(|row| query.wants_state(row));
            }
            groups.retain(|g| !g.alerts.is_empty());
        }
        let total = groups.len();
        groups.sort_unstable_by(by_labels);
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut groups: Vec<Bunch> = groups.into_iter().skip(query.offset).take(limit).collect();
        if !judged {
            self.judge_all(source, &mut groups);
        }
        for row in groups.iter_mut().flat_map(|g| &mut g.alerts) {
            row.receivers = directory.receivers(&row.alert, &row.service);
            row.receivers.sort_unstable();
        }
        Bunches {
            groups,
            total,
            directory,
        }
    }

    /// One group with all its alerts.
    pub(crate) fn group(self, source: &impl Source, id: GroupId) -> Option<Bunch> {
        let found = source.groups(|state, dispatcher| {
            let group = dispatcher?.group(id)?;
            let directory = Directory::new(state);
            self.bunch(
                state,
                group,
                &directory,
                &Query::default(),
                &mut HashMap::new(),
            )
        })?;
        let mut found = vec![found];
        self.judge_all(source, &mut found);
        found.pop()
    }

    fn routed(
        self,
        state: &State,
        dispatcher: &Dispatcher,
        directory: &Directory,
        query: &Query,
    ) -> Vec<Bunch> {
        let mut muted = HashMap::new();
        let groups = dispatcher.groups();
        groups
            .filter_map(|group| self.bunch(state, group, directory, query, &mut muted))
            .collect()
    }

    fn bunch(
        self,
        state: &State,
        group: &stentor_domain::routing::Group,
        directory: &Directory,
        query: &Query,
        muted: &mut HashMap<usize, Vec<String>>,
    ) -> Option<Bunch> {
        let receiver = directory.receiver(group.route)?;
        let world = state.world(World::Live)?;
        if !query.wants(&receiver) {
            return None;
        }
        let firing = group.alerts.iter().filter_map(|f| world.alerts.get(f));
        let firing = firing.filter(|open| {
            self.fires(open) && query.matchers.iter().all(|m| m.fits(&open.alert.labels))
        });
        let mut alerts: Vec<Row> = firing.map(row).collect();
        alerts.sort_unstable_by_key(|row| row.alert.fingerprint);
        alerts.dedup_by_key(|row| row.alert.fingerprint);
        let muted_by = muted.entry(group.route).or_insert_with(|| {
            let routing = state.routing().map(|r| &**r);
            let moment = Moment::new(routing, world, self.now_ms, self.grace_ms);
            let route = routing.and_then(|r| r.routes.get(group.route));
            let names = route.map(|r| moment.muted_by(r)).unwrap_or_default();
            names.into_iter().map(str::to_owned).collect()
        });
        Some(Bunch {
            id: group.id,
            route: Some(group.route),
            receiver,
            labels: group.labels.clone(),
            alerts,
            muted_by: muted_by.clone(),
            notes: world.notes.get(&group.id).cloned(),
        })
    }

    /// Where nothing groups, what is told to one policy is shown as one group, for programs that read groups only.
    fn by_policy(self, source: &impl Source, query: &Query) -> Vec<Bunch> {
        let whole = Query {
            limit: None,
            offset: 0,
            ..query.clone()
        };
        let mut by_receiver: BTreeMap<Arc<str>, Vec<Row>> = BTreeMap::new();
        for row in self.alerts(source, &whole).rows {
            if let Some(receiver) = row.receivers.first() {
                by_receiver
                    .entry(Arc::clone(receiver))
                    .or_default()
                    .push(row);
            }
        }
        let groups = by_receiver.into_iter().map(|(receiver, alerts)| Bunch {
            id: GroupId::of(&receiver, &Labels::default()),
            route: None,
            receiver,
            labels: Labels::default(),
            alerts,
            muted_by: Vec::new(),
            notes: None,
        });
        groups.collect()
    }

    fn judge_all(self, source: &impl Source, groups: &mut [Bunch]) {
        let sizes: Vec<usize> = groups.iter().map(|g| g.alerts.len()).collect();
        let mut rows: Vec<Row> = Vec::with_capacity(sizes.iter().sum());
        for group in &mut *groups {
            rows.append(&mut group.alerts);
        }
        self.judge(source, &mut rows);
        let mut rows = rows.into_iter();
        for (group, size) in groups.iter_mut().zip(sizes) {
            group.alerts.extend(rows.by_ref().take(size));
        }
    }
}
