//! A repository behind two URLs, one for metadata and one for files.

use sigstore_tuf::Error;
use sigstore_tuf::Repository;
use sigstore_tuf::transport::FetchFuture;
use stentor_verify::{Fetch, FetchError};

use crate::failure::Failure;
use crate::mirror_http::{HttpMirror, Patience, Web};

pub(super) struct HttpRepository {
    metadata: HttpMirror,
    targets: Option<HttpMirror>,
}

impl HttpRepository {
    pub(super) fn new(metadata: &str, targets: Option<&str>) -> Result<Self, Failure> {
        let web = Web::new(Patience::default()).map_err(Failure::new)?;
        let at = |url: &str| web.mirror(url).map_err(Failure::usage);
        Ok(Self {
            metadata: at(metadata)?,
            targets: targets.map(at).transpose()?,
        })
    }
}

async fn get(from: &HttpMirror, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    match from.fetch(path, limit).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FetchError::NotFound) => Ok(None),
        Err(e) => Err(Error::transport(format!("{path}: {e}"))),
    }
}

impl Repository for HttpRepository {
    fn fetch_metadata<'a>(&'a self, name: &'a str, limit: u64) -> FetchFuture<'a> {
        Box::pin(get(&self.metadata, name, limit))
    }

    fn fetch_target<'a>(&'a self, path: &'a str, limit: u64) -> FetchFuture<'a> {
        Box::pin(async move {
            match &self.targets {
                Some(targets) => get(targets, path, limit).await,
                None => Err(Error::transport("--target-base-url is needed")),
            }
        })
    }
}
