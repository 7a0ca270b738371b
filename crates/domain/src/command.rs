//! What people, programs and clocks ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alert::{Alert, Fingerprint};
use crate::announcement::{DenialWord, Filled, MaintenanceWord, Reason};
use crate::bulletin::{Impact, PublicStatus};
use crate::bundle::Bundle;
use crate::drill::Scorecard;
use crate::event::DeliveryOutcome;
use crate::heartbeat::Beat;
use crate::ids::{
    DenialId, HandoffId, IncidentId, MaintenanceId, PageId, PersonId, ServiceId, SourceId,
    TemplateId,
};
use crate::incident::{CauseClass, Report, Role};
use crate::page::Via;
use crate::routing::GroupId;
use crate::severity::Severity;
use crate::silence::{SilenceId, Wanted};
use crate::told::Delivered;

/// A request for a decision in one world.
#[derive(Clone, Debug)]
pub enum Command {
    /// Alerts arrived; times are resolved and no fingerprint is repeated.
    ReceiveAlerts(Vec<Arc<Alert>>),
    /// A person declares an incident.
    Declare {
        /// What is broken.
        service: ServiceId,
        /// One line.
        title: String,
        /// How bad; `None` when the person is unsure.
        severity: Option<Severity>,
        /// How much of it fails.
        impact: Impact,
        /// What kind of cause.
        cause: CauseClass,
        /// Who.
        by: PersonId,
    },
    /// A person answers a page.
    AnswerPage {
        /// Which.
        page: PageId,
        /// "I have it", or "not me".
        accept: bool,
        /// Why not.
        reason: String,
        /// How it reached us.
        via: Via,
    },
    /// "I lead": takes the command when nobody has it.
    TakeCommand {
        /// Which incident.
        incident: IncidentId,
        /// Who.
        by: PersonId,
    },
    /// A role is offered to somebody.
    OfferHandoff {
        /// Which incident.
        incident: IncidentId,
        /// Which role.
        role: Role,
        /// To whom.
        to: PersonId,
        /// Why.
        reason: String,
        /// Who offers it.
        by: PersonId,
    },
    /// An offer is answered in the console or by the API.
    AnswerHandoff {
        /// Which incident.
        incident: IncidentId,
        /// Which offer.
        handoff: HandoffId,
        /// Yes or no.
        accept: bool,
        /// Why not.
        reason: String,
        /// Who answers.
        by: PersonId,
    },
    /// "Get help": the next level is paged now.
    GetHelp {
        /// Which incident.
        incident: IncidentId,
        /// Who asks.
        by: PersonId,
    },
    /// The severity is judged anew.
    SetSeverity {
        /// Which incident.
        incident: IncidentId,
        /// How bad.
        severity: Severity,
        /// Why.
        reason: String,
        /// Who.
        by: PersonId,
    },
    /// The kind of cause is revised.
    SetCause {
        /// Which incident.
        incident: IncidentId,
        /// What kind.
        cause: CauseClass,
        /// Who.
        by: PersonId,
    },
    /// A note on the timeline.
    AddNote {
        /// Which incident.
        incident: IncidentId,
        /// What.
        text: String,
        /// Who.
        by: PersonId,
    },
    /// A public update.
    PublishUpdate {
        /// About which incident.
        incident: IncidentId,
        /// From which approved text.
        template: TemplateId,
        /// What was filled in.
        values: BTreeMap<String, String>,
        /// Where it stands; `None` for the template's own.
        status: Option<PublicStatus>,
        /// When the next word comes, in milliseconds since the epoch; `None` for the rule's.
        next_update_ms: Option<i64>,
        /// Who.
        by: PersonId,
    },
    /// A published update is put right by a further one. The earlier one stays, marked.
    CorrectUpdate {
        /// About which incident.
        incident: IncidentId,
        /// Which update.
        number: u32,
        /// What is said instead.
        text: Filled,
        /// Where it stands; `None` for what was said last.
        status: Option<PublicStatus>,
        /// When the next word comes, in milliseconds since the epoch; `None` for the rule's.
        next_update_ms: Option<i64>,
        /// Who.
        by: PersonId,
    },
    /// A published update is taken back. It stays, marked, and the reason is published.
    WithdrawUpdate {
        /// About which incident.
        incident: IncidentId,
        /// Which update.
        number: u32,
        /// Why.
        reason: Reason,
        /// Who.
        by: PersonId,
    },
    /// Something is said about announced work.
    SpeakOfMaintenance(MaintenanceWord),
    /// A statement about announced work is taken back.
    WithdrawMaintenance {
        /// About which work.
        id: MaintenanceId,
        /// Which statement.
        number: u32,
        /// Why.
        reason: Reason,
        /// Who.
        by: PersonId,
    },
    /// Something is said about a false message.
    SpeakOfDenial(DenialWord),
    /// A statement about a false message is taken back.
    WithdrawDenial {
        /// About which message.
        id: DenialId,
        /// Which statement.
        number: u32,
        /// Why.
        reason: Reason,
        /// Who.
        by: PersonId,
    },
    /// It is over.
    Resolve {
        /// Which incident.
        incident: IncidentId,
        /// Who.
        by: PersonId,
    },
    /// A representative confirmed that it is over.
    Confirm {
        /// Which incident.
        incident: IncidentId,
        /// Who confirmed.
        representative: String,
        /// Who records it.
        by: PersonId,
    },
    /// The report is written.
    WriteReport {
        /// Of which incident.
        incident: IncidentId,
        /// The whole report.
        report: Report,
        /// Who.
        by: PersonId,
    },
    /// The incident is closed.
    Close {
        /// Which.
        incident: IncidentId,
        /// Who.
        by: PersonId,
    },
    /// A worker reports how a delivery went.
    RecordDelivery {
        /// Which page.
        page: PageId,
        /// The derived outward key.
        key: String,
        /// By which channel.
        channel: String,
        /// How.
        outcome: DeliveryOutcome,
    },
    /// The publisher reports how a push went.
    RecordPush {
        /// The mirror's name.
        mirror: String,
        /// Version of the snapshot.
        snapshot: u64,
        /// What went wrong.
        error: Option<String>,
    },
    /// Time passed: whatever is due happens.
    Tick {
        /// Alerts that nobody spoke for any more; found by the caller, checked again here.
        silent: Vec<Fingerprint>,
        /// Alerts that nothing keeps quiet any more; found by the caller, checked again here.
        released: Vec<Fingerprint>,
    },
    /// A heartbeat came, or word of a run.
    Beat {
        /// From which source.
        source: SourceId,
        /// What it said.
        beat: Beat,
        /// Since when senders are heard without a break, in milliseconds since the epoch: a run that began before may
        /// have said so in vain.
        heard_since_ms: i64,
    },
    /// Heartbeats did not come, or are waited for no more; found by the caller, checked again here.
    JudgeHeartbeats(Vec<SourceId>),
    /// A silence is asked for, or changed.
    SetSilence {
        /// Which one is changed; `None` for a new one.
        id: Option<SilenceId>,
        /// The name of a new one, also when the change would alter what was.
        fresh: SilenceId,
        /// What is asked for.
        wanted: Wanted,
        /// Who: a person, or the sender of the request.
        by: String,
    },
    /// A silence is ended before its time.
    EndSilence {
        /// Which.
        id: SilenceId,
        /// Who.
        by: String,
    },
    /// Messages about groups of alerts were delivered.
    RecordNotifications(Vec<Delivered>),
    /// Somebody has a group of alerts, or gives it back.
    AcknowledgeGroup {
        /// Which.
        group: GroupId,
        /// Until when, in milliseconds since the epoch; `None` takes it back.
        until_ms: Option<i64>,
        /// What was said along with it; may be empty.
        comment: String,
        /// Who.
        by: String,
    },
    /// A group of alerts is given to somebody.
    AssignGroup {
        /// Which.
        group: GroupId,
        /// To whom; nobody takes it back.
        to: Option<PersonId>,
        /// Who gives it.
        by: String,
    },
    /// Something is said about a group of alerts.
    CommentGroup {
        /// Which.
        group: GroupId,
        /// What.
        text: String,
        /// Who.
        by: String,
    },
    /// The first entry of a journal.
    Found {
        /// SHA-256 of the instance key, hex.
        key_fingerprint: String,
    },
    /// A configuration is submitted.
    Apply {
        /// The files.
        bundle: Bundle,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// A drill begins. Decided in the drill's own, new world.
    StartDrill {
        /// What is played.
        scenario: String,
        /// Who starts it.
        by: PersonId,
        /// How much faster than life.
        pace: u32,
    },
    /// A drill ends.
    FinishDrill {
        /// How it went.
        scorecard: Scorecard,
    },
    /// A payload is to be erased.
    Erase {
        /// Whose.
        seq: u64,
        /// Why.
        reason: String,
        /// Who asked.
        by: String,
    },
    /// The wall clock jumped.
    RecordClockJump {
        /// By so many milliseconds.
        by_ms: i64,
    },
}
