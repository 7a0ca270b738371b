//! Alertmanager's API v2, for Prometheus, amtool and whatever else speaks to an Alertmanager.

mod list;
mod receive;
mod sender;

use axum::Router;
use axum::routing::get;

use crate::App;

pub(crate) use receive::{announced, complaint, room};
pub use sender::IntakeToken;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v2/alerts", get(list::alerts).post(receive::alerts))
        .route("/api/v2/receivers", get(list::receivers))
        .route("/api/v2/status", get(list::status))
}
