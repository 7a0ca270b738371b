//! Deciding: a command in a state becomes events, or is refused. Pure; the caller makes the events durable.

mod alerts;
mod closing;
mod denial;
mod draft;
mod due;
mod groups;
mod handoff;
mod heartbeats;
mod maintenance;
mod mend;
mod pages;
mod quiet;
mod record;
mod silences;
mod update;

use crate::alert::Fingerprint;
use crate::command::Command;
use crate::event::{Event, HeartbeatReceived};
use crate::ids::{DenialId, HandoffId, IncidentId, MaintenanceId};
use crate::silence::SilenceId;
use crate::state::State;
use crate::world::World;

use draft::Draft;
pub use due::{next_due_ms, silent_alerts};
pub use heartbeats::{Hearing, heartbeat_due_ms, missed_heartbeats};
pub use quiet::{released_alerts, silences_ending};

/// What was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// To be journaled, in order.
    pub events: Vec<Event>,
    /// Alerts that were merely sent again, with their new end: changes memory only.
    pub resent: Vec<(Fingerprint, i64)>,
    /// A heartbeat that tells nothing new: changes memory only.
    pub heard: Option<HeartbeatReceived>,
    /// The incident that the command was about or created.
    pub incident: Option<IncidentId>,
    /// The handoff that the command created.
    pub handoff: Option<HandoffId>,
    /// The silence that the command was about or created.
    pub silence: Option<SilenceId>,
    /// The announced work that the command was about or created.
    pub maintenance: Option<MaintenanceId>,
    /// The denied message that the command was about or created.
    pub denial: Option<DenialId>,
}

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It names something that does not exist, or no longer.
    #[error("{0}")]
    NotFound(String),
    /// The person may not.
    #[error("{0}")]
    NotAllowed(String),
    /// Not in this state.
    #[error("{0}")]
    Conflict(String),
    /// The request itself is wrong.
    #[error("{0}")]
    Invalid(String),
}

/// Decides `command` in `world` at `now_ms` (milliseconds since the epoch).
///
/// # Errors
/// A refusal that says what is wrong and what to do.
pub fn decide(
    state: &State,
    world: World,
    command: &Command,
    now_ms: i64,
) -> Result<Decision, Refusal> {
    let draft = match command {
        Command::Found { .. } | Command::Apply { .. } | Command::Erase { .. } => {
            return record::decide_node(state, world, command);
        }
        Command::StartDrill { .. } => return record::start_drill(state, world, command),
        _ => Draft::new(state, world, now_ms)?,
    };
    match command {
        Command::ReceiveAlerts(alerts) => Ok(alerts::receive(draft, alerts)),
        Command::Declare { .. } => alerts::declare(draft, command),
        Command::AnswerPage {
            page,
            accept,
            reason,
            via,
        } => pages::answer(draft, *page, *accept, reason, *via),
        Command::TakeCommand { incident, by } => pages::take_command(draft, *incident, by),
        Command::GetHelp { incident, by } => pages::get_help(draft, *incident, by),
        Command::OfferHandoff {
            incident,
            role,
            to,
            reason,
            by,
        } => handoff::offer(draft, *incident, *role, to, reason, by),
        Command::AnswerHandoff {
            incident,
            handoff,
            accept,
            reason,
            by,
        } => handoff::answer(draft, *incident, *handoff, *accept, reason, by),
        Command::SetSeverity { .. } | Command::SetCause { .. } | Command::AddNote { .. } => {
            record::judge(draft, command)
        }
        Command::PublishUpdate { .. }
        | Command::CorrectUpdate { .. }
        | Command::WithdrawUpdate { .. } => update::decide(draft, command),
        Command::SpeakOfMaintenance(word) => maintenance::speak(draft, word),
        Command::WithdrawMaintenance {
            id,
            number,
            reason,
            by,
        } => maintenance::withdraw(draft, *id, *number, reason, by),
        Command::SpeakOfDenial(word) => denial::speak(draft, word),
        Command::WithdrawDenial {
            id,
            number,
            reason,
            by,
        } => denial::withdraw(draft, *id, *number, reason, by),
        Command::Resolve { incident, by } => closing::resolve(draft, *incident, by),
        Command::Confirm {
            incident,
            representative,
            by,
        } => closing::confirm(draft, *incident, representative, by),
        Command::WriteReport {
            incident,
            report,
            by,
        } => closing::write_report(draft, *incident, report, by),
        Command::Close { incident, by } => closing::close(draft, *incident, by),
        Command::Tick { silent, released } => Ok(due::tick(draft, silent, released)),
        Command::Beat {
            source,
            beat,
            heard_since_ms,
        } => heartbeats::receive(draft, source, beat, *heard_since_ms),
        Command::JudgeHeartbeats(sources) => Ok(heartbeats::judge(draft, sources)),
        Command::SetSilence { .. } | Command::EndSilence { .. } => silences::decide(draft, command),
        Command::RecordNotifications(delivered) => Ok(groups::told(draft, delivered)),
        Command::AcknowledgeGroup { .. }
        | Command::AssignGroup { .. }
        | Command::CommentGroup { .. } => groups::note(draft, command),
        Command::RecordDelivery { .. }
        | Command::RecordPush { .. }
        | Command::FinishDrill { .. }
        | Command::RecordClockJump { .. } => record::outcome(draft, command),
        Command::Found { .. }
        | Command::Apply { .. }
        | Command::Erase { .. }
        | Command::StartDrill { .. } => unreachable!("handled above"),
    }
}
