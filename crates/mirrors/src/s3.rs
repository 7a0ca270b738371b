//! Object stores that speak the protocol of S3.
//!
//! `rusty-s3` signs and egress sends. `object_store` would bring retries of its own beside those of the lanes, and a
//! second crate for time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ETAG, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use http::{Method, StatusCode};
use jiff::Timestamp;
use rusty_s3::actions::{DeleteObject, GetObject, PutObject};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_domain::mirror::S3Place;
use stentor_egress::Target;
use stentor_publish::{Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::{FetchError, safe_path};
use url::Url;

use crate::http::{self as web, Http, about, expect};
use crate::open::{Clock, OpenError};
use crate::waves;

/// The one file that two writers could both want to replace.
const TIMESTAMP: &str = "metadata/timestamp.json";

/// How long a signed address can be used.
const SIGNED_FOR: Duration = Duration::from_secs(300);

/// A bucket.
pub(crate) struct S3 {
    name: String,
    http: Http,
    bucket: Bucket,
    prefix: String,
    access_key: String,
    secret_key: SecretRef,
    secrets: Secrets,
    clock: Clock,
    seen: Mutex<Seen>,
}

/// What was found at the place of the timestamp when it was read last.
#[derive(Clone, Debug, Default)]
enum Seen {
    #[default]
    Nothing,
    Absent,
    Tag(HeaderValue),
}

impl S3 {
    pub(crate) fn new(
        name: &str,
        place: &S3Place,
        http: Http,
        secrets: Secrets,
        secret_key: SecretRef,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let endpoint: Url = place
            .endpoint
            .parse()
            .map_err(|error| OpenError(format!("endpoint: {error}")))?;
        let style = if place.path_style {
            UrlStyle::Path
        } else {
            UrlStyle::VirtualHost
        };
        let bucket = Bucket::new(endpoint, style, place.bucket.clone(), place.region.clone());
        let bucket = bucket.map_err(|_| {
            OpenError("endpoint and bucket make no address; try path_style = true".to_owned())
        })?;
        Ok(Self {
            name: name.to_owned(),
            http,
            bucket,
            prefix: place.prefix.clone(),
            access_key: place.access_key.clone(),
            secret_key,
            secrets,
            clock,
            seen: Mutex::default(),
        })
    }

    /// The name of the object. A path that could lead to the bucket itself is refused.
    fn key(&self, path: &str) -> Result<String, MirrorError> {
        if !safe_path(path) {
            return Err(MirrorError::Path(path.to_owned()));
        }
        Ok(match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        })
    }

    async fn credentials(&self) -> Result<Credentials, MirrorError> {
        let secret = self.secrets.resolve(&self.secret_key).await;
        let secret = secret.map_err(|error| MirrorError::Failed(error.to_string()))?;
        Ok(Credentials::new(
            self.access_key.clone(),
            secret.expose().to_owned(),
        ))
    }

    fn now(&self) -> Timestamp {
        Arc::clone(&self.clock)()
    }

    fn seen(&self) -> Seen {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn see(&self, path: &str, seen: Seen) {
        if path == TIMESTAMP {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        }
    }

    async fn put(
        &self,
        path: &str,
        bytes: &[u8],
        condition: Option<(http::HeaderName, HeaderValue)>,
    ) -> Result<web::Answer, MirrorError> {
        let key = self.key(path)?;
        let credentials = self.credentials().await?;
        let put = PutObject::new(&self.bucket, Some(&credentials), &key);
        let url = put.sign_with_time(SIGNED_FOR, &self.now());
        let mut headers = about(path);
        headers.extend(condition.map(|(name, value)| (Some(name), value)));
        self.http
            .send(Method::PUT, target(&url)?, headers, bytes)
            .await
    }
}

fn target(url: &Url) -> Result<Target, MirrorError> {
    Target::parse(url.as_str()).map_err(|error| MirrorError::Failed(error.to_string()))
}

#[async_trait]
impl Mirror for S3 {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let unreachable = |why: MirrorError| FetchError::Unreachable(why.to_string());
        let Ok(key) = self.key(path) else {
            return Err(FetchError::NotFound);
        };
        let credentials = self.credentials().await.map_err(unreachable)?;
        let get = GetObject::new(&self.bucket, Some(&credentials), &key);
        let url = get.sign_with_time(SIGNED_FOR, &self.now());
        let target = target(&url).map_err(unreachable)?;
        let found = self.http.get(target, HeaderMap::new(), limit).await;
        self.see(
            path,
            match &found {
                Ok((_, headers)) => headers.get(ETAG).cloned().map_or(Seen::Nothing, Seen::Tag),
                Err(FetchError::NotFound) => Seen::Absent,
                Err(_) => Seen::Nothing,
            },
        );
        found.map(|(bytes, _)| bytes)
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        // Where the store honours it, a timestamp that came in between is not overwritten. Where it does not, what was
        // written is read back as everywhere.
        let condition = match self.seen() {
            _ if path != TIMESTAMP => None,
            Seen::Nothing => None,
            Seen::Absent => Some((IF_NONE_MATCH, HeaderValue::from_static("*"))),
            Seen::Tag(tag) => Some((IF_MATCH, tag)),
        };
        let conditional = condition.is_some();
        let mut answer = self.put(path, bytes, condition).await?;
        if conditional {
            match answer.status.as_u16() {
                409 | 412 => {
                    self.see(path, Seen::Nothing);
                    return Err(MirrorError::Changed);
                }
                // A store that knows no conditions and says so.
                400 | 501 => answer = self.put(path, bytes, None).await?,
                _ => {}
            }
        }
        let tag = answer.headers.get(ETAG).cloned();
        self.see(path, tag.map_or(Seen::Nothing, Seen::Tag));
        let place = Target::parse(self.bucket.base_url().as_str());
        let place = place.map_err(|error| MirrorError::Failed(error.to_string()))?;
        expect(&place, answer.status)
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        let key = self.key(path)?;
        let credentials = self.credentials().await?;
        let delete = DeleteObject::new(&self.bucket, Some(&credentials), &key);
        let target = target(&delete.sign_with_time(SIGNED_FOR, &self.now()))?;
        let answer = self
            .http
            .send(Method::DELETE, target.clone(), HeaderMap::new(), b"")
            .await?;
        self.see(path, Seen::Nothing);
        match answer.status {
            StatusCode::NOT_FOUND => Ok(()),
            status => expect(&target, status),
        }
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        waves::apply(self, steps, done, false).await
    }

    fn within(&self, usual: Duration) -> Duration {
        usual.max(web::WHOLE)
    }
}
