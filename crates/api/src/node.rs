//! What watches and steers a node: health, readiness, metrics, reading the configuration again.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use http::StatusCode;

use crate::intake::Sender;
use crate::{App, Problem, metrics};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload).put(reload))
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

/// Reads the configuration again. Who may send alerts may ask for it: nothing of theirs is in it.
async fn reload(State(app): State<App>, _sender: Sender) -> Result<StatusCode, Problem> {
    match app.reload().await {
        Some(Ok(())) => Ok(StatusCode::OK),
        Some(Err(reason)) => {
            let message = format!("failed to reload config: {reason}");
            let todo = "Correct the configuration; the one before is still in force.";
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Problem::new(status, "not-reloaded", message, todo))
        }
        None => Err(Problem::not_found(
            "the configuration is not read again on request",
        )),
    }
}
