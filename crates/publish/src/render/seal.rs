//! Which files get a minisign signature beside them, and what its trusted comment says.
//!
//! A comment follows from the file's name, the page and the week, never from the minute where the file does not: so a
//! signature changes only when its file does, and once a week.

use jiff::Timestamp;

use super::RenderError;
use super::minisign::{ENDING, PUBLIC_FILE, Signer};
use super::security;
use super::time::{DAY, iso, timestamp};
use super::view::Clock;
use crate::repository::Pages;

/// Adds the public key, and a signature beside each file of `pages` that gets one. `said` is when something was last
/// said, in milliseconds since the epoch.
pub(super) fn seal(
    pages: &mut Pages,
    signer: &Signer<'_>,
    clock: Clock,
    said: i64,
) -> Result<(), RenderError> {
    let week = clock.now.as_millisecond().div_euclid(7 * DAY) * 7 * DAY;
    let current = timestamp(said.max(week))?;
    let mut seals = Pages::new();
    for (path, bytes) in pages.iter() {
        let (time, until) = match path.split_once('/') {
            // They say themselves until when they may be believed.
            None if path.starts_with("index.") || path.starts_with("status.") => {
                (clock.now, clock.stale_after)
            }
            None | Some((".well-known", _)) => (current, security::expires(clock.now)),
            // Programs that read the interface below `api` check TUF.
            Some(_) => continue,
        };
        let comment = comment(path, time, Some(until));
        seals.insert(format!("{path}{ENDING}"), signer.signature(bytes, &comment));
    }
    pages.append(&mut seals);
    pages.insert(PUBLIC_FILE.to_owned(), signer.public_file());
    if let Some(handover) = signer.handover {
        pages.insert(format!("{PUBLIC_FILE}{ENDING}"), handover.into());
    }
    Ok(())
}

/// Adds the signature of the page about one thing. What was said stays said, so it has no end.
pub(super) fn beside(
    pages: &mut Pages,
    signer: &Signer<'_>,
    path: &str,
    bytes: &[u8],
    said: i64,
) -> Result<(), RenderError> {
    let comment = comment(path, timestamp(said)?, None);
    pages.insert(format!("{path}{ENDING}"), signer.signature(bytes, &comment));
    Ok(())
}

fn comment(path: &str, time: Timestamp, until: Option<Timestamp>) -> String {
    let until = until.map_or_else(String::new, |until| format!(" valid-until:{}", iso(until)));
    format!("file:{path} time:{}{until}", iso(time))
}
