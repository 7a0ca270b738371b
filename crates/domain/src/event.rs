//! What an entry of the journal says: facts as they arrived, and decisions.
//!
//! Entries are never rewritten. A payload may gain fields (with `#[serde(default)]`); any other change is a new
//! version with a reader for the old one. An unknown kind stops the node: it is from a newer release.

#[macro_use]
mod kinds;
mod unreadable;

use serde::{Deserialize, Serialize};

use crate::alert::{self, AlertGroup, Fingerprint};
use crate::bulletin::{DenialUpdate, Impact, MaintenanceUpdate, StatusUpdate};
use crate::bundle::Bundle;
use crate::drill::Scorecard;
use crate::heartbeat::{Beat, Firing};
use crate::ids::{
    DenialId, HandoffId, IncidentId, MaintenanceId, PageId, PersonId, PolicyId, ServiceId,
    SourceId, TemplateId,
};
use crate::incident::{CauseClass, Report, Role};
pub use crate::outcome::{DeliveryOutcome, Ended};
use crate::page::{PageCause, Via};
use crate::routing::GroupId;
use crate::severity::Severity;
use crate::silence::{SilenceId, Wanted};
use crate::told::{self, Delivered};
pub use unreadable::Unreadable;

const ALERTS_CHANGED: (&str, u16) = ("alerts.changed", 1);

const NOTIFICATIONS_SENT: (&str, u16) = ("notifications.sent", 1);

/// An entry without its payload would be lost for ever, so what cannot happen stops the node rather than being written.
#[expect(
    clippy::expect_used,
    reason = "JSON refuses only maps with keys that are not text, and no event holds one; the golden journal proves it"
)]
fn json(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).expect("an event is JSON")
}

