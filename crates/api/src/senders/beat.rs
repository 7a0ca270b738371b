//! Recording a heartbeat.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use stentor_domain::command::Command;
use stentor_domain::heartbeat::{Beat, MAX_MESSAGE};
use stentor_domain::source::Source;
use stentor_domain::world::World;
use stentor_engine::{Done, SubmitError};

use crate::{App, Problem, body};

/// A body with more than this is not read to its end, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Records a word of a source; durable when this returns, as far as it tells anything new.
pub(super) async fn record(app: &App, source: &Source, beat: Beat) -> Result<Done, Problem> {
    let command = Command::Beat {
        source: source.id.clone(),
        beat,
        heard_since_ms: app.engine.heard_since_ms(),
    };
    let done = app.engine.submit(World::Live, command).await;
    let done = done.map_err(|error| match error {
        // The configuration changed at this moment.
        SubmitError::Refused(refusal) => Problem::unavailable(refusal.to_string()),
        other => other.into(),
    })?;
    app.senders.took_beat(source);
    Ok(done)
}

/// The beginning of a body, of at most `keep` bytes and one more when there are more. The rest is read, as senders do
/// not look at an answer before they sent all of it, and forgotten.
pub(super) async fn head(app: &App, body: Body, keep: usize) -> Result<Bytes, Problem> {
    let mut body = body;
    let mut head = BytesMut::new();
    let mut total = 0;
    let read = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Err(super::figures::bad("the request broke off"));
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            total += data.len();
            if total > MAX_BODY {
                return Err(Problem::too_large(MAX_BODY));
            }
            let room = (keep + 1).saturating_sub(head.len());
            head.extend_from_slice(&data[..data.len().min(room)]);
        }
        Ok(())
    };
    tokio::select! {
        read = read => read?,
        () = app.engine.clock().sleep(body::PATIENCE) => return Err(body::too_slow()),
    }
    Ok(head.freeze())
}

/// What came along with a word, made fit to be kept. It may be text in any encoding, or none.
pub(super) fn message(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().take(MAX_MESSAGE).collect()
}
