//! The fold of what was said in public, and of how long it stays on the page.

use crate::bulletin::{PublicStatus, StatusUpdate};
use crate::event::{DenialSaid, MaintenanceSaid, UpdatePublished, UpdateWithdrawn};
use crate::incident::Promise;
use crate::page::PageCause;
use crate::state::{Announced, Denied, Disclosed, PUBLIC_HISTORY_MS, WorldState};

impl WorldState {
    pub(crate) fn fold_update(&mut self, now_ms: i64, e: &UpdatePublished) {
        let said = self
            .disclosed
            .entry(e.incident)
            .or_insert_with(|| Disclosed {
                components: Vec::new(),
                impact: e.impact,
                updates: Vec::new(),
            });
        said.components.clone_from(&e.components);
        said.impact = e.impact;
        said.updates.push(e.update.clone());
        if let Some(incident) = self.incidents.get_mut(&e.incident) {
            incident.promise = promise(now_ms, &e.update);
        }
        self.leave_page(now_ms);
    }

    pub(crate) fn fold_withdrawn(&mut self, now_ms: i64, e: &UpdateWithdrawn) {
        // Missing when the entry that disclosed it was erased.
        if let Some(said) = self.disclosed.get_mut(&e.incident) {
            said.updates.push(e.update.clone());
        }
        if let Some(incident) = self.incidents.get_mut(&e.incident) {
            // A withdrawal tells nothing new: a promise that still runs is neither kept nor made anew.
            let runs = |p: &Promise| !p.broken && Some(p.due_ms) == e.update.next_update_ms;
            if !incident.promise.as_ref().is_some_and(runs) {
                incident.promise = promise(now_ms, &e.update);
            }
        }
        self.leave_page(now_ms);
    }

    pub(crate) fn fold_maintenance(&mut self, now_ms: i64, e: &MaintenanceSaid) {
        self.last.maintenance = self.last.maintenance.max(e.id.0);
        let work = self.maintenance.entry(e.id).or_insert_with(|| Announced {
            components: Vec::new(),
            updates: Vec::new(),
            authors: Vec::new(),
            reminded_ms: None,
        });
        work.components.clone_from(&e.components);
        work.updates.push(e.update.clone());
        work.authors.push(e.by.clone());
        self.leave_page(now_ms);
    }

    pub(crate) fn fold_denial(&mut self, now_ms: i64, e: &DenialSaid) {
        self.last.denial = self.last.denial.max(e.id.0);
        let denied = self.denials.entry(e.id).or_insert_with(|| Denied {
            seen_at: Vec::new(),
            updates: Vec::new(),
            authors: Vec::new(),
        });
        denied.seen_at.clone_from(&e.seen_at);
        denied.updates.push(e.update.clone());
        denied.authors.push(e.by.clone());
        self.leave_page(now_ms);
    }

    /// What ended long ago leaves the page. What was published about it stays where it was published.
    fn leave_page(&mut self, now_ms: i64) {
        self.left_page_ms = now_ms;
        self.public_changes += 1;
        self.disclosed.retain(|_, said| said.is_on_page(now_ms));
        self.maintenance.retain(|_, work| work.is_on_page(now_ms));
        let work = &self.maintenance;
        self.pages.retain(|_, page| match page.cause {
            PageCause::MaintenanceDue { maintenance, .. } => work.contains_key(&maintenance),
            _ => true,
        });
        self.denials.retain(|_, denied| denied.is_on_page(now_ms));
    }

    /// The same at any other entry, at most once in an hour.
    pub(crate) fn leave_page_in_time(&mut self, now_ms: i64) {
        if now_ms - self.left_page_ms >= LEAVE_EVERY_MS {
            self.leave_page(now_ms);
        }
    }
}

/// Whether what ended at `ended_ms` is still on the page.
fn stays(ended_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(ended_ms) < PUBLIC_HISTORY_MS
}

impl Disclosed {
    /// Whether it is on the page at a time: it is not over, or not for long.
    pub(crate) fn is_on_page(&self, now_ms: i64) -> bool {
        let last = self.updates.last();
        last.is_some_and(|u| u.status != PublicStatus::Resolved || stays(u.published_ms, now_ms))
    }
}

impl Announced {
    /// Whether it is on the page at a time: it is not over, or not for long.
    pub(crate) fn is_on_page(&self, now_ms: i64) -> bool {
        let last = self.updates.last();
        last.is_some_and(|u| !u.status.is_over() || stays(u.published_ms, now_ms))
    }
}

impl Denied {
    /// Whether it is on the page at a time: it circulates, or did not long ago.
    pub(crate) fn is_on_page(&self, now_ms: i64) -> bool {
        let last = self.updates.last();
        last.is_some_and(|u| u.circulates || stays(u.published_ms, now_ms))
    }
}

/// How often it is looked what leaves the page when nothing is said, in milliseconds.
const LEAVE_EVERY_MS: i64 = 3_600_000;

fn promise(now_ms: i64, update: &StatusUpdate) -> Option<Promise> {
    update.next_update_ms.map(|due_ms| Promise {
        made_ms: now_ms,
        due_ms,
        reminded: false,
        broken: false,
    })
}
