//! `/api/v2/silences` and `/api/v2/silence/{id}`, answered only when what was asked for is durable.

use std::cmp::Reverse;

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use stentor_domain::command::Command;
use stentor_domain::decide::Refusal;
use stentor_domain::labels::Labels;
use stentor_domain::matcher::Matcher;
use stentor_domain::silence::{Silence, SilenceId, SilenceState, Wanted};
use stentor_domain::world::World;
use stentor_engine::SubmitError;
use stentor_formats::alertmanager::{GettableSilence, PostableSilence};

use super::sender::Sender;
use super::text::bad_query;
use crate::firing::BadQuery;
use crate::seq::Committed;
use crate::{App, Problem, body, silences};

/// Largest body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Matchers in one request at most.
const MAX_MATCHERS: usize = 64;

/// Which silences are asked for.
struct Asked {
    matchers: Vec<Matcher>,
    active: bool,
    pending: bool,
    expired: bool,
    /// Those that ended before this time are not shown, in milliseconds since the epoch.
    since_ms: i64,
}

impl Asked {
    fn read(query: &str, since_ms: i64) -> Result<Self, BadQuery> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|e| BadQuery(e.to_string()))?;
        let mut asked = Self {
            matchers: Vec::new(),
            active: true,
            pending: true,
            expired: true,
            since_ms,
        };
        for (name, value) in pairs {
            let place = match name.as_str() {
                "active" => &mut asked.active,
                "pending" => &mut asked.pending,
                "expired" => &mut asked.expired,
                "filter" if asked.matchers.len() == MAX_MATCHERS => {
                    return Err(BadQuery(format!("more than {MAX_MATCHERS} matchers")));
                }
                "filter" => {
                    let matcher = Matcher::parse(&value);
                    let matcher = matcher.map_err(|e| BadQuery(e.to_string()))?;
                    asked.matchers.push(matcher);
                    continue;
                }
                _ => continue,
            };
            let flag = value.parse();
            *place = flag.map_err(|_| BadQuery(format!("{name} is true or false")))?;
        }
        Ok(asked)
    }

    /// Filters look at the texts of a silence's own matchers, as Alertmanager does.
    fn wants(&self, silence: &Silence, now_ms: i64) -> bool {
        let wanted = &silence.wanted;
        let in_state = match wanted.state(now_ms) {
            SilenceState::Active => self.active,
            SilenceState::Pending => self.pending,
            SilenceState::Expired => self.expired && wanted.ends_ms >= self.since_ms,
        };
        let texts = wanted.matchers.iter().map(|m| (m.name(), m.value()));
        let texts = Labels::from_pairs(&mut texts.collect());
        in_state && self.matchers.iter().all(|m| m.fits(&texts))
    }
}

pub(super) async fn list(
    State(app): State<App>,
    _sender: Sender,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let now_ms = app.engine.clock().now_ms();
    let since_ms = app.options.show_ended_ms.map_or(i64::MIN, |ms| now_ms - ms);
    let asked = Asked::read(query.as_deref().unwrap_or_default(), since_ms).map_err(bad_query)?;
    let mut all = silences::all(&app);
    all.retain(|s| asked.wants(s, now_ms));
    // Those that hold, the first to end first; then those to come; then the past, the newest first.
    all.sort_by_key(|s| match s.wanted.state(now_ms) {
        SilenceState::Active => (0, s.wanted.ends_ms, Reverse(0)),
        SilenceState::Pending => (1, s.wanted.starts_ms, Reverse(0)),
        SilenceState::Expired => (2, 0, Reverse(s.wanted.ends_ms)),
    });
    let told: Vec<_> = all
        .iter()
        .map(|s| GettableSilence::new(s, now_ms))
        .collect();
    Ok(super::json(&told))
}

