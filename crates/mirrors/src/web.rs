//! A mirror as the public gets it: by HTTP GET, through egress.

use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderName, HeaderValue, ORIGIN};
use stentor_publish::{Brought, Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::{Fetch, FetchError, limits};

use crate::http::{Http, to_read};
use crate::open::{OpenError, Surroundings};

/// A mirror read at its public address.
///
/// The reader's own `HttpMirror` looks alike and is kept apart: it goes wherever its user says, this one only where the
/// configuration's guard allows; and what both do with an answer belongs to neither the way out (`egress`) nor to those
/// who judge without caring how files come (`verify`).
pub struct Web {
    http: Http,
    base: String,
}

/// Something that a web server should say about its files, and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// `Access-Control-Allow-Origin: *`, without which a verifier on another page cannot read the files.
    AllowOrigin,
    /// A word to caches that keeps them from showing an old `timestamp.json`.
    Revalidation,
}

impl Missing {
    /// What is missing, and what to do.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::AllowOrigin => {
                "it does not send Access-Control-Allow-Origin: *, so a verifier opened from a file or another site cannot check it; set that header for all files"
            }
            Self::Revalidation => {
                "metadata/timestamp.json may be kept by caches, so readers may get an older word; send Cache-Control: no-cache for it and for the pages"
            }
        }
    }
}

impl Web {
    /// The mirror at `url`.
    ///
    /// # Errors
    /// [`OpenError`] if that is no address.
    pub fn new(url: &str, around: &Surroundings) -> Result<Self, OpenError> {
        let base = url.trim_end_matches('/').to_owned();
        to_read(&base, "index.html").map_err(|error| OpenError(format!("url: {error}")))?;
        Ok(Self {
            http: Http::new(around, None)?,
            base,
        })
    }

    /// What the web server does not say about its files.
    ///
    /// # Errors
    /// [`FetchError`] if it cannot be asked.
    pub async fn missing(&self) -> Result<Vec<Missing>, FetchError> {
        let path = "metadata/timestamp.json";
        let target = to_read(&self.base, path)?;
        // The page of a file has the origin "null".
        let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("null"))]);
        let (_, headers) = self
            .http
            .get(target, headers, limits::TIMESTAMP_BYTES)
            .await?;
        let says = |name: HeaderName| {
            let values = headers.get_all(name).iter();
            let values = values.filter_map(|value| value.to_str().ok());
            values.collect::<Vec<_>>().join(",").to_lowercase()
        };
        let mut missing = Vec::new();
        if says(ACCESS_CONTROL_ALLOW_ORIGIN) != "*" {
            missing.push(Missing::AllowOrigin);
        }
        let caches = says(CACHE_CONTROL);
        let fresh = ["no-cache", "no-store", "max-age=0"];
        if !fresh.iter().any(|word| caches.contains(word)) {
            missing.push(Missing::Revalidation);
        }
        Ok(missing)
    }
}

#[async_trait]
impl Fetch for Web {
    fn name(&self) -> String {
        self.base.clone()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let target = to_read(&self.base, path)?;
        let (bytes, _) = self.http.get(target, HeaderMap::new(), limit).await?;
        Ok(bytes)
    }
}

/// A mirror that the public reaches at an address of its own.
pub(crate) struct Served {
    pub(crate) place: Box<dyn Mirror>,
    pub(crate) web: Web,
}

#[async_trait]
impl Mirror for Served {
    fn name(&self) -> &str {
        self.place.name()
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.place.read(path, limit).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        self.place.write(path, bytes).await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.place.delete(path).await
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        self.place.apply(steps, done).await
    }

    async fn refresh(&self) -> Result<(), MirrorError> {
        self.place.refresh().await
    }

    async fn bring(&self, wanted: &[(String, u64)]) -> Brought {
        self.place.bring(wanted).await
    }

    fn public(&self) -> Option<&dyn Fetch> {
        Some(&self.web)
    }

    fn within(&self, usual: Duration) -> Duration {
        self.place.within(usual)
    }
}
