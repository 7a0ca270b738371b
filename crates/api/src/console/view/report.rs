//! The report as a form and as text.

use serde::Serialize;
use stentor_domain::incident::Report;
use stentor_domain::organisation::Organisation;

/// A part of the report: its name in forms, its heading, what to write there, and where it lies.
type Field = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Report) -> &String,
);

/// The parts of the report in their order.
pub(in crate::console) const FIELDS: [Field; 5] = [
    (
        "summary",
        "What happened",
        "To whom, how long, how bad, in a paragraph.",
        |r| &r.summary,
    ),
    (
        "causes",
        "Causes",
        "What led to it, and what made it worse. Things, not people.",
        |r| &r.causes,
    ),
    ("mitigation", "What ended it", "", |r| &r.mitigation),
    (
        "detection_gaps",
        "What we noticed late, or not at all",
        "",
        |r| &r.detection_gaps,
    ),
    ("lucky", "Where we got lucky", "", |r| &r.lucky),
];

/// Rows for actions in the form.
pub(in crate::console) const ACTION_ROWS: usize = 12;

/// Empty rows offered beyond those in use.
const SPARE_ROWS: usize = 2;

#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct ReportView {
    fields: Vec<FieldView>,
    actions: Vec<ActionView>,
    no_action_reason: String,
    missing: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct FieldView {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    text: String,
}

#[derive(Clone, Debug, Default, Serialize)]
struct ActionView {
    what: String,
    owner: String,
    owner_name: String,
    due: String,
}

impl ReportView {
    /// The report as it stands; `editable` adds empty rows.
    pub(super) fn new(organisation: &Organisation, report: &Report, editable: bool) -> Self {
        let fields = FIELDS.iter().map(|(name, label, hint, text)| FieldView {
            name,
            label,
            hint,
            text: text(report).clone(),
        });
        let actions = report.actions.iter().map(|a| ActionView {
            what: a.what.clone(),
            owner: a.owner.to_string(),
            owner_name: organisation.person_name(&a.owner).to_owned(),
            due: a.due.clone(),
        });
        let mut actions: Vec<_> = actions.collect();
        if editable {
            let rows = (actions.len() + SPARE_ROWS).min(ACTION_ROWS.max(actions.len()));
            actions.resize_with(rows, ActionView::default);
        }
        Self {
            fields: fields.collect(),
            actions,
            no_action_reason: report.no_action_reason.clone(),
            missing: report.missing(),
        }
    }
}
