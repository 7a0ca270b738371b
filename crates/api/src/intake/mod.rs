//! Alertmanager's API v2, for Prometheus, amtool and whatever else speaks to an Alertmanager.

mod about;
mod alerts;
mod receive;
mod sender;
mod silences;
mod text;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header;
use serde::Serialize;

use crate::App;

pub(crate) use receive::{announced, complaint, room};
pub use sender::IntakeToken;
pub(crate) use sender::Sender;

pub(crate) fn routes() -> Router<App> {
    let api = Router::new()
        .route("/alerts", get(alerts::alerts))
        .route("/alerts/groups", get(alerts::groups))
        .route("/silences", get(silences::list).post(silences::set))
        .route("/silence/{id}", get(silences::one).delete(silences::end))
        .route("/receivers", get(about::receivers))
        .route("/status", get(about::status))
        .layer(from_fn(text::speak_plainly))
        // Senders of alerts read the status only; the problem as we write it names every bad alert for people.
        .route("/alerts", post(receive::alerts));
    Router::new().nest("/api/v2", api)
}

fn json(value: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}
