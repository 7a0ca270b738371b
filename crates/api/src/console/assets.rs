//! The style sheet, the script and the icon. Their addresses carry a hash, so that browsers keep them for ever.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use sha2::{Digest, Sha256};

use crate::{App, Problem};

const CSS: &str = include_str!("../../assets/console.css");
const JS: &str = include_str!("../../assets/console.js");
const ICON: &str = include_str!("../../assets/icon.svg");

static CSS_NAME: LazyLock<String> = LazyLock::new(|| named("css", CSS));
static JS_NAME: LazyLock<String> = LazyLock::new(|| named("js", JS));

fn named(kind: &str, text: &str) -> String {
    let hash = hex::encode(&Sha256::digest(text.as_bytes())[..6]);
    format!("console.{hash}.{kind}")
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/assets/{name}", get(asset))
}

pub(super) fn css_url() -> String {
    format!("/assets/{}", *CSS_NAME)
}

pub(super) fn js_url() -> String {
    format!("/assets/{}", *JS_NAME)
}

async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let year = "public, max-age=31536000, immutable";
    let day = "public, max-age=86400";
    let (kind, keep, text) = match name.as_str() {
        name if name == *CSS_NAME => ("text/css; charset=utf-8", year, CSS),
        name if name == *JS_NAME => ("text/javascript; charset=utf-8", year, JS),
        "icon.svg" => ("image/svg+xml", day, ICON),
        _ => return Err(Problem::not_found("There is nothing at this address.")),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)];
    Ok((headers, text).into_response())
}
