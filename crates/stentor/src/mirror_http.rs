//! A mirror read over HTTP, for `stentor verify`.

use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use stentor_egress::{Client, EgressError, Guard, Limits, LongBody, Network, Request, Target};
use stentor_verify::{Fetch, FetchError};

use crate::failure::Failure;

/// A mirror behind a URL.
pub(crate) struct HttpMirror {
    client: Client,
    base: String,
}

impl HttpMirror {
    /// The mirror at `url`. Whoever verifies names the mirror themselves, so private networks are not refused.
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        let everywhere: Vec<Network> = ["0.0.0.0/0", "::/0"]
            .iter()
            .filter_map(|n| n.parse().ok())
            .collect();
        let limits = Limits {
            total: Duration::from_secs(30),
            ..Limits::default()
        };
        let client =
            Client::new(Guard::allowing(everywhere), limits, None).map_err(Failure::new)?;
        let base = url.trim_end_matches('/').to_owned();
        Target::parse(&base).map_err(Failure::usage)?;
        Ok(Self { client, base })
    }
}

#[async_trait]
impl Fetch for HttpMirror {
    fn name(&self) -> String {
        self.base.clone()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let unreachable = |e: EgressError| FetchError::Unreachable(e.to_string());
        let target = Target::parse(&format!("{}/{path}", self.base)).map_err(unreachable)?;
        let mut request = Request::new(Method::GET, target);
        // One byte more tells a file that is too long from one that just fits.
        request.max_body = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        request.long_body = LongBody::Cut;
        let answer = self.client.send(request).await.map_err(unreachable)?;
        match answer.status.as_u16() {
            200 if answer.body.len() as u64 > limit => Err(FetchError::TooLarge { limit }),
            200 => Ok(answer.body.to_vec()),
            403 | 404 | 410 => Err(FetchError::NotFound),
            status => Err(FetchError::Unreachable(format!(
                "the mirror answers with status {status}"
            ))),
        }
    }
}