pub(super) async fn set(
    State(app): State<App>,
    sender: Sender,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body::read(&app, request.into_body(), MAX_BODY).await?;
    let (id, wanted) = PostableSilence::read(&bytes).map_err(|e| bad(e.to_string()))?;
    if wanted.ends_ms <= wanted.starts_ms {
        return Err(bad("start time must be before end time".into()));
    }
    within_limits(&app, id, &wanted)?;
    let by = sender.called(&wanted.created_by);
    let loud = wanted.fits_everything();
    let command = Command::SetSilence {
        id,
        fresh: silences::fresh(),
        wanted,
        by,
    };
    let done = submit(&app, command).await?;
    let name = done.silence.map(|id| id.to_string()).unwrap_or_default();
    let mut response = (
        Committed(done.seq),
        super::json(&json!({ "silenceID": name })),
    )
        .into_response();
    if loud {
        tracing::warn!(silence = %name, "a silence fits every alert");
        let warning = HeaderValue::from_static("199 - \"this silence fits every alert\"");
        response.headers_mut().insert(header::WARNING, warning);
    }
    Ok(response)
}

/// What the operator allows. Requests that come at the same moment are each counted before the other is recorded.
fn within_limits(app: &App, id: Option<SilenceId>, wanted: &Wanted) -> Result<(), Problem> {
    let limits = app.options.limits;
    let now_ms = app.engine.clock().now_ms();
    let known = silences::all(app);
    let in_place = |known: &Silence| {
        let open = known.wanted.state(now_ms) != SilenceState::Expired;
        Some(known.id) == id && open && known.wanted.matchers == wanted.matchers
    };
    if limits.silences > 0 && !known.iter().any(in_place) {
        let since_ms = app.options.show_ended_ms.map_or(i64::MIN, |ms| now_ms - ms);
        let shown = |s: &&Silence| {
            s.wanted.state(now_ms) != SilenceState::Expired || s.wanted.ends_ms >= since_ms
        };
        let count = known.iter().filter(shown).count();
        if count >= limits.silences {
            return Err(bad(format!(
                "exceeded maximum number of silences: {count} (limit: {})",
                limits.silences
            )));
        }
    }
    let texts = wanted.matchers.iter();
    let texts: usize = texts.map(|m| m.name().len() + m.value().len()).sum();
    let bytes = texts + wanted.created_by.len() + wanted.comment.len();
    if limits.silence_bytes > 0 && bytes > limits.silence_bytes {
        return Err(bad(format!(
            "silence exceeded maximum size: {bytes} bytes (limit: {} bytes)",
            limits.silence_bytes
        )));
    }
    Ok(())
}

pub(super) async fn one(
    State(app): State<App>,
    _sender: Sender,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = match id.parse::<SilenceId>() {
        Ok(id) => id,
        Err(_) => return Ok(not_a_uuid(&id)),
    };
    let now_ms = app.engine.clock().now_ms();
    let found = app.engine.read(|state| {
        let silence = state.world(World::Live)?.silences.get(&id)?;
        Some(super::json(&GettableSilence::new(silence, now_ms)))
    });
    found.ok_or_else(|| Problem::not_found(format!("there is no silence {id}")))
}

pub(super) async fn end(
    State(app): State<App>,
    sender: Sender,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = match id.parse::<SilenceId>() {
        Ok(id) => id,
        Err(_) => return Ok(not_a_uuid(&id)),
    };
    let by = sender.called("");
    let done = submit(&app, Command::EndSilence { id, by }).await?;
    Ok((Committed(done.seq), StatusCode::OK).into_response())
}

async fn submit(app: &App, command: Command) -> Result<stentor_engine::Done, Problem> {
    let done = app.engine.submit(World::Live, command).await;
    done.map_err(|error| match error {
        SubmitError::Refused(Refusal::Invalid(message) | Refusal::Conflict(message)) => {
            bad(message)
        }
        other => other.into(),
    })
}

fn bad(message: String) -> Problem {
    let todo = "Correct the silence and send it again.";
    let message = format!("failed to create silence: {message}");
    Problem::new(StatusCode::BAD_REQUEST, "bad-silence", message, todo)
}

/// As Alertmanager's own check of addresses words it.
fn not_a_uuid(text: &str) -> Response {
    let message = format!("silenceID in path must be of type uuid: {text:?}");
    let answer = super::json(&json!({ "code": 601, "message": message }));
    (StatusCode::UNPROCESSABLE_ENTITY, answer).into_response()
}
