//! Years of incidents, put into a journal at once: through the store, in large groups, without an engine.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_domain::alert::{Alert, AlertGroup, Fingerprint};
use stentor_domain::bulletin::{Impact, PublicStatus, Section, StatusUpdate};
use stentor_domain::event::{
    DeliveryOutcome, DeliveryRecorded, EscalationMoved, Event, IncidentClosed, IncidentOpened,
    IncidentResolved, PageAcknowledged, PageIssued, RoleTaken, UpdatePublished,
};
use stentor_domain::ids::{IncidentId, PageId};
use stentor_domain::incident::{CauseClass, Role};
use stentor_domain::labels::Labels;
use stentor_domain::page::{PageCause, Via};
use stentor_domain::severity::Severity;
use stentor_domain::world::World;
use stentor_sqlite::SqliteStore;
use stentor_store::{Entry, Journal};

use crate::clock::now;
use crate::failure::{Failure, trying};

/// Entries in a transaction.
const GROUP: usize = 10_000;

/// Appends entries to the journal of a data directory whose node does not run, until it holds `total` or there are no
/// more.
pub(crate) fn fill(
    database: &Path,
    total: u64,
    mut events: impl Iterator<Item = Event>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(trying("a runtime"))?;
    runtime.block_on(async {
        let store = SqliteStore::open(database).await?;
        let now_ms = now().as_millisecond();
        loop {
            let mut group = store.begin().await?;
            let mut head = group.head();
            let mut entries = Vec::new();
            while head.seq < total && entries.len() < GROUP {
                let Some(event) = events.next() else { break };
                let (kind, version) = event.kind();
                let mut salt = [0; 16];
                getrandom::fill(&mut salt).map_err(|e| Failure::Unexpected(e.to_string()))?;
                let bytes = event.encode();
                let entry = Entry::seal(head, now_ms, World::Live, kind, version, salt, bytes);
                head = entry.head();
                entries.push(entry);
            }
            if entries.is_empty() {
                return Ok(());
            }
            group.append(&entries, &[]).await?;
            group.commit().await?;
        }
    })
}

/// Incidents without end, each from the first alert to the last, as the engine would have journaled them.
pub(crate) fn incidents() -> impl Iterator<Item = Event> {
    let now_ms = now().as_millisecond();
    (1..).flat_map(move |n| incident(n, now_ms))
}

/// So many incidents of which the public was told, all over.
pub(crate) fn told(count: u32) -> impl Iterator<Item = Event> {
    let now_ms = now().as_millisecond();
    (1..=count).flat_map(move |n| {
        let [opened, .., resolved, closed] = incident(n, now_ms);
        let said = |number, status, next_update_ms| {
            let section = |heading: &str| Section {
                heading: heading.to_owned(),
                text: format!(
                    "What is to be said here of incident {n} takes two sentences or so. This is the second one."
                ),
            };
            UpdatePublished {
                incident: IncidentId(n),
                template: "update".into(),
                components: vec!["Website".to_owned()],
                impact: Impact::Partial,
                update: StatusUpdate {
                    number,
                    published_ms: now_ms,
                    status,
                    title: format!("Website: problem {n}"),
                    sections: ["affected", "do", "known", "tried", "next"].map(section).into(),
                    next_update_ms,
                    translations: BTreeMap::new(),
                    mends: None,
                },
                by: "ada".into(),
            }
            .into()
        };
        [
            opened,
            said(1, PublicStatus::Investigating, Some(now_ms + 3_600_000)),
            said(2, PublicStatus::Resolved, None),
            resolved,
            closed,
        ]
    })
}

/// An incident from the first alert to the end.
fn incident(n: u32, now_ms: i64) -> [Event; 10] {
    let (incident, page) = (IncidentId(n), PageId(n));
    let ada = || "ada".into();
    let alerts = |ends_ms| {
        Event::AlertsChanged(vec![AlertGroup {
            service: "website".into(),
            incident: Some(incident),
            alerts: vec![alert(n, now_ms, ends_ms).into()],
        }])
    };
    [
        IncidentOpened {
            id: incident,
            service: "website".into(),
            title: format!("Website: host {n} is down"),
            severity: Severity::Sev2,
            impact: Impact::Partial,
            cause: CauseClass::Unknown,
            by: None,
            follows: None,
            policy: None,
        }
        .into(),
        alerts(now_ms + 300_000),
        EscalationMoved {
            incident,
            policy: "default".into(),
            level: 0,
            round: 0,
        }
        .into(),
        PageIssued {
            id: page,
            incident,
            person: ada(),
            cause: PageCause::Escalation { level: 0, round: 0 },
        }
        .into(),
        DeliveryRecorded {
            page,
            incident,
            key: format!("{n:032x}"),
            channel: "webhook".into(),
            outcome: DeliveryOutcome::Delivered {
                detail: "https://push.example.org answered 200".into(),
            },
        }
        .into(),
        PageAcknowledged {
            id: page,
            incident,
            person: ada(),
            via: Via::Link,
        }
        .into(),
        RoleTaken {
            incident,
            role: Role::Commander,
            person: ada(),
            handoff: None,
        }
        .into(),
        alerts(now_ms),
        IncidentResolved {
            incident,
            by: ada(),
        }
        .into(),
        IncidentClosed {
            incident,
            by: ada(),
            by_silence: true,
        }
        .into(),
    ]
}

fn alert(n: u32, starts_ms: i64, ends_ms: i64) -> Alert {
    let instance = format!("host-{n:07}.example.org:9100");
    let summary = format!("host {n} is down");
    let labels = Labels::from_pairs(&mut vec![
        ("alertname", "Bench"),
        ("instance", &instance),
        ("job", "website"),
        ("severity", "page"),
    ]);
    Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::from_pairs(&mut vec![("summary", &summary)]),
        starts_ms,
        ends_ms,
        generator_url: "http://prom.example.org/graph?g0.expr=up%3D%3D0".into(),
        ends_by_timeout: false,
    }
}
