//! The timeline, newest line first, with a heading for each day.

use jiff::Timestamp;
use serde::Serialize;
use stentor_domain::ids::PersonId;
use stentor_domain::organisation::Organisation;
use stentor_engine::TimelineRow;

#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct LineView {
    time_ms: i64,
    text: String,
    by_person: bool,
    /// The day, when this is its first line from the top.
    day: Option<String>,
}

/// Rows (oldest first) as lines (newest first).
pub(in crate::console) fn lines(
    organisation: &Organisation,
    rows: &[TimelineRow],
) -> Vec<LineView> {
    let mut last = None;
    rows.iter()
        .rev()
        .map(|row| {
            let day = day(row.time_ms);
            let heading = (last.as_ref() != Some(&day)).then(|| day.clone());
            last = Some(day);
            LineView {
                time_ms: row.time_ms,
                text: text(organisation, row),
                by_person: row.actor.is_some(),
                day: heading,
            }
        })
        .collect()
}

/// A note is what somebody wrote: it is told by whom.
fn text(organisation: &Organisation, row: &TimelineRow) -> String {
    match &row.actor {
        Some(actor) if row.kind == "incident.note" => {
            let person = PersonId::from(actor.as_str());
            format!("{}: {}", organisation.person_name(&person), row.text)
        }
        _ => row.text.clone(),
    }
}

fn day(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%A, %Y-%m-%d (UTC)")
        .to_string()
}
