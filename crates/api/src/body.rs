//! Bodies, read up to a limit and within a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sha2::{Digest, Sha256};

use crate::{App, Problem};

/// A body must have arrived after this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(app: &App, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let collected = tokio::select! {
        // A small body has come with its head.
        biased;
        collected = Limited::new(body, limit).collect() => collected,
        () = app.engine.clock().sleep(PATIENCE) => return Err(too_slow()),
    };
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "broken",
            "the request broke off",
            "Send it again.",
        )),
    }
}

/// A body did not arrive in time.
pub(crate) fn too_slow() -> Problem {
    let todo = "Send the request again on a better line.";
    let message = "the request did not arrive in time";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", message, todo)
}

/// Tells requests apart: the SHA-256 of what is asked, hex.
pub(crate) fn request_hash(method: &str, path: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
