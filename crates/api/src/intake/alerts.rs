//! `GET /api/v2/alerts` and `/api/v2/alerts/groups`: what fires, as Alertmanager tells it, and pages of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, header};
use serde::Serialize;
use stentor_formats::alertmanager::{AlertGroup, AlertStatus, GettableAlert, Receiver};

use super::sender::Sender;
use super::text::bad_query;
use crate::firing::{Look, Query, Row};
use crate::{App, Problem};

/// How many there are in all, of which a page is told.
const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

pub(super) async fn alerts(
    State(app): State<App>,
    _sender: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref().unwrap_or_default()).map_err(bad_query)?;
    tell(app, move |app| {
        let found = Look::of(app).alerts(&app.engine, &query);
        let told = found.rows.iter().map(|row| gettable(row, &[]));
        (written(told), found.total)
    })
    .await
}

pub(super) async fn groups(
    State(app): State<App>,
    _sender: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref().unwrap_or_default()).map_err(bad_query)?;
    tell(app, move |app| {
        let found = Look::of(app).groups(&app.engine, &query);
        let told = found.groups.iter().map(|group| AlertGroup {
            labels: &group.labels,
            route_labels: BTreeMap::new(),
            receiver: Receiver {
                name: &group.receiver,
            },
            alerts: group
                .alerts
                .iter()
                .map(|row| gettable(row, &group.muted_by))
                .collect(),
        });
        (written(told), found.total)
    })
    .await
}

/// Lists may be long: they are made on a thread of their own, and few at the same time.
async fn tell(
    app: App,
    make: impl FnOnce(&App) -> (Vec<u8>, usize) + Send + 'static,
) -> Result<Response, Problem> {
    let stopping = || Problem::unavailable("the node is stopping");
    let room = Arc::clone(&app.list_room).acquire_owned().await;
    let room = room.map_err(|_| stopping())?;
    let made = tokio::task::spawn_blocking(move || {
        let _room = room;
        make(&app)
    });
    let (bytes, total) = made.await.map_err(|_| stopping())?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (TOTAL, total.to_string()),
    ];
    Ok((headers, bytes).into_response())
}

fn gettable<'a>(row: &'a Row, muted_by: &'a [String]) -> GettableAlert<'a> {
    GettableAlert {
        annotations: &row.alert.annotations,
        ends_at: row.ends_ms,
        fingerprint: row.alert.fingerprint,
        receivers: &row.receivers,
        starts_at: row.alert.starts_ms,
        status: AlertStatus::new(&row.quiet, muted_by),
        updated_at: row.updated_ms,
        generator_url: &row.alert.generator_url,
        labels: &row.alert.labels,
    }
}

/// Writes a list straight into bytes.
fn written<T: Serialize>(all: impl ExactSizeIterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(all.len() * 512 + 2);
    bytes.push(b'[');
    for (at, one) in all.enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        // Into memory, of values with texts as names: this cannot fail.
        let _ = serde_json::to_writer(&mut bytes, &one);
    }
    bytes.push(b']');
    bytes
}
