//! The barest page, and escaping.

use axum::response::Html;

/// Escapes text for HTML content and quoted attributes.
#[must_use]
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page with a heading and a body of trusted HTML.
pub(crate) fn bare(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Stentor</title>\
         <link rel=\"stylesheet\" href=\"/assets/stentor.css\"></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}
