//! Addresses of announced work and of denied messages, and of what is said about incidents.

use axum::extract::FromRequestParts;
use axum::extract::path::Path;
use http::request::Parts;
use serde::Deserialize;
use stentor_domain::ids::{DenialId, IncidentId, MaintenanceId};
use stentor_domain::world::World;

use super::paths;
use crate::{App, Problem};

/// What something is said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An incident.
    Incident(IncidentId),
    /// Announced work; `None` for new work.
    Maintenance(Option<MaintenanceId>),
    /// A false message; `None` for one that nothing was said about yet.
    Denial(Option<DenialId>),
}

/// Something that an address names, and perhaps one statement about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thing {
    pub(super) world: World,
    pub(super) about: About,
    pub(super) number: u32,
}

#[derive(Deserialize)]
struct Raw {
    world: Option<String>,
    /// Absent in the addresses of incidents.
    kind: Option<String>,
    id: String,
    number: Option<u32>,
}

impl FromRequestParts<App> for Thing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let raw = Path::<Raw>::from_request_parts(parts, app).await;
        let thing = raw.ok().and_then(|Path(raw)| {
            let world = raw.world.map_or(Some(World::Live), |w| w.parse().ok())?;
            let number = |prefix: &str| raw.id.strip_prefix(prefix).unwrap_or(&raw.id).parse().ok();
            let is_new = raw.id == "new";
            let about = match raw.kind.as_deref() {
                None => About::Incident(IncidentId(number("INC-")?)),
                Some("maintenance") if is_new => About::Maintenance(None),
                Some("maintenance") => About::Maintenance(Some(MaintenanceId(number("MNT-")?))),
                Some("denials") if is_new => About::Denial(None),
                Some("denials") => About::Denial(Some(DenialId(number("DENIAL-")?))),
                Some(_) => return None,
            };
            let number = raw.number.unwrap_or(0);
            Some(Self {
                world,
                about,
                number,
            })
        });
        thing.ok_or_else(|| {
            Problem::not_found("This address names nothing that was said in public.")
        })
    }
}

impl Thing {
    /// Its address.
    pub(super) fn url(&self) -> String {
        let below = paths::below(self.world);
        let named = |id: Option<u32>| id.map_or("new".to_owned(), |id| id.to_string());
        match self.about {
            About::Incident(id) => paths::incident(self.world, id),
            About::Maintenance(id) => {
                format!("{below}/public/maintenance/{}", named(id.map(|i| i.0)))
            }
            About::Denial(id) => format!("{below}/public/denials/{}", named(id.map(|i| i.0))),
        }
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        match self.about {
            About::Incident(id) => id.to_string(),
            About::Maintenance(Some(id)) => id.to_string(),
            About::Denial(Some(id)) => id.to_string(),
            About::Maintenance(None) => "planned work".to_owned(),
            About::Denial(None) => "a false message".to_owned(),
        }
    }
}

/// Both addresses under which something of announced work or of a denied message is reached.
pub(super) fn both(rest: &str) -> [String; 2] {
    [
        format!("/public/{{kind}}/{{id}}{rest}"),
        format!("/worlds/{{world}}/public/{{kind}}/{{id}}{rest}"),
    ]
}