events! {
    /// The first entry: which key derives outward keys. A node with another key refuses to start.
    InstanceFounded = "instance.founded" 1 {
        /// SHA-256 of the instance key, hex.
        key_fingerprint: String,
    }
    /// A configuration came into force.
    BundleAccepted = "bundle.accepted" 1 {
        /// Its hash.
        hash: String,
        /// All of it: the journal stands by itself.
        bundle: Bundle,
        /// Who submitted it.
        by: String,
        /// Why.
        reason: String,
    }
    /// Alerts were sent again and last well beyond what is on record; nothing else about them changed.
    AlertsProlonged = "alerts.prolonged" 1 {
        /// Which, and their new ends in milliseconds since the epoch.
        ends: Vec<(Fingerprint, i64)>,
    }
    /// A silence was asked for, or changed.
    SilenceSet = "silence.set" 1 {
        /// Its name.
        id: SilenceId,
        /// What was asked for.
        wanted: Wanted,
        /// Who asked: a person, or the sender of a request.
        by: String,
    }
    /// A silence was ended before its time.
    SilenceEnded = "silence.ended" 1 {
        /// Which.
        id: SilenceId,
        /// Who ended it.
        by: String,
    }
    /// Somebody has a group of alerts; it is not told again for a while.
    GroupAcknowledged = "group.acknowledged" 1 {
        /// Which.
        group: GroupId,
        /// Until when, in milliseconds since the epoch; now or earlier takes an acknowledgement back.
        until_ms: i64,
        /// Who.
        by: String,
    }
    /// A group of alerts was given to somebody.
    GroupAssigned = "group.assigned" 1 {
        /// Which.
        group: GroupId,
        /// To whom; nobody takes it back.
        to: Option<PersonId>,
        /// Who gave it.
        by: String,
    }
    /// Something was said about a group of alerts.
    GroupCommented = "group.commented" 1 {
        /// Which.
        group: GroupId,
        /// What.
        text: String,
        /// Who.
        by: String,
    }
    /// Alerts ended because nobody spoke for them any more.
    AlertsExpired = "alerts.expired" 1 {
        /// Which.
        alerts: Vec<Fingerprint>,
        /// How many of each incident.
        #[serde(default)]
        ended: Vec<Ended>,
    }
    /// A heartbeat came, or word of a run.
    HeartbeatReceived = "heartbeat.received" 1 {
        /// From which source.
        source: SourceId,
        /// What it said.
        beat: Beat,
        /// Its alerts that fire from now on.
        firing: Vec<Firing>,
    }
    /// A heartbeat did not come, or is waited for no more.
    HeartbeatJudged = "heartbeat.judged" 1 {
        /// Of which source.
        source: SourceId,
        /// Its alerts that fire from now on.
        firing: Vec<Firing>,
        /// The runs that are not waited for any more; none names the one without a name.
        lost: Vec<Option<String>>,
        /// The source is no longer declared.
        retired: bool,
    }
    /// An incident began.
    IncidentOpened = "incident.opened" 1 {
        /// Its number.
        id: IncidentId,
        /// What is broken.
        service: ServiceId,
        /// One line.
        title: String,
        /// How bad.
        severity: Severity,
        /// How much of it fails.
        impact: Impact,
        /// What kind of cause.
        cause: CauseClass,
        /// Who declared it; none when alerts did.
        by: Option<PersonId>,
        /// A resolved, unclosed incident of the same service.
        follows: Option<IncidentId>,
        /// Who is paged instead of those whom the service names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<PolicyId>,
    }
    /// An incident got worse or was found to be less bad.
    SeverityChanged = "incident.severity" 1 {
        /// Which.
        incident: IncidentId,
        /// How bad now.
        severity: Severity,
        /// Who said so; none when an alert did.
        by: Option<PersonId>,
        /// Why.
        reason: String,
    }
    /// The kind of cause was revised.
    CauseRevised = "incident.cause" 1 {
        /// Which.
        incident: IncidentId,
        /// Now thought to be.
        cause: CauseClass,
        /// By whom.
        by: PersonId,
    }
    /// A level was paged.
    EscalationMoved = "escalation.moved" 1 {
        /// Which incident.
        incident: IncidentId,
        /// By which policy.
        policy: PolicyId,
        /// Index of the level.
        level: u32,
        /// Rounds completed before.
        round: u32,
    }
    /// Everybody was paged in every round, and nobody answered; or there is nobody to page.
    EscalationExhausted = "escalation.exhausted" 1 {
        /// Which incident.
        incident: IncidentId,
        /// By which policy.
        policy: PolicyId,
    }
    /// A person is to be paged.
    PageIssued = "page.issued" 1 {
        /// Its number.
        id: PageId,
        /// About what.
        incident: IncidentId,
        /// To whom.
        person: PersonId,
        /// Why.
        cause: PageCause,
    }
    /// "I have it."
    PageAcknowledged = "page.acknowledged" 1 {
        /// Which page.
        id: PageId,
        /// About what.
        incident: IncidentId,
        /// Who.
        person: PersonId,
        /// How it reached us.
        via: Via,
    }
    /// "Not me."
    PageDeclined = "page.declined" 1 {
        /// Which page.
        id: PageId,
        /// About what.
        incident: IncidentId,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
        /// How it reached us.
        via: Via,
    }
    /// How the delivery of a page by one channel ended, or that it is delayed.
    DeliveryRecorded = "delivery.recorded" 1 {
        /// Which page.
        page: PageId,
        /// About what.
        incident: IncidentId,
        /// The derived outward key.
        key: String,
        /// By which channel.
        channel: String,
        /// What happened.
        outcome: DeliveryOutcome,
    }
    /// Somebody plays a part from now on.
    RoleTaken = "role.taken" 1 {
        /// Which incident.
        incident: IncidentId,
        /// Which part.
        role: Role,
        /// Who.
        person: PersonId,
        /// The accepted handoff, if it came by one.
        handoff: Option<HandoffId>,
    }
    /// Somebody stopped playing a part and nobody took it over.
    RoleVacated = "role.vacated" 1 {
        /// Which incident.
        incident: IncidentId,
        /// Which part.
        role: Role,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    }
    /// A role was offered.
    HandoffOffered = "handoff.offered" 1 {
        /// Its number.
        id: HandoffId,
        /// Which incident.
        incident: IncidentId,
        /// Which role.
        role: Role,
        /// To whom.
        to: PersonId,
        /// Who offers it; none when a rule does.
        by: Option<PersonId>,
        /// Why.
        reason: String,
    }
    /// An offer was declined. An accepted one shows as the role taken.
    HandoffDeclined = "handoff.declined" 1 {
        /// Which offer.
        id: HandoffId,
        /// Which incident.
        incident: IncidentId,
        /// Who declined.
        person: PersonId,
        /// Why.
        reason: String,
    }
    /// The commander leads for long: a handoff was suggested.
    HandoffSuggested = "handoff.suggested" 1 {
        /// Which incident.
        incident: IncidentId,
        /// To whom it was suggested.
        person: PersonId,
    }
    /// A note by hand.
    NoteAdded = "incident.note" 1 {
        /// Which incident.
        incident: IncidentId,
        /// What.
        text: String,
        /// Who.
        by: PersonId,
    }
    /// A disclosure: this is public from now on.
    UpdatePublished = "update.published" 1 {
        /// Which incident.
        incident: IncidentId,
        /// The approved text it was made from.
        template: TemplateId,
        /// Names of the affected components.
        components: Vec<String>,
        /// How badly.
        impact: Impact,
        /// The statement.
        update: StatusUpdate,
        /// Who authorised it.
        by: PersonId,
    }
    /// A disclosure: an earlier statement was taken back, and why.
    UpdateWithdrawn = "update.withdrawn" 1 {
        /// About which incident.
        incident: IncidentId,
        /// The statement that takes it back.
        update: StatusUpdate,
        /// Who authorised it.
        by: PersonId,
    }
    /// A disclosure about announced work.
    MaintenanceSaid = "maintenance.said" 1 {
        /// About which work.
        id: MaintenanceId,
        /// The approved text it was made from; none when a statement was taken back.
        template: Option<TemplateId>,
        /// Names of the affected components.
        components: Vec<String>,
        /// The statement.
        update: MaintenanceUpdate,
        /// Who authorised it.
        by: PersonId,
    }
    /// The announced begin or end of work passed without a word; whoever announced it is reminded.
    MaintenanceReminded = "maintenance.reminded" 1 {
        /// Of which work.
        id: MaintenanceId,
        /// The time that passed, in milliseconds since the epoch.
        due_ms: i64,
    }
    /// A disclosure about a false message.
    DenialSaid = "denial.said" 1 {
        /// About which message.
        id: DenialId,
        /// The approved text it was made from; none when a statement was taken back.
        template: Option<TemplateId>,
        /// Where it was seen.
        seen_at: Vec<String>,
        /// The statement.
        update: DenialUpdate,
        /// Who authorised it.
        by: PersonId,
    }
    /// The keeper of a promise was reminded.
    PromiseReminded = "promise.reminded" 1 {
        /// Which incident.
        incident: IncidentId,
        /// When it is due, in milliseconds since the epoch.
        due_ms: i64,
    }
    /// The word came in time.
    PromiseKept = "promise.kept" 1 {
        /// Which incident.
        incident: IncidentId,
        /// When it was due, in milliseconds since the epoch.
        due_ms: i64,
    }
    /// The promised time passed without a word.
    PromiseBroken = "promise.broken" 1 {
        /// Which incident.
        incident: IncidentId,
        /// When it was due, in milliseconds since the epoch.
        due_ms: i64,
    }
    /// Unsolved for long: team and project manager are told (INC-4).
    IncidentUnsolved = "incident.unsolved" 1 {
        /// Which.
        incident: IncidentId,
    }
    /// It is over, as far as we know.
    IncidentResolved = "incident.resolved" 1 {
        /// Which.
        incident: IncidentId,
        /// Who said so.
        by: PersonId,
    }
    /// A representative of those affected confirmed that it is over (INC-11).
    IncidentConfirmed = "incident.confirmed" 1 {
        /// Which.
        incident: IncidentId,
        /// Who confirmed.
        representative: String,
        /// Who recorded it.
        by: PersonId,
    }
    /// The report was written or changed.
    ReportWritten = "report.written" 1 {
        /// Of which incident.
        incident: IncidentId,
        /// The whole report.
        report: Report,
        /// Who.
        by: PersonId,
    }
    /// Done.
    IncidentClosed = "incident.closed" 1 {
        /// Which.
        incident: IncidentId,
        /// Who.
        by: PersonId,
        /// By silence of the representatives rather than by their word.
        by_silence: bool,
    }
    /// The public word reached a mirror, or did not.
    WordPushed = "word.pushed" 1 {
        /// The mirror's name.
        mirror: String,
        /// Version of the snapshot.
        snapshot: u64,
        /// What went wrong; none when it was written and read back.
        error: Option<String>,
    }
    /// A payload was erased.
    PayloadErased = "payload.erased" 1 {
        /// Whose.
        seq: u64,
        /// Why.
        reason: String,
        /// Who asked for it.
        by: String,
    }
    /// A drill began; the first entry of its world.
    DrillStarted = "drill.started" 1 {
        /// Its number.
        number: u32,
        /// What is played.
        scenario: String,
        /// Who started it.
        by: PersonId,
        /// How much faster than life its clocks run.
        pace: u32,
    }
    /// A drill ended.
    DrillFinished = "drill.finished" 1 {
        /// How it went.
        scorecard: Scorecard,
    }
    /// The wall clock jumped against the monotonic one.
    ClockJumped = "clock.jumped" 1 {
        /// By so many milliseconds, forward if positive.
        by_ms: i64,
    }
}
