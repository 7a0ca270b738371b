//! Drills: the list, and the button that starts one.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use stentor_domain::drill::Drill;
use stentor_domain::organisation::Organisation;
use stentor_domain::state::State as Everything;
use stentor_domain::world::World;

use super::render;
use super::site::Site;
use crate::{App, Committed, Form, Problem, SignedIn};

/// Drills in the list, the newest.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/drills", get(drills).post(start))
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct DrillView {
    pub(super) number: u32,
    scenario: String,
    by: String,
    started_ms: i64,
    words: String,
}

impl DrillView {
    pub(super) fn new(organisation: &Organisation, number: u32, drill: &Drill) -> Self {
        let words = drill.scorecard.as_ref().map_or_else(
            || "It is under way.".to_owned(),
            |card| {
                format!(
                    "It is over: {} of {} as it should be.",
                    card.passed(),
                    card.checks.len()
                )
            },
        );
        Self {
            number,
            scenario: drill.scenario.clone(),
            by: organisation.person_name(&drill.by).to_owned(),
            started_ms: drill.started_ms,
            words,
        }
    }
}

async fn drills(State(app): State<App>, who: SignedIn) -> Response {
    let site = Site::of(&app, Some(&who), "drills")
        .with_troubles(&app)
        .await;
    let drills: Vec<DrillView> = app.engine.read(|state| {
        let Some(organisation) = state.organisation() else {
            return Vec::new();
        };
        let worlds = state.worlds.iter().rev().take(SHOWN);
        worlds
            .filter_map(|(world, of)| match (world, &of.drill) {
                (World::Drill(number), Some(drill)) => {
                    Some(DrillView::new(organisation, *number, drill))
                }
                _ => None,
            })
            .collect()
    });
    render::page("drills.html", render::view! { site, drills })
}

#[derive(Deserialize)]
struct Nothing {}

/// Starts a drill, unless one is under way: then that one is shown, also to a second press of the button.
async fn start(State(app): State<App>, form: Form<Nothing>) -> Result<Response, Problem> {
    if let Some(number) = app.engine.read(under_way) {
        return Ok(Redirect::to(&format!("/drills/{number}")).into_response());
    }
    let world = app.engine.start_drill(form.who.person).await?;
    let to = match world {
        World::Drill(number) => format!("/drills/{number}"),
        World::Live => "/drills".to_owned(),
    };
    Ok((Committed(app.engine.seq()), Redirect::to(&to)).into_response())
}

fn under_way(state: &Everything) -> Option<u32> {
    state
        .worlds
        .iter()
        .find_map(|(world, of)| match (world, &of.drill) {
            (World::Drill(number), Some(drill)) if drill.scorecard.is_none() => Some(*number),
            _ => None,
        })
}
