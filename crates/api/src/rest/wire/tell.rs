//! From the domain's types to those of answers.

use stentor_domain::{bulletin, drill, incident, page, timeline};
use stentor_engine::{
    ApiToken, Done, InboxMessage, IncidentRow, LaneHealth, MirrorHealth, TimelineRow,
};

use super::told::*;
use super::{Mended, time, translated};

impl From<Done> for Acted {
    fn from(done: Done) -> Self {
        Self {
            incident: done.incident.map(|i| i.0),
            handoff: done.handoff.map(|h| h.0),
            maintenance: done.maintenance.map(|m| m.0),
            denial: done.denial.map(|d| d.0),
        }
    }
}

impl From<IncidentRow> for Summary {
    fn from(row: IncidentRow) -> Self {
        Self {
            id: row.id,
            service: row.service,
            severity: row.severity,
            phase: row.phase,
            opened_at: time(row.opened_ms),
            closed_at: row.closed_ms.map(time),
            title: row.title,
        }
    }
}

/// What an incident is told with.
pub(in crate::rest) struct Around {
    pub(in crate::rest) phase: String,
    pub(in crate::rest) pages: Vec<page::Page>,
    pub(in crate::rest) updates: Vec<bulletin::StatusUpdate>,
    pub(in crate::rest) timeline: Vec<TimelineRow>,
    pub(in crate::rest) now_ms: i64,
}

