//! WebDAV (RFC 4918). What readers may be reading is put beside its place and moved there, for many servers write a
//! file while it arrives.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_egress::Target;
use stentor_publish::{Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::FetchError;

use crate::content::is_mutable;
use crate::http::{self as web, Http, about, below, expect, to_read};
use crate::waves;

/// A mirror behind WebDAV.
pub(crate) struct WebDav {
    pub(crate) name: String,
    pub(crate) http: Http,
    pub(crate) base: String,
    pub(crate) login: Option<(String, SecretRef)>,
    pub(crate) secrets: Secrets,
}

impl WebDav {
    async fn sign(&self, mut headers: HeaderMap) -> Result<HeaderMap, MirrorError> {
        if let Some((user, password)) = &self.login {
            let password = self.secrets.resolve(password).await;
            let password = password.map_err(|error| MirrorError::Failed(error.to_string()))?;
            let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
            headers.insert(AUTHORIZATION, web::secret(format!("Basic {pair}"))?);
        }
        Ok(headers)
    }

    async fn send(
        &self,
        method: Method,
        target: &Target,
        headers: HeaderMap,
        bytes: &[u8],
    ) -> Result<StatusCode, MirrorError> {
        let headers = self.sign(headers).await?;
        let answer = self
            .http
            .send(method, target.clone(), headers, bytes)
            .await?;
        Ok(answer.status)
    }

    /// Puts a file, and makes the collections above it when they are missing.
    async fn put(&self, target: &Target, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let send = || self.send(Method::PUT, target, about(path), bytes);
        match send().await? {
            StatusCode::CONFLICT | StatusCode::NOT_FOUND => {
                self.make_collections(path).await?;
                expect(target, send().await?)
            }
            status => expect(target, status),
        }
    }

    async fn make_collections(&self, path: &str) -> Result<(), MirrorError> {
        let method = Method::from_bytes(b"MKCOL").unwrap_or(Method::PUT);
        let mut above = String::new();
        // The base itself first: it may be as new as the rest.
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        for part in std::iter::once("").chain(folders.split('/').filter(|p| !p.is_empty())) {
            if !part.is_empty() {
                above = format!("{above}/{part}");
            }
            let target = Target::parse(&format!("{}{above}/", self.base));
            let target = target.map_err(|error| MirrorError::Failed(error.to_string()))?;
            let status = self
                .send(method.clone(), &target, HeaderMap::new(), b"")
                .await?;
            // 405 says that something is there already; whether it serves, the file itself will tell.
            if status != StatusCode::METHOD_NOT_ALLOWED && !above.is_empty() {
                expect(&target, status)?;
            }
        }
        Ok(())
    }
}

/// The name beside a file where it is put first.
fn beside(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/new-{name}"),
        None => format!("new-{path}"),
    }
}

#[async_trait]
impl Mirror for WebDav {
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
        if !is_mutable(path) {
            return self.put(&target, path, bytes).await;
        }
        let first = below(&self.base, &beside(path))?;
        self.put(&first, path, bytes).await?;
        let to = HeaderValue::try_from(target.uri().to_string())
            .map_err(|_| MirrorError::Path(path.to_owned()))?;
        let headers = HeaderMap::from_iter([
            (HeaderName::from_static("destination"), to),
            (
                HeaderName::from_static("overwrite"),
                HeaderValue::from_static("T"),
            ),
        ]);
        let method = Method::from_bytes(b"MOVE").unwrap_or(Method::PUT);
        let moved = self.send(method, &first, headers, b"").await?;
        if moved.is_success() {
            return Ok(());
        }
        if !matches!(moved.as_u16(), 400 | 403 | 405 | 501 | 502) {
            return expect(&first, moved);
        }
        // A server that cannot move, or not across the proxy before it.
        self.put(&target, path, bytes).await?;
        let _ = self
            .send(Method::DELETE, &first, HeaderMap::new(), b"")
            .await;
        Ok(())
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        let target = below(&self.base, path)?;
        let status = self
            .send(Method::DELETE, &target, HeaderMap::new(), b"")
            .await?;
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            status => expect(&target, status),
        }
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        waves::apply(self, steps, done, true).await
    }

    fn within(&self, usual: Duration) -> Duration {
        usual.max(web::WHOLE)
    }
}
