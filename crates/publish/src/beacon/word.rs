//! Bringing the newest word to a mirror of the beacon's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use stentor_verify::Report;

use super::Place;
use super::sight::Sight;
use crate::adopt::{self, Copy};
use crate::head::{Head, Superseded, target_path};
use crate::metadata::Target;
use crate::mirror::Mirror;
use crate::plan::{File, Known, Plan, TIMESTAMP};
use crate::push::{MirrorFailure, Push};
use crate::there::There;

/// What is to be brought.
pub(super) struct Job<'a> {
    pub(super) root: &'a [u8],
    pub(super) best: &'a Sight,
    /// Mirrors that show its snapshot, by name.
    pub(super) holders: &'a BTreeSet<String>,
    /// Every mirror.
    pub(super) places: &'a [Place],
    /// For one source, and for writing; some kinds have longer.
    pub(super) timeout: Duration,
    pub(super) now: Timestamp,
}

/// What a reader finds there now, and what is known to be there.
pub(super) struct Done {
    pub(super) report: Report,
    pub(super) known: Known,
}

impl Job<'_> {
    /// Brings the newest word to `mirror`, of which this is known and where these files were superseded. What was
    /// superseded is given back with a failure.
    pub(super) async fn bring(
        &self,
        mirror: &dyn Mirror,
        known: Option<Known>,
        superseded: Vec<Superseded>,
    ) -> Result<Done, (MirrorFailure, Vec<Superseded>)> {
        let snapshot = Target::of(&self.best.snapshot_json);
        let there =
            |known: &Known| known.head.metadata.get(&known.head.snapshot_path()) == Some(&snapshot);
        let (mut head, mut plan) = match &known {
            Some(known) if there(known) => (Head::clone(&known.head), Plan::default()),
            _ => match self.copy(mirror, known.as_ref(), &snapshot).await {
                Ok(Copy { mut head, files }) => {
                    let mut old = self.before(mirror, known.as_ref()).await;
                    old.superseded.extend(superseded.iter().cloned());
                    old.superseded.sort();
                    old.superseded.dedup();
                    head.supersede(&old, self.now);
                    let plan = plan(&head, files, known.as_ref());
                    (head, plan)
                }
                Err(failure) => return Err((failure, superseded)),
            },
        };
        head.timestamp = self.best.timestamp;
        head.timestamp_expires = self.best.expires;
        head.timestamp_json = String::from_utf8_lossy(&self.best.timestamp_json).into_owned();
        plan.steps[3] = vec![File::new(TIMESTAMP, self.best.timestamp_json.clone())];
        plan.timestamp = self.best.timestamp;
        plan.snapshot = snapshot.sha256;
        if !plan.whole {
            plan.asked = head.metadata.keys().cloned().collect();
        }
        plan.delete = head.deletable(self.now).map(|s| s.path.clone()).collect();
        let push = Push {
            mirror,
            trusted_root: self.root,
            current_root: self.root,
            now: self.now,
            // The newest counts, whoever signed another one of its number.
            settled: self.best.snapshot,
            there: &There::default(),
            saw: &|_| {},
        };
        let after = mirror.within(self.timeout);
        let pushed = tokio::time::timeout(after, push.run(&plan)).await;
        match pushed.unwrap_or(Err(MirrorFailure::TimedOut { after })) {
            Err(failure) => Err((failure, head.superseded)),
            Ok(report) => {
                let gone = |s: &Superseded| plan.delete.contains(&s.path);
                head.superseded.retain(|s| !gone(s));
                let checked = known
                    .filter(|_| !plan.whole)
                    .map_or(self.now, |k| k.checked);
                let known = Known {
                    head: Arc::new(head),
                    at: self.now,
                    checked,
                };
                Ok(Done { report, known })
            }
        }
    }

    /// The newest word from the first mirror that holds all of it: from the mirror itself, if it does; rather from
    /// one that is only read than from one that is written at this moment.
    async fn copy(
        &self,
        mirror: &dyn Mirror,
        known: Option<&Known>,
        snapshot: &Target,
    ) -> Result<Copy, MirrorFailure> {
        let ours = known.map(|known| known.head.as_ref());
        let other = |place: &&Place| place.mirror.name() != mirror.name();
        let (written, read): (Vec<_>, Vec<_>) = self
            .places
            .iter()
            .filter(other)
            .partition(|place| place.writes);
        let others = read
            .iter()
            .chain(&written)
            .map(|place| place.mirror.as_ref());
        let sources = std::iter::once(mirror).chain(others);
        let mut why = "none of them shows it".to_owned();
        for source in sources.filter(|source| self.holders.contains(source.name())) {
            let copying = adopt::copy(source, self.root, ours, self.now);
            match tokio::time::timeout(source.within(self.timeout), copying).await {
                Ok(Ok(copy)) if names(&copy.head, snapshot) => return Ok(copy),
                Ok(Ok(_)) => why = format!("{} holds an older one", source.name()),
                Ok(Err(error)) => why = format!("{}: {error}", source.name()),
                Err(_) => why = format!("{} took too long", source.name()),
            }
        }
        Err(MirrorFailure::NoSource {
            snapshot: self.best.snapshot,
            why,
        })
    }

    /// What the mirror holds before it is written to: what is no longer named is to go.
    async fn before(&self, mirror: &dyn Mirror, known: Option<&Known>) -> Head {
        if let Some(known) = known {
            return Head::clone(&known.head);
        }
        let reading = adopt::signed(mirror, self.root, self.now);
        match tokio::time::timeout(mirror.within(self.timeout), reading).await {
            Ok(Ok(copy)) => copy.head,
            // Empty, or nothing that anybody signed.
            _ => Head::founded(BTreeMap::new(), self.now),
        }
    }
}

fn names(head: &Head, snapshot: &Target) -> bool {
    head.metadata.get(&head.snapshot_path()) == Some(snapshot)
}

/// What is to be done so that a mirror of which this is known holds what `head` names.
fn plan(head: &Head, files: Vec<File>, known: Option<&Known>) -> Plan {
    let mut plan = Plan {
        whole: known.is_none(),
        ..Plan::default()
    };
    let snapshot = head.snapshot_path();
    let mut targets = BTreeMap::new();
    for file in files {
        if file.path == snapshot {
            plan.steps[2].push(file);
        } else if head.metadata.contains_key(&file.path) {
            plan.steps[1].push(file);
        } else {
            targets.insert(file.path.clone(), file);
        }
    }
    for (name, role) in &head.roles {
        let there = known.and_then(|known| known.head.roles.get(name));
        for (path, target) in role.missing_from(there) {
            if let Some(file) = targets.get(&target_path(path, target)) {
                plan.steps[4].push(File {
                    path: path.clone(),
                    bytes: Arc::clone(&file.bytes),
                });
            }
        }
    }
    plan.steps[0] = targets.into_values().collect();
    plan
}