impl Incident {
    pub(in crate::rest) fn tell(known: incident::Incident, around: Around) -> Self {
        let leaderless_ms = known.leaderless_until(around.now_ms);
        Self {
            id: known.id.0,
            service: known.service.to_string(),
            title: known.title,
            phase: around.phase,
            severity: known.severity.into(),
            impact: known.impact.into(),
            cause: known.cause.into(),
            opened_at: time(known.opened_ms),
            resolved_at: known.resolved_ms.map(time),
            declared_by: known.declared_by.map(|p| p.to_string()),
            firing: known.firing,
            alerts: known.alerts,
            roles: known.roles.into_iter().map(Into::into).collect(),
            leaderless_seconds: leaderless_ms / 1000,
            escalation: known.escalation.map(Into::into),
            handoffs: known.handoffs.into_values().map(Into::into).collect(),
            pages: around.pages.into_iter().map(Into::into).collect(),
            promise: known.promise.map(|promise| Promise {
                due_at: time(promise.due_ms),
                broken: promise.broken,
            }),
            promises_kept: known.kept,
            promises_broken: known.broken,
            updates: statements(around.updates),
            confirmed_by: known.confirmed_by,
            report: known.report.into(),
            follows: known.follows.map(|i| i.0),
            timeline: around.timeline.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<(incident::Role, incident::Holder)> for Holder {
    fn from((role, holder): (incident::Role, incident::Holder)) -> Self {
        Self {
            role: role.into(),
            person: holder.person.to_string(),
            since: time(holder.since_ms),
        }
    }
}

impl From<incident::Escalation> for Escalation {
    fn from(escalation: incident::Escalation) -> Self {
        Self {
            policy: escalation.policy.to_string(),
            level: escalation.level + 1,
            round: escalation.round + 1,
            paged_at: time(escalation.paged_ms),
            progress: escalation.progress.into(),
        }
    }
}

impl From<incident::Handoff> for Handoff {
    fn from(handoff: incident::Handoff) -> Self {
        Self {
            id: handoff.id.0,
            role: handoff.role.into(),
            to: handoff.to.to_string(),
            by: handoff.by.map(|p| p.to_string()),
            reason: handoff.reason,
            offered_at: time(handoff.offered_ms),
        }
    }
}

impl From<page::Page> for Page {
    fn from(page: page::Page) -> Self {
        let answer = match page.answer {
            page::PageAnswer::None => "none",
            page::PageAnswer::Acknowledged { .. } => "acknowledged",
            page::PageAnswer::Declined { .. } => "declined",
        };
        Self {
            id: page.id.0,
            person: page.person.to_string(),
            cause: timeline::cause(&page.cause),
            issued_at: time(page.issued_ms),
            answer: answer.to_owned(),
            delivered_by: page.delivered_by,
        }
    }
}

fn statements(updates: Vec<bulletin::StatusUpdate>) -> Vec<Statement> {
    let mends: Vec<_> = updates.iter().map(|u| (u.number, u.mends)).collect();
    let tell = |u: bulletin::StatusUpdate| {
        let standing = bulletin::Standing::of(u.number, mends.iter().copied());
        Statement {
            number: u.number,
            published_at: time(u.published_ms),
            status: u.status.into(),
            title: u.title,
            sections: u.sections.into_iter().map(section).collect(),
            next_update: u.next_update_ms.map(time),
            translations: translated(u.translations),
            mended: Mended::new(u.mends, standing),
        }
    };
    updates.into_iter().map(tell).collect()
}

pub(super) fn section(s: bulletin::Section) -> Section {
    Section {
        heading: s.heading,
        text: s.text,
    }
}

impl From<bulletin::Directory> for Directory {
    fn from(directory: bulletin::Directory) -> Self {
        let channel = |c: bulletin::OfficialChannel| Channel {
            kind: c.kind,
            name: c.name,
            address: c.address,
            note: c.note,
        };
        let security = directory.security;
        Self {
            channels: directory.channels.into_iter().map(channel).collect(),
            emergency: directory.emergency.into_iter().map(channel).collect(),
            security: security.map_or_else(Vec::new, |s| s.contact),
        }
    }
}

impl From<incident::Report> for ReportTold {
    fn from(report: incident::Report) -> Self {
        let missing = report.missing().into_iter().map(str::to_owned).collect();
        let action = |a: incident::Action| ActionTold {
            what: a.what,
            owner: a.owner.to_string(),
            due: a.due,
        };
        Self {
            missing,
            summary: report.summary,
            causes: report.causes,
            mitigation: report.mitigation,
            detection_gaps: report.detection_gaps,
            lucky: report.lucky,
            actions: report.actions.into_iter().map(action).collect(),
            no_action_reason: report.no_action_reason,
        }
    }
}

impl From<TimelineRow> for Line {
    fn from(row: TimelineRow) -> Self {
        Self {
            seq: row.seq,
            at: time(row.time_ms),
            kind: row.kind,
            actor: row.actor,
            text: row.text,
        }
    }
}

impl From<MirrorHealth> for Mirror {
    fn from(mirror: MirrorHealth) -> Self {
        Self {
            name: mirror.name,
            world: mirror.world.to_string(),
            snapshot: mirror.snapshot,
            confirmed_at: mirror.confirmed_ms.map(time),
            fresh_until: mirror.fresh_until_ms.map(time),
            word_at: mirror.word_ms.map(time),
            error: mirror.error,
        }
    }
}

impl From<LaneHealth> for Lane {
    fn from(lane: LaneHealth) -> Self {
        Self {
            lane: lane.lane.to_owned(),
            waiting: lane.waiting,
            oldest_seconds: lane.oldest_ms / 1000,
            last_error: lane.last_error,
        }
    }
}

impl Drill {
    pub(in crate::rest) fn tell(number: u32, known: &drill::Drill) -> Self {
        let check = |c: &drill::Check| Check {
            name: c.name.clone(),
            verdict: c.verdict.into(),
            detail: c.detail.clone(),
        };
        let scorecard = known.scorecard.as_ref();
        Self {
            number,
            world: stentor_domain::world::World::Drill(number).to_string(),
            scenario: known.scenario.clone(),
            by: known.by.to_string(),
            started_at: time(known.started_ms),
            scorecard: scorecard.map(|s| s.checks.iter().map(check).collect()),
        }
    }
}

impl From<InboxMessage> for Message {
    fn from(message: InboxMessage) -> Self {
        Self {
            at: time(message.time_ms),
            person: message.person,
            channel: message.channel,
            subject: message.subject,
            body: message.body,
        }
    }
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            person: token.person.to_string(),
            label: token.label,
            created_at: time(token.created_ms),
            expires_at: time(token.expires_ms),
        }
    }
}
