//! A mirror that cannot be used as it is declared: it fails with the reason, and holds up no other.

use async_trait::async_trait;
use stentor_publish::{Mirror, MirrorError};
use stentor_verify::FetchError;

use crate::open::OpenError;

struct Unusable {
    name: String,
    why: String,
}

/// A mirror in the place of one that could not be opened.
#[must_use]
pub fn unusable(name: &str, why: &OpenError) -> Box<dyn Mirror> {
    Box::new(Unusable {
        name: name.to_owned(),
        why: why.to_string(),
    })
}

#[async_trait]
impl Mirror for Unusable {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, _: &str, _: u64) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Unreachable(self.why.clone()))
    }

    async fn write(&self, _: &str, _: &[u8]) -> Result<(), MirrorError> {
        Err(MirrorError::Failed(self.why.clone()))
    }

    async fn delete(&self, _: &str) -> Result<(), MirrorError> {
        Err(MirrorError::Failed(self.why.clone()))
    }

    async fn refresh(&self) -> Result<(), MirrorError> {
        Err(MirrorError::Failed(self.why.clone()))
    }
}
