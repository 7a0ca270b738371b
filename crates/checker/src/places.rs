//! Mirrors as people write them: a URL or a directory.

use stentor_verify::{Fetch, LocalDir};

use crate::failure::Failure;
use crate::mirror_http::Web;

/// Mirrors in one call; more would be a mistake or an attack on whoever pays for the line.
pub(crate) const MIRRORS: usize = 32;

/// The mirror called `place`: `https://…`, `http://…`, `file:///…` or a directory.
pub(crate) fn open(web: &Web, place: &str) -> Result<Box<dyn Fetch>, Failure> {
    if let Some(path) = place.strip_prefix("file://") {
        let path = path.strip_prefix("localhost").unwrap_or(path);
        if !path.starts_with('/') || path.contains('%') {
            return Err(Failure::usage(format!(
                "{place}: write the directory itself, without file://"
            )));
        }
        return Ok(Box::new(LocalDir::new(path)));
    }
    if place.contains("://") {
        let mirror = web
            .mirror(place)
            .map_err(|e| Failure::usage(format!("{place}: {e}")))?;
        return Ok(Box::new(mirror));
    }
    Ok(Box::new(LocalDir::new(place)))
}

/// All of `places`.
pub(crate) fn open_all(web: &Web, places: &[String]) -> Result<Vec<Box<dyn Fetch>>, Failure> {
    if places.is_empty() {
        return Err(Failure::usage("name at least one mirror"));
    }
    if places.len() > MIRRORS {
        return Err(Failure::usage(format!(
            "at most {MIRRORS} mirrors in one call"
        )));
    }
    places.iter().map(|place| open(web, place)).collect()
}
