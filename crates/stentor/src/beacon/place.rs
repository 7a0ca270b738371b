//! The mirrors of a beacon.

use std::sync::Arc;

use async_trait::async_trait;
use stentor_checker::{HttpMirror, Patience, Web};
use stentor_domain::bundle::{BeaconMirror, BeaconWay};
use stentor_engine::{Clock, SystemClock, guard};
use stentor_mirrors::Surroundings;
use stentor_publish::{Mirror, MirrorError, Place};
use stentor_verify::{Fetch, FetchError};

use super::configuration::Configuration;
use crate::failure::Failure;
use crate::node;

/// Opens every mirror. One that cannot be opened is in its place and says why, so that it holds up no other.
pub(super) fn open_all(configuration: &Configuration) -> Result<Vec<Place>, Failure> {
    let base = &configuration.base;
    let state = configuration.state.as_ref();
    let around = Surroundings {
        data: base.clone(),
        work: state.unwrap_or(base).join("mirrors"),
        secrets: node::secrets(base.clone()),
        guard: guard(&configuration.allow_networks),
        clock: Arc::new(|| SystemClock.now()),
    };
    let mirrors = configuration.mirrors.iter();
    mirrors.map(|mirror| open(mirror, &around)).collect()
}

fn open(spec: &BeaconMirror, around: &Surroundings) -> Result<Place, Failure> {
    let mirror: Box<dyn Mirror> = match &spec.way {
        BeaconWay::Place(place) => stentor_mirrors::open(place, around)
            .unwrap_or_else(|error| stentor_mirrors::unusable(&spec.name, &error)),
        BeaconWay::Url(url) => Box::new(ReadOnly {
            mirror: Web::new(Patience::default())
                .and_then(|web| web.mirror(url))
                .map_err(Failure::new)?,
            name: spec.name.clone(),
        }),
    };
    Ok(Place {
        mirror,
        writes: spec.writes,
    })
}

/// A mirror as everybody reads it.
struct ReadOnly {
    name: String,
    mirror: HttpMirror,
}

#[async_trait]
impl Mirror for ReadOnly {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.mirror.fetch(path, limit).await
    }

    async fn write(&self, _: &str, _: &[u8]) -> Result<(), MirrorError> {
        Err(MirrorError::Failed("it can only be read".to_owned()))
    }

    async fn delete(&self, _: &str) -> Result<(), MirrorError> {
        Err(MirrorError::Failed("it can only be read".to_owned()))
    }
}
