//! Atom (RFC 4287) and RSS 2.0: every statement about anything, newest first. A feed changes only when something is said.

use jiff::Timestamp;
use minijinja::Environment;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::edition::Edition;
use super::text::clean;
use super::time::Time;
use super::time::{iso, timestamp};
use super::view::{Affair, Kind, Statement};
use super::words::Words;
use super::{RenderError, template};

/// Statements in a feed, the newest; readers have seen the older ones.
const ENTRIES: usize = 100;

/// A feed in one edition.
#[derive(Serialize)]
pub(super) struct Feed<'a> {
    w: &'static Words,
    id: String,
    organisation: String,
    drill: Option<String>,
    updated: Dated,
    language: String,
    suffix: &'a str,
    /// The address of the first mirror, with a slash; empty where none is known. RSS needs one.
    base: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    kind: Kind,
    id: String,
    path: String,
    components: Vec<String>,
    seen_at: Vec<String>,
    window: Option<(Time, Time)>,
    s: Statement,
    published: Dated,
    updated: Dated,
}

/// An instant as feeds write it.
#[derive(Serialize)]
struct Dated {
    iso: String,
    /// As in mails (RFC 822 with a year of four digits).
    mail: String,
}

impl Dated {
    fn of(time: Timestamp) -> Self {
        Self {
            iso: iso(time),
            mail: time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        }
    }
}

impl<'a> Feed<'a> {
    /// `base` is the address of the first mirror, with a slash.
    pub(super) fn of(edition: &'a Edition<'_>, base: &str) -> Result<Self, RenderError> {
        let page = edition.page;
        let mut affairs = Vec::new();
        // Of each kind so many as could fill the feed alone.
        for incident in page.current.iter().chain(&page.past).take(ENTRIES) {
            affairs.push(Affair::of_incident(incident, edition)?);
        }
        for work in page.maintenance.iter().take(ENTRIES) {
            affairs.push(Affair::of_maintenance(work, edition)?);
        }
        for denial in page.denials.iter().take(ENTRIES) {
            affairs.push(Affair::of_denial(denial, edition)?);
        }
        let mut said: Vec<(Affair, Statement)> = Vec::new();
        for mut affair in affairs {
            let statements = std::mem::take(&mut affair.statements);
            said.extend(statements.into_iter().map(|s| (affair.clone(), s)));
        }
        said.sort_by(|(a, s), (b, t)| (t.at_ms, &a.id, t.number).cmp(&(s.at_ms, &b.id, s.number)));
        said.truncate(ENTRIES);
        let entries = said
            .into_iter()
            .map(Entry::of)
            .collect::<Result<Vec<_>, _>>()?;
        let updated = entries.iter().map(|e| e.updated.iso.as_str()).max();
        // A feed that never said anything is dated by its beginning rather than by a moment that would move.
        let begun = timestamp(page.recorded_since_ms.unwrap_or(0))?;
        let updated = updated.and_then(|iso| iso.parse().ok()).unwrap_or(begun);
        let mut id = vec![edition.fingerprint];
        if !edition.is_first() {
            id.push(edition.language.as_str());
        }
        Ok(Self {
            w: edition.words,
            id: self::id(&id),
            organisation: clean(&page.organisation),
            drill: page.world.is_drill().then(|| page.world.to_string()),
            updated: Dated::of(updated),
            language: edition.language.to_string(),
            suffix: &edition.suffix,
            base: base.to_owned(),
            entries,
        })
    }

    /// The feed as Atom.
    pub(super) fn atom(&self, env: &Environment<'_>, file: &str) -> Result<Vec<u8>, RenderError> {
        template::render(env, file, "feed.atom", self)
    }

    /// The feed as RSS 2.0, if there is an address to link to: RSS knows no relative ones.
    pub(super) fn rss(
        &self,
        env: &Environment<'_>,
        file: &str,
    ) -> Option<Result<Vec<u8>, RenderError>> {
        (!self.base.is_empty()).then(|| template::render(env, file, "feed.rss", self))
    }
}

impl Entry {
    fn of((affair, s): (Affair, Statement)) -> Result<Self, RenderError> {
        let published = timestamp(s.at_ms)?;
        let mended = s.corrected.as_ref().or(s.withdrawn.as_ref());
        let updated = mended.and_then(|mark| mark.at.iso.parse().ok());
        Ok(Self {
            kind: affair.kind,
            id: affair.id,
            path: affair.path,
            components: affair.components,
            seen_at: affair.seen_at,
            window: affair.window,
            published: Dated::of(published),
            updated: Dated::of(updated.unwrap_or(published)),
            s,
        })
    }
}

/// A UUID (RFC 9562, version 8) derived from what it names: permanent, universal, the same on every mirror and after
/// every restart (RFC 4287, 4.2.6).
pub(super) fn id(parts: &[&str]) -> String {
    format!("urn:uuid:{}", uuid(parts))
}

/// The UUID alone.
pub(super) fn uuid(parts: &[&str]) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(parts.join("/")).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(&bytes[..16]);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_different() {
        let name = id(&["root", "INC-1", "1"]);
        assert_eq!(name, id(&["root", "INC-1", "1"]));
        assert_ne!(name, id(&["root", "INC-1", "2"]));
        assert_eq!(
            name.len(),
            "urn:uuid:00000000-0000-8000-8000-000000000000".len()
        );
        assert_eq!(&name[23..24], "8");
    }
}
