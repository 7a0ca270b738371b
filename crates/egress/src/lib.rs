//! The only way out: one HTTP client with an SSRF guard, limits and no redirects.
