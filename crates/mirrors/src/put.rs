//! HTTP PUT and DELETE with a bearer token (RFC 9110, RFC 6750).

use async_trait::async_trait;
use http::header::{AUTHORIZATION, HeaderMap};
use http::{Method, StatusCode};
use std::time::Duration;
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_publish::{Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::FetchError;

use crate::http::{self as web, Http, about, below, expect, to_read};
use crate::waves;

/// A mirror behind HTTP PUT.
pub(crate) struct Put {
    pub(crate) name: String,
    pub(crate) http: Http,
    pub(crate) base: String,
    pub(crate) token: SecretRef,
    pub(crate) secrets: Secrets,
}

impl Put {
    async fn sign(&self, mut headers: HeaderMap) -> Result<HeaderMap, MirrorError> {
        let token = self.secrets.resolve(&self.token).await;
        let token = token.map_err(|error| MirrorError::Failed(error.to_string()))?;
        let value = web::secret(format!("Bearer {}", token.expose()))?;
        headers.insert(AUTHORIZATION, value);
        Ok(headers)
    }
}

#[async_trait]
impl Mirror for Put {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let target = to_read(&self.base, path)?;
        let headers = self.sign(HeaderMap::new()).await;
        let headers = headers.map_err(|why| FetchError::Unreachable(why.to_string()))?;
        let (bytes, _) = self.http.get(target, headers, limit).await?;
        Ok(bytes)
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let target = below(&self.base, path)?;
        let headers = self.sign(about(path)).await?;
        let answer = self
            .http
            .send(Method::PUT, target.clone(), headers, bytes)
            .await?;
        expect(&target, answer.status)
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        let target = below(&self.base, path)?;
        let headers = self.sign(HeaderMap::new()).await?;
        let answer = self
            .http
            .send(Method::DELETE, target.clone(), headers, b"")
            .await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
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
