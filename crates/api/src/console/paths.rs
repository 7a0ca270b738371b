//! Addresses of incidents. Those of drills name their world, so that a drill's page is never taken for a live one.

use axum::extract::FromRequestParts;
use axum::extract::path::Path;
use http::request::Parts;
use serde::Deserialize;
use stentor_domain::ids::IncidentId;
use stentor_domain::world::World;

use crate::{App, Problem};

/// The incident that an address names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) world: World,
    pub(super) incident: IncidentId,
}

#[derive(Deserialize)]
struct Raw {
    world: Option<String>,
    id: String,
}

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let raw = Path::<Raw>::from_request_parts(parts, app).await;
        let named = raw.ok().and_then(|Path(raw)| {
            let world = raw.world.map_or(Some(World::Live), |w| w.parse().ok())?;
            let id = raw.id.strip_prefix("INC-").unwrap_or(&raw.id);
            let incident = IncidentId(id.parse().ok()?);
            Some(Self { world, incident })
        });
        named.ok_or_else(|| Problem::not_found("This address names no incident."))
    }
}

/// The begin of a world's addresses; empty in the live world.
pub(super) fn below(world: World) -> String {
    match world {
        World::Live => String::new(),
        World::Drill(_) => format!("/worlds/{world}"),
    }
}

/// The address of an incident's page.
pub(super) fn incident(world: World, id: IncidentId) -> String {
    match world {
        World::Live => format!("/incidents/{}", id.0),
        World::Drill(_) => format!("/worlds/{world}/incidents/{}", id.0),
    }
}

/// Both addresses under which something of an incident is reached.
pub(super) fn both(rest: &str) -> [String; 2] {
    [
        format!("/incidents/{{id}}{rest}"),
        format!("/worlds/{{world}}/incidents/{{id}}{rest}"),
    ]
}
