//! `GET /api/v2/status` and `/api/v2/receivers`: who answers, and whom alerts are told to.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use stentor_formats::alertmanager::{ClusterStatus, PeerStatus, Receiver, Status, routing_to};

use super::sender::Sender;
use super::text::bad_query;
use crate::firing::{Directory, Query};
use crate::{App, Problem};

pub(super) async fn receivers(
    State(app): State<App>,
    _sender: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref().unwrap_or_default()).map_err(bad_query)?;
    let names = app.engine.read(Directory::new).all();
    let receivers: Vec<_> = names
        .iter()
        .filter(|name| query.wants(name))
        .map(|name| Receiver { name })
        .collect();
    Ok(super::json(&receivers))
}

pub(super) async fn status(State(app): State<App>, _sender: Sender) -> Response {
    let directory = app.engine.read(Directory::new);
    let original = match directory.routing() {
        Some(routing) => routing.original.clone(),
        None => routing_to(directory.all().iter().map(|name| &**name)),
    };
    let version = env!("CARGO_PKG_VERSION");
    let mut status = Status::new(version, app.since_ms, original);
    status.cluster = cluster(&app);
    super::json(&status)
}

/// The nodes of this database, this one among them. A node that has no address for others is alone by its own wish.
fn cluster(app: &App) -> ClusterStatus {
    let members = app.engine.members();
    let peers = members
        .into_iter()
        .filter(|m| !m.address.is_empty())
        .map(|m| PeerStatus {
            name: m.node,
            address: m.address,
        });
    let peers: Vec<PeerStatus> = peers.collect();
    if peers.is_empty() {
        return ClusterStatus::default();
    }
    ClusterStatus {
        name: app.engine.node().to_owned(),
        status: "ready",
        peers,
    }
}
