//! What pages show, read from the state at once.

mod alerts;
mod incident;
mod people;
mod report;
mod timeline;

pub(super) use alerts::{AlertView, Unmapped};
pub(super) use incident::{IncidentView, Moment, page_to_pass, timestamp, waiting_page};
pub(super) use people::{OnCall, choices, on_call};
pub(super) use report::{ACTION_ROWS, FIELDS, ReportView};
pub(super) use timeline::lines;
