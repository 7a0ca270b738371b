//! The mirrors of a beacon.

use async_trait::async_trait;
use stentor_checker::{HttpMirror, Patience, Web};
use stentor_publish::{LocalMirror, Mirror, MirrorError, Place};
use stentor_verify::{Fetch, FetchError};

use super::configuration::{At, PlaceSpec};
use crate::failure::Failure;

pub(super) fn open(spec: &PlaceSpec) -> Result<Place, Failure> {
    let name = spec.name.clone();
    let mirror: Box<dyn Mirror> = match &spec.at {
        At::Directory(directory) => Box::new(LocalMirror::new(name, directory)),
        At::Url(url) => Box::new(ReadOnly {
            mirror: Web::new(Patience::default())
                .and_then(|web| web.mirror(url))
                .map_err(Failure::new)?,
            name,
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
