//! What a file is, and for how long others may keep it.

/// The media type of a file by the end of its name.
pub(crate) fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("atom") => "application/atom+xml",
        Some("rss") => "application/rss+xml",
        Some("xml") => "application/xml",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("txt" | "minisig" | "pub") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether the content of a file can change under its name. Metadata carry their version in the name and targets their
/// hash; the timestamp and the pages do not.
pub(crate) fn is_mutable(path: &str) -> bool {
    path == "metadata/timestamp.json"
        || !(path.starts_with("metadata/") || path.starts_with("targets/"))
}

/// What caches are told (RFC 9111, RFC 8246).
pub(crate) fn cache_control(path: &str) -> &'static str {
    if is_mutable(path) {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_caching() {
        #[track_caller]
        fn check(path: &str, media: &str, cached: bool) {
            assert!(media_type(path).starts_with(media), "{path}");
            assert_eq!(cache_control(path) != "no-cache", cached, "{path}");
        }
        check("index.html", "text/html", false);
        check("metadata/timestamp.json", "application/json", false);
        check("metadata/3.snapshot.json", "application/json", true);
        check("targets/ab12.feed.atom", "application/atom+xml", true);
        check("targets/incidents/ab12.INC-7.html", "text/html", true);
        check(".well-known/security.txt", "text/plain", false);
        check("status.minisig", "text/plain", false);
        check("x.y/file", "application/octet-stream", false);
    }
}
