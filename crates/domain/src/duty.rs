//! Whether a page still has to be sent: asked again just before it is (a stale page is not fired, REACH-5).

use crate::ids::PageId;
use crate::incident::{Incident, Progress};
use crate::page::{Page, PageCause};
use crate::state::WorldState;

impl WorldState {
    /// The page and its incident, when sending it by `channel` still serves its purpose.
    #[must_use]
    pub fn page_due(&self, id: PageId, channel: &str) -> Option<(&Page, &Incident)> {
        let page = self.pages.get(&id)?;
        let incident = self.incidents.get(&page.incident)?;
        let sent = page.delivered_by.iter().any(|by| by == channel);
        (page.is_waiting() && !sent && serves(page, incident)).then_some((page, incident))
    }
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
    }
}
