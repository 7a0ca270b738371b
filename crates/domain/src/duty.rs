//! Whether a page still has to be sent: asked again just before it is (a stale page is not fired, REACH-5).

use crate::ids::{MaintenanceId, PageId};
use crate::incident::{Incident, Progress};
use crate::page::{Page, PageCause};
use crate::state::{Announced, WorldState};

/// What a page is about.
#[derive(Clone, Copy, Debug)]
pub enum PageAbout<'a> {
    /// An incident.
    Incident(&'a Incident),
    /// Announced work.
    Maintenance(MaintenanceId, &'a Announced),
}

impl WorldState {
    /// What a page is about, while that is open.
    #[must_use]
    pub fn page_about(&self, page: &Page) -> Option<PageAbout<'_>> {
        match page.cause {
            PageCause::MaintenanceDue { maintenance, .. } => {
                let work = self.maintenance.get(&maintenance)?;
                Some(PageAbout::Maintenance(maintenance, work))
            }
            _ => self.incidents.get(&page.incident).map(PageAbout::Incident),
        }
    }

    /// The page and what it is about, when sending it by `channel` still serves its purpose.
    #[must_use]
    pub fn page_due(&self, id: PageId, channel: &str) -> Option<(&Page, PageAbout<'_>)> {
        let page = self.pages.get(&id)?;
        let about = self.page_about(page)?;
        let sent = page.delivered_by.iter().any(|by| by == channel);
        let serves = match about {
            PageAbout::Incident(incident) => serves(page, incident),
            PageAbout::Maintenance(_, work) => is_unspoken(page, work),
        };
        (page.is_waiting() && !sent && serves).then_some((page, about))
    }
}

/// Whether nobody has said anything about the work since its announced time passed.
fn is_unspoken(page: &Page, work: &Announced) -> bool {
    let last = work.updates.last();
    let silent = last.is_some_and(|u| u.published_ms <= page.issued_ms && !u.status.is_over());
    matches!(page.cause, PageCause::MaintenanceDue { due_ms, .. } if work.reminded_ms == Some(due_ms))
        && silent
}

fn serves(page: &Page, incident: &Incident) -> bool {
    match page.cause {
        PageCause::Escalation { .. } => {
            let stopped = incident
                .escalation
                .as_ref()
                .is_some_and(|e| e.progress == Progress::Stopped);
            incident.is_open() && !stopped
        }
        PageCause::Handoff { handoff } => incident.handoffs.contains_key(&handoff),
        PageCause::PromiseDue { due_ms } => incident
            .promise
            .is_some_and(|p| p.due_ms == due_ms && !p.broken),
        PageCause::PromiseBroken { due_ms } => incident
            .promise
            .is_some_and(|p| p.due_ms == due_ms && p.broken),
        PageCause::Unsolved | PageCause::HandoffSuggested => incident.is_open(),
        PageCause::MaintenanceDue { .. } => false,
    }
}
