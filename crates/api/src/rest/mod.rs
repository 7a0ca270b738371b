//! Stentor's own REST API. The document at `/api/v1/openapi.json` is made from this code.
//!
//! A world is part of every address, so that a program that plays a drill cannot reach the live world by leaving
//! something out.

mod acts;
mod alerts;
mod announcements;
mod caller;
mod drills;
mod incidents;
mod node;
mod openapi;
mod silences;
mod sources;
mod tokens;
mod wire;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::App;

pub use openapi::document;

pub(crate) fn routes() -> Router<App> {
    let incident = Router::new()
        .route("/", get(incidents::one))
        .route("/command", post(acts::take_command))
        .route("/help", post(acts::get_help))
        .route("/handoffs", post(acts::offer_handoff))
        .route("/handoffs/{handoff}/answer", post(acts::answer_handoff))
        .route("/notes", post(acts::add_note))
        .route("/severity", post(acts::set_severity))
        .route("/cause", post(acts::set_cause))
        .route("/updates", post(acts::publish_update))
        .route("/updates/{number}/correct", post(acts::correct_update))
        .route("/updates/{number}/withdraw", post(acts::withdraw_update))
        .route("/resolve", post(acts::resolve))
        .route("/confirmations", post(acts::confirm))
        .route("/report", post(acts::write_report))
        .route("/close", post(acts::close));
    let world = Router::new()
        .route("/incidents", get(incidents::list).post(acts::declare))
        .nest("/incidents/{incident}", incident)
        .route("/pages/{page}/answer", post(acts::answer_page))
        .merge(announced())
        .route("/lanes", get(node::lanes));
    let group = Router::new()
        .route("/", get(alerts::group))
        .route(
            "/acknowledge",
            post(alerts::acknowledge).delete(alerts::release),
        )
        .route("/assign", post(alerts::assign))
        .route("/comments", post(alerts::comment));
    let silence = get(silences::one)
        .put(silences::change)
        .delete(silences::end);
    let api = Router::new()
        .route("/alerts", get(alerts::list))
        .route("/alert-groups", get(alerts::groups))
        .nest("/alert-groups/{group}", group)
        .route("/silences", get(silences::list).post(silences::create))
        .route("/silences/{silence}", silence)
        .nest("/worlds/{world}", world)
        .route("/mirrors", get(node::mirrors))
        .route("/directory", get(announcements::directory))
        .route("/sources", get(sources::list))
        .route("/drills", get(drills::list).post(drills::start))
        .route("/drills/{drill}", get(drills::one))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{token}", delete(tokens::revoke))
        .route("/openapi.json", get(openapi::show));
    Router::new().nest("/api/v1", api)
}

/// Announced work and false messages of a world.
fn announced() -> Router<App> {
    use announcements as of;
    Router::new()
        .route(
            "/maintenance",
            get(of::list_maintenance).post(of::announce_maintenance),
        )
        .route(
            "/maintenance/{maintenance}/updates",
            post(of::speak_of_maintenance),
        )
        .route(
            "/maintenance/{maintenance}/updates/{number}/withdraw",
            post(of::withdraw_maintenance),
        )
        .route("/denials", get(of::list_denials).post(of::deny))
        .route("/denials/{denial}/updates", post(of::speak_of_denial))
        .route(
            "/denials/{denial}/updates/{number}/withdraw",
            post(of::withdraw_denial),
        )
}
