//! Headers that every answer carries.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::App;

/// Nothing is loaded, framed or sent anywhere but to ourselves; no script or style within a page.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Sets them. What a handler says about caching stands; without a word, nothing is stored.
pub(crate) fn strict(app: &App, headers: &mut HeaderMap) {
    headers.reserve(FIXED.len() + 3);
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A handler may name another policy for a page that is not the console's own; it must be as strict about scripts.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if app.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}
