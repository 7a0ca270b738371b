//! Templates: embedded, escaped, strict.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use stentor_domain::time_text;

use super::assets;
use crate::{Problem, fresh_key};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

const TEMPLATES: [(&str, &str); 37] = templates![
    "macros.html",
    "layout.html",
    "home.html",
    "declare.html",
    "incident.html",
    "incident_what.html",
    "incident_actions.html",
    "incident_promise.html",
    "incident_who.html",
    "incident_more.html",
    "incident_closing.html",
    "offer.html",
    "report_form.html",
    "report_read.html",
    "publish.html",
    "preview.html",
    "worded.html",
    "withdraw.html",
    "withdraw_preview.html",
    "public.html",
    "announced.html",
    "announce.html",
    "announce_preview.html",
    "link.html",
    "mirrors.html",
    "sources.html",
    "drills.html",
    "drill.html",
    "message.html",
    "alerts.html",
    "alert_line.html",
    "group.html",
    "silences.html",
    "silence.html",
    "silence_line.html",
    "silence_form.html",
    "line.html",
];

/// What a template is given: names and anything that can be serialised.
macro_rules! view {
    (@value $key:ident) => { &$key };
    (@value $key:ident, $value:expr) => { &$value };
    ($($key:ident $(=> $value:expr)?),* $(,)?) => {
        minijinja::Value::from_pairs([$((
            stringify!($key),
            minijinja::Value::from(minijinja::value::Serde($crate::console::render::view!(@value $key $(, $value)?))),
        )),*])
    };
}
pub(super) use view;

/// Work that one page may cost: the largest page, with a timeline of 500 lines, needs about a tenth.
const FUEL: u64 = 1_000_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_fuel(Some(FUEL));
    env.add_filter("utc", time_text::utc);
    env.add_filter("lasting", time_text::length);
    env.add_filter("iso", iso);
    env.add_filter("hour", hour);
    env.add_filter("minute", minute);
    env.add_filter("until", until);
    env.add_function("fresh_key", fresh_key);
    env.add_global("css_url", assets::css_url());
    env.add_global("js_url", assets::js_url());
    for (name, text) in TEMPLATES {
        if let Err(error) = env.add_template(name, text) {
            unreachable!("{name} is a template, as a test proves: {error}");
        }
    }
    env
}

/// Draws a page. A template that fails is our fault: it is logged, and the person is told so.
pub(super) fn page(name: &str, context: Value) -> Response {
    let drawn = ENVIRONMENT
        .get_template(name)
        .and_then(|template| template.render(context));
    match drawn {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(template = name, error = ?error, "a page cannot be drawn");
            Problem::new(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                "page-broken",
                "This page cannot be drawn.",
                "This is a fault of Stentor and is in its log. The command line and the API still work.",
            )
            .into_response()
        }
    }
}

fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

fn hour(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%H:%M UTC")
        .to_string()
}

fn minute(ms: i64) -> String {
    hour(ms).trim_end_matches(" UTC").to_owned()
}

fn until(ms: i64, now_ms: i64) -> String {
    if ms >= now_ms {
        format!("in {}", time_text::length(ms - now_ms))
    } else {
        format!("{} ago", time_text::length(now_ms - ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_one() {
        for (name, _) in TEMPLATES {
            assert!(environment().get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn text_from_strangers_stays_text() {
        let hostile = "</title><script>alert(1)</script>\" onload='x' {{ 7 * 7 }}";
        let env = environment();
        let template = env.get_template("message.html").unwrap();
        let html = template
            .render(view! {
                site => super::super::site::Site::bare(),
                title => hostile,
                paragraphs => [hostile],
                home => true,
                code => hostile,
                sign_in_form => false,
            })
            .unwrap();
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(!html.contains("onload='"), "{html}");
        assert!(html.contains("{{ 7 * 7 }}"), "{html}");
    }

    #[test]
    fn times_are_shown_with_their_distance() {
        let check = |ms: i64, now: i64, text: &str| assert_eq!(until(ms, now), text);
        check(60_000, 0, "in 1 min");
        check(0, 0, "in 0 s");
        check(0, 3_600_000, "1 h ago");
        assert_eq!(iso(1_795_227_000_000), "2026-11-21T02:10:00Z");
        assert_eq!(hour(1_795_227_000_000), "02:10 UTC");
    }
}
