//! What receivers were told about groups of alerts, and what people note about them.

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::command::Command;
use crate::event::{Event, GroupAcknowledged, GroupAssigned, GroupCommented};
use crate::told::Delivered;

/// Longest comment, in characters.
const MAX_COMMENT: usize = 10_000;

/// Longest acknowledgement, in milliseconds: 30 days.
const MAX_ACKNOWLEDGED_MS: i64 = 30 * 86_400_000;

pub(super) fn told(mut draft: Draft<'_>, delivered: &[Delivered]) -> Decision {
    if !delivered.is_empty() {
        draft.emit(Event::NotificationsSent(delivered.to_vec()));
    }
    draft.decision
}

pub(super) fn note(mut draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::AcknowledgeGroup {
            group,
            until_ms,
            comment,
            by,
        } => {
            let now_ms = draft.now_ms;
            let until_ms = until_ms.unwrap_or(now_ms);
            if until_ms - now_ms > MAX_ACKNOWLEDGED_MS {
                return Err(Refusal::Invalid(
                    "an acknowledgement lasts 30 days at most; use a silence for what is known for longer".into(),
                ));
            }
            draft.emit(GroupAcknowledged {
                group: *group,
                until_ms,
                by: by.clone(),
            });
            if !comment.trim().is_empty() {
                draft.emit(GroupCommented {
                    group: *group,
                    text: bounded(comment)?,
                    by: by.clone(),
                });
            }
        }
        Command::AssignGroup { group, to, by } => {
            if let Some(person) = to {
                draft.responder(person)?;
            }
            draft.emit(GroupAssigned {
                group: *group,
                to: to.clone(),
                by: by.clone(),
            });
        }
        Command::CommentGroup { group, text, by } => {
            let text = bounded(text)?;
            if text.is_empty() {
                return Err(Refusal::Invalid("the comment is empty".into()));
            }
            draft.emit(GroupCommented {
                group: *group,
                text,
                by: by.clone(),
            });
        }
        _ => return Err(Refusal::Invalid("not about a group".into())),
    }
    Ok(draft.decision)
}

fn bounded(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAX_COMMENT {
        return Err(Refusal::Invalid(format!(
            "a comment has at most {MAX_COMMENT} characters"
        )));
    }
    Ok(text.to_owned())
}
