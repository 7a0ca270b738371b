//! The end of an incident: resolved, confirmed, reported, closed.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use stentor_domain::command::Command;
use stentor_domain::ids::PersonId;
use stentor_domain::incident::{Action, Report};

use super::act::act;
use super::paths::{self, Named};
use super::view::{ACTION_ROWS, FIELDS};
use crate::{App, Form, Problem};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for (rest, handler) in [
        ("/resolve", post(resolve)),
        ("/confirm", post(confirm)),
        ("/report", post(report)),
        ("/close", post(close)),
    ] {
        for path in paths::both(rest) {
            routes = routes.route(&path, handler.clone());
        }
    }
    routes
}

#[derive(Deserialize)]
struct Nothing {}

async fn resolve(
    State(app): State<App>,
    named: Named,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let command = Command::Resolve {
        incident: named.incident,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Confirmed {
    representative: String,
}

async fn confirm(
    State(app): State<App>,
    named: Named,
    form: Form<Confirmed>,
) -> Result<Response, Problem> {
    let representative = form.value.representative;
    let command = Command::Confirm {
        incident: named.incident,
        representative,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

type Fields = BTreeMap<String, String>;

async fn report(
    State(app): State<App>,
    named: Named,
    form: Form<Fields>,
) -> Result<Response, Problem> {
    let report = read_report(form.value);
    let command = Command::WriteReport {
        incident: named.incident,
        report,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

async fn close(
    State(app): State<App>,
    named: Named,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let command = Command::Close {
        incident: named.incident,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

/// The report that a form holds. A row without text is no action.
fn read_report(mut fields: Fields) -> Report {
    let mut take = |name: &str| {
        let text = fields.remove(name).unwrap_or_default();
        text.replace("\r\n", "\n").trim().to_owned()
    };
    let rows = (0..ACTION_ROWS).map(|row| Action {
        what: take(&format!("what_{row}")),
        owner: PersonId::from(take(&format!("owner_{row}")).as_str()),
        due: take(&format!("due_{row}")),
    });
    let actions = rows.filter(|action| !action.what.is_empty()).collect();
    let [summary, causes, mitigation, detection_gaps, lucky] = FIELDS.map(|(name, ..)| take(name));
    Report {
        summary,
        causes,
        mitigation,
        detection_gaps,
        lucky,
        actions,
        no_action_reason: take("no_action_reason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_from_its_form() {
        let fields = [
            ("summary", " It broke.\r\nFor an hour. "),
            ("causes", "a disk"),
            ("mitigation", "another disk"),
            ("detection_gaps", "none"),
            ("lucky", "it was Sunday"),
            ("what_0", ""),
            ("owner_0", "ada"),
            ("what_1", "watch the disk"),
            ("owner_1", "ben"),
            ("due_1", "2026-12-01"),
            ("no_action_reason", ""),
        ];
        let report = read_report(fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        assert_eq!(report.summary, "It broke.\nFor an hour.");
        assert_eq!(report.lucky, "it was Sunday");
        assert_eq!(report.actions.len(), 1);
        assert_eq!(report.actions[0].owner.as_str(), "ben");
        assert_eq!(report.missing(), Vec::<&str>::new());
    }
}
