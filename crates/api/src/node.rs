//! What watches a node: health, readiness and metrics.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::{App, Problem, metrics};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/metrics", get(metrics::show))
}

/// The process answers.
async fn healthy() -> &'static str {
    "Stentor is healthy.\n"
}

/// Commands can be recorded, and there is a configuration to judge them by.
async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let health = app.engine.health();
    if !health.accepting {
        let reason = health.reason.unwrap_or_else(|| "not known why".to_owned());
        return Err(Problem::unavailable(format!(
            "nothing can be recorded: {reason}"
        )));
    }
    if app.engine.read(|state| state.organisation().is_none()) {
        return Err(Problem::unavailable("no configuration is in force"));
    }
    Ok("Stentor is ready.\n")
}
