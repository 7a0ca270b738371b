//! API tokens, for operators.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use stentor_domain::organisation::PersonRole;

use super::caller::{Act, Caller, Json, Place};
use super::openapi::{OfToken, Once};
use super::wire::{CreatedToken, NewToken, Token};
use crate::{App, Problem};

/// Longest name of a token, in characters.
const LABEL: usize = 100;

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

#[utoipa::path(get, path = "/api/v1/tokens", operation_id = "list_tokens", tag = "tokens",
    responses((status = 200, body = Vec<Token>, description = "Everybody's")))]
/// Lists API tokens, without their secrets.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Token>>, Problem> {
    caller.must_be(&app, PersonRole::Operator)?;
    let tokens = app.engine.api_tokens().await?;
    Ok(Json(tokens.into_iter().map(Token::from).collect()))
}

#[utoipa::path(post, path = "/api/v1/tokens", operation_id = "create_token", tag = "tokens", params(Once), request_body = NewToken,
    responses((status = 201, body = CreatedToken, description = "The secret is told only here")))]
/// Makes an API token.
pub(super) async fn create(
    State(app): State<App>,
    act: Act<NewToken>,
) -> Result<Response, Problem> {
    act.caller.must_be(&app, PersonRole::Operator)?;
    let label = act.what.label.trim();
    if label.is_empty() || label.chars().count() > LABEL {
        let message = format!("label says in 1 to {LABEL} characters what the token is for");
        return Err(Problem::invalid(message));
    }
    if !(1..=365).contains(&act.what.days) {
        return Err(Problem::invalid("days is between 1 and 365"));
    }
    let asked = act.what.person.unwrap_or_else(|| act.by.to_string());
    let person = app.engine.read(|state| {
        let people = &state.organisation()?.people;
        people
            .get_key_value(asked.as_str())
            .map(|(id, _)| id.clone())
    });
    let person = person.ok_or_else(|| Problem::not_found("there is no such person"))?;
    let lives_ms = i64::from(act.what.days) * DAY_MS;
    let issued = app
        .engine
        .issue_api_token(&person, label, lives_ms, &act.once);
    let (secret, token) = issued.await?;
    tracing::info!(by = %act.by, %person, id = token.id, "an API token was made");
    let body = Json(CreatedToken {
        token: token.into(),
        secret: secret.reveal().to_owned(),
    });
    Ok((StatusCode::CREATED, body).into_response())
}

#[utoipa::path(delete, path = "/api/v1/tokens/{token}", operation_id = "revoke_token", tag = "tokens", params(OfToken),
    responses((status = 204, description = "It opens nothing any more")))]
/// Ends an API token.
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    place: Place,
) -> Result<StatusCode, Problem> {
    caller.must_be(&app, PersonRole::Operator)?;
    let id = place.word("token");
    if !app.engine.revoke_api_token(id).await? {
        return Err(Problem::not_found("there is no such token"));
    }
    tracing::info!(by = %caller.person, id, "an API token was revoked");
    Ok(StatusCode::NO_CONTENT)
}
