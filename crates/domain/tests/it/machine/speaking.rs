//! Random words to the public: corrections, withdrawals, announced work, false messages.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use stentor_domain::announcement::{DenialWord, Filled, MaintenanceWord, Reason};
use stentor_domain::bulletin::{MaintenanceStatus, PublicStatus};
use stentor_domain::command::Command;
use stentor_domain::ids::{DenialId, MaintenanceId};

use super::steps::{incident, person};
use crate::story::ms;

fn reason() -> Reason {
    Reason {
        text: "It was not so.".into(),
        translations: BTreeMap::new(),
    }
}

/// A text with every blank filled that any text asks for and this one has.
fn filled(template: &str) -> Filled {
    let blanks: &[&str] = match template {
        "resolved" => &["data"],
        "denial" | "denial-over" => &["topic", "claim", "truth"],
        _ => &[],
    };
    let values = blanks
        .iter()
        .map(|name| ((*name).to_owned(), "Said.".to_owned()));
    Filled {
        template: template.into(),
        values: values.collect(),
    }
}

fn number() -> impl Strategy<Value = u32> {
    1..5_u32
}

fn corrects() -> impl Strategy<Value = Option<u32>> {
    proptest::option::weighted(0.3, number())
}

pub(super) fn speaking() -> impl Strategy<Value = Command> {
    prop_oneof![mending(), working(), denying()]
}

fn mending() -> impl Strategy<Value = Command> {
    let template = select(vec!["first", "update", "resolved"]);
    let status = proptest::option::weighted(0.2, select(PublicStatus::ALL.to_vec()));
    let correct = (incident(), number(), template, status, person());
    let correct =
        correct.prop_map(
            |(incident, number, template, status, by)| Command::CorrectUpdate {
                incident,
                number,
                text: filled(template),
                status,
                next_update_ms: None,
                by: by.into(),
            },
        );
    let withdraw = (incident(), number(), person());
    let withdraw = withdraw.prop_map(|(incident, number, by)| Command::WithdrawUpdate {
        incident,
        number,
        reason: reason(),
        by: by.into(),
    });
    prop_oneof![correct, withdraw]
}

fn working() -> impl Strategy<Value = Command> {
    let template = select(vec![
        "maintenance",
        "maintenance-now",
        "maintenance-over",
        "first",
    ]);
    let status = proptest::option::weighted(0.4, select(MaintenanceStatus::ALL.to_vec()));
    let id = proptest::option::weighted(0.7, 1..3_u32);
    let service = select(vec!["website", "login", "nobody"]);
    let begin = proptest::option::weighted(0.5, 0..100_000_000_i64);
    let word = (id, template, status, service, begin, corrects(), person());
    let word = word.prop_map(|(id, template, status, service, begin, corrects, by)| {
        Command::SpeakOfMaintenance(MaintenanceWord {
            id: id.map(MaintenanceId),
            services: vec![service.into()],
            starts_ms: begin.map(|at| ms("00:00") + at),
            ends_ms: begin.map(|at| ms("00:00") + 2 * at),
            status,
            text: filled(template),
            corrects,
            by: by.into(),
        })
    });
    let withdraw = (1..3_u32, number(), person());
    let withdraw = withdraw.prop_map(|(id, number, by)| Command::WithdrawMaintenance {
        id: MaintenanceId(id),
        number,
        reason: reason(),
        by: by.into(),
    });
    prop_oneof![4 => word, 1 => withdraw]
}

fn denying() -> impl Strategy<Value = Command> {
    let template = select(vec!["denial", "denial-over"]);
    let circulates = proptest::option::weighted(0.3, any::<bool>());
    let id = proptest::option::weighted(0.7, 1..3_u32);
    let word = (id, template, circulates, corrects(), person());
    let word = word.prop_map(|(id, template, circulates, corrects, by)| {
        Command::SpeakOfDenial(DenialWord {
            id: id.map(DenialId),
            seen_at: vec!["a mail".into()],
            circulates,
            text: filled(template),
            corrects,
            by: by.into(),
        })
    });
    let withdraw = (1..3_u32, number(), person());
    let withdraw = withdraw.prop_map(|(id, number, by)| Command::WithdrawDenial {
        id: DenialId(id),
        number,
        reason: reason(),
        by: by.into(),
    });
    prop_oneof![4 => word, 1 => withdraw]
}
