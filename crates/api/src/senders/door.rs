//! Who is let in. Whether a source exists is told only to whoever holds its token.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, header};
use stentor_domain::source::Source;
use stentor_engine::NotAdmitted;

use super::counters::Reason;
use crate::{App, Problem};

/// The source of a request to `/in/NAME`, by the token that it carries: as bearer token, as password of basic
/// authentication, or as `token` of the query.
pub(super) fn by_name(
    app: &App,
    name: &str,
    headers: &HeaderMap,
    query: &str,
) -> Result<Source, Problem> {
    let shown = authorization(headers).or_else(|| from_query(query));
    let found = app
        .engine
        .source_of(shown.as_deref().unwrap_or_default(), Some(name), |_| true);
    found.map_err(|not| match not {
        NotAdmitted::Unreadable => closed(app),
        NotAdmitted::Unknown | NotAdmitted::Ambiguous => {
            app.senders.refused(None, Reason::Unknown);
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "token-needed",
                "there is no such source, or its token is missing or wrong",
                "Compare the address and the token with sources.toml; send the token as `Authorization: Bearer`, as \
                 password, or as ?token=.",
            )
        }
    })
}

/// No token fits, and one of ours could not be read: it may be that one.
pub(super) fn closed(app: &App) -> Problem {
    app.senders.refused(None, Reason::Unreadable);
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "token-unreadable",
        "the tokens of some sources cannot be read at the moment",
        "Nothing was recorded; send the same request again. The log of this node names the source and the reason.",
    )
}

fn authorization(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().into());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (_, password) = decoded.split_once(':')?;
    Some(password.to_owned().into())
}

fn from_query(query: &str) -> Option<Cow<'_, str>> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = serde_urlencoded::from_str(query).ok()?;
    let token = pairs.into_iter().find(|(name, _)| name == "token");
    token.map(|(_, value)| value)
}
