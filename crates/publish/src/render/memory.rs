//! Renders pages and remembers those that do not change: what was said about something long ago is not rendered again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::Environment;
use serde::Serialize;
use stentor_domain::bulletin::{
    Denial, PageSettings, PublicIncident, PublicMaintenance, StatusPage,
};
use stentor_domain::world::World;

use super::directory::{self, Contacts};
use super::edition::Edition;
use super::feed::Feed;
use super::minisign::Signer;
use super::text::is_link;
use super::view::{Affair, Clock, Frame, History, Index, Official, stem_of_incident};
use super::words::Words;
use super::{RenderError, calendar, machine, seal, security, statuspage, template};
use crate::lives::{self, later};
use crate::repository::Pages;

/// Things that one page can speak about; more is a mistake somewhere, and no reader takes so many files.
const MOST: usize = 20_000;

/// Turns pages into files. One for each publisher, kept from word to word: it remembers the pages of single incidents, so
/// that a new word costs what is new in it.
pub(crate) struct Renderer {
    templates: Environment<'static>,
    context: Option<Context>,
    kept: BTreeMap<String, Kept>,
}

/// What every page of a single thing depends on, besides the thing.
#[derive(PartialEq)]
struct Context {
    organisation: String,
    world: World,
    settings: PageSettings,
    fingerprint: String,
    minisign: Option<[u8; 32]>,
}

/// The pages of one thing.
struct Kept {
    of: Thing,
    pages: Pages,
}

/// What has pages of its own.
#[derive(Clone, PartialEq)]
enum Thing {
    Incident(PublicIncident),
    Maintenance(PublicMaintenance),
    Denial(Denial),
}

/// The page of one thing.
#[derive(Serialize)]
struct AffairPage<'a> {
    w: &'static Words,
    frame: &'a Frame,
    stem: &'a str,
    up: &'a str,
    affair: &'a Affair,
}

/// The page of the official channels.
#[derive(Serialize)]
struct DirectoryPage<'a> {
    w: &'static Words,
    frame: &'a Frame,
    stem: &'a str,
    up: &'a str,
    official: Official,
    minisign: Option<String>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self {
            templates: template::environment(),
            context: None,
            kept: BTreeMap::new(),
        }
    }
}

impl Renderer {
    /// Every file that says `page` as of `now`, the same for the same arguments whatever is remembered. `fingerprint` is
    /// the SHA-256 of the first trusted root in hex. With a signer, files get minisign signatures beside them.
    ///
    /// # Errors
    /// [`RenderError`] if the page has times that no calendar knows, or more on it than a page can hold.
    pub(crate) fn pages(
        &mut self,
        page: &StatusPage,
        fingerprint: &str,
        signer: Option<&Signer<'_>>,
        now: Timestamp,
    ) -> Result<Pages, RenderError> {
        let things =
            page.current.len() + page.past.len() + page.maintenance.len() + page.denials.len();
        if things > MOST {
            return Err(RenderError::new(
                "the page",
                format!("{things} things are on it, more than {MOST}"),
            ));
        }
        let clock = Clock {
            now,
            stale_after: later(now, lives::TIMESTAMP),
        };
        let base = base(&page.settings);
        let editions = Edition::all(page, fingerprint);
        let frames: Vec<Frame> = editions.iter().map(Frame::of).collect();
        let mut pages = Pages::new();
        for (edition, frame) in editions.iter().zip(&frames) {
            self.people(&mut pages, (edition, frame), clock, (&base, signer))?;
        }
        if let Some(first) = editions.first() {
            pages.insert(
                "status.json".into(),
                machine::status(first, clock, Contacts::of(page))?,
            );
            pages.insert(
                "directory.json".into(),
                directory::file(page, fingerprint, signer)?,
            );
            pages.insert("maintenance.ics".into(), calendar::file(first, &base)?);
            statuspage::files(&mut pages, first, &base, clock)?;
            if let Some(rss) = Feed::of(first, &base)?.rss(&self.templates, "feed.rss") {
                pages.insert("feed.rss".into(), rss?);
            }
        }
        if let Some(file) = security::file(page, fingerprint, now) {
            pages.insert(security::FILE.into(), file);
        }
        pages.insert(
            "verify.html".into(),
            verifier(fingerprint, &page.settings.mirrors),
        );
        if let Some(signer) = signer {
            seal::seal(&mut pages, signer, clock, said(page))?;
        }
        self.things(&mut pages, page, &editions, &frames, signer)?;
        Ok(pages)
    }

    /// The files of one edition that are about everything.
    fn people(
        &self,
        pages: &mut Pages,
        (edition, frame): (&Edition<'_>, &Frame),
        clock: Clock,
        (base, signer): (&str, Option<&Signer<'_>>),
    ) -> Result<(), RenderError> {
        let env = &self.templates;
        let w = edition.words;
        let index = Index::of(edition, frame, clock, (!base.is_empty(), signer.is_some()))?;
        let mut add = |stem: &str, ending: &str, bytes: Vec<u8>| {
            pages.insert(edition.file(stem, ending), bytes)
        };
        add(
            "index",
            "html",
            template::render(env, "index.html", "index.html", &index)?,
        );
        add(
            "status",
            "txt",
            template::render(env, "status.txt", "status.txt", &index)?,
        );
        let history = History::of(edition, frame, clock.now.as_millisecond())?;
        add(
            "history",
            "html",
            template::render(env, "history.html", "history.html", &history)?,
        );
        let directory = DirectoryPage {
            w,
            frame,
            stem: "directory",
            up: "",
            official: Official::of(edition),
            minisign: signer.map(Signer::public_text),
        };
        add(
            "directory",
            "html",
            template::render(env, "directory.html", "directory.html", &directory)?,
        );
        add(
            "feed",
            "atom",
            Feed::of(edition, base)?.atom(env, "feed.atom")?,
        );
        Ok(())
    }

    /// The pages of single things, from memory where nothing changed.
    fn things(
        &mut self,
        pages: &mut Pages,
        page: &StatusPage,
        editions: &[Edition<'_>],
        frames: &[Frame],
        signer: Option<&Signer<'_>>,
    ) -> Result<(), RenderError> {
        let context = Context {
            organisation: page.organisation.clone(),
            world: page.world,
            settings: page.settings.clone(),
            fingerprint: editions
                .first()
                .map_or_else(String::new, |e| e.fingerprint.to_owned()),
            minisign: signer.map(|s| s.public),
        };
        let mut before = std::mem::take(&mut self.kept);
        if self.context.as_ref() != Some(&context) {
            before.clear();
            self.context = Some(context);
        }
        for thing in things(page) {
            let stem = thing.stem()?;
            let kept = match before.remove(&stem) {
                Some(kept) if thing.is(&kept.of) => kept,
                _ => Kept {
                    pages: self.pages_of(&thing, editions, frames, signer)?,
                    of: thing.owned(),
                },
            };
            pages.extend(
                kept.pages
                    .iter()
                    .map(|(path, bytes)| (path.clone(), bytes.clone())),
            );
            self.kept.insert(stem, kept);
        }
        Ok(())
    }

    fn pages_of(
        &self,
        thing: &Borrowed<'_>,
        editions: &[Edition<'_>],
        frames: &[Frame],
        signer: Option<&Signer<'_>>,
    ) -> Result<Pages, RenderError> {
        let mut pages = Pages::new();
        for (edition, frame) in editions.iter().zip(frames) {
            let affair = &thing.affair(edition)?;
            let view = AffairPage {
                w: edition.words,
                frame,
                stem: &affair.stem,
                up: affair.up,
                affair,
            };
            let bytes = template::render(&self.templates, &affair.path, "affair.html", &view)?;
            if let Some(signer) = signer {
                let said = affair.statements.first().map_or(0, |s| s.at_ms);
                seal::beside(&mut pages, signer, &affair.path, &bytes, said)?;
            }
            pages.insert(affair.path.clone(), bytes);
        }
        Ok(pages)
    }
}

/// The page by which readers check mirrors, with what they are to trust. Kept by them, it does so without us.
fn verifier(fingerprint: &str, mirrors: &[String]) -> Vec<u8> {
    let mirrors: Vec<String> = mirrors
        .iter()
        .take(stentor_browser::MIRRORS)
        .cloned()
        .collect();
    // An address that the page cannot hold leaves its reader to enter one.
    let trusting = stentor_browser::page_that_trusts(fingerprint, &mirrors)
        .or_else(|_| stentor_browser::page_that_trusts(fingerprint, &[]));
    trusting
        .unwrap_or_else(|_| stentor_browser::PAGE.to_owned())
        .into_bytes()
}

/// A thing on the page.
enum Borrowed<'a> {
    Incident(&'a PublicIncident),
    Maintenance(&'a PublicMaintenance),
    Denial(&'a Denial),
}

impl Borrowed<'_> {
    fn stem(&self) -> Result<String, RenderError> {
        Ok(match self {
            Self::Incident(incident) => stem_of_incident(incident)?,
            Self::Maintenance(work) => format!("maintenance/{}", work.id),
            Self::Denial(denial) => format!("denials/{}", denial.id),
        })
    }

    fn affair(&self, edition: &Edition<'_>) -> Result<Affair, RenderError> {
        match self {
            Self::Incident(incident) => Affair::of_incident(incident, edition),
            Self::Maintenance(work) => Affair::of_maintenance(work, edition),
            Self::Denial(denial) => Affair::of_denial(denial, edition),
        }
    }

    fn is(&self, kept: &Thing) -> bool {
        match (self, kept) {
            (Self::Incident(a), Thing::Incident(b)) => *a == b,
            (Self::Maintenance(a), Thing::Maintenance(b)) => *a == b,
            (Self::Denial(a), Thing::Denial(b)) => *a == b,
            _ => false,
        }
    }

    fn owned(&self) -> Thing {
        match *self {
            Self::Incident(incident) => Thing::Incident(incident.clone()),
            Self::Maintenance(work) => Thing::Maintenance(work.clone()),
            Self::Denial(denial) => Thing::Denial(denial.clone()),
        }
    }
}

fn things(page: &StatusPage) -> impl Iterator<Item = Borrowed<'_>> {
    let incidents = page
        .current
        .iter()
        .chain(&page.past)
        .map(Borrowed::Incident);
    let works = page.maintenance.iter().map(Borrowed::Maintenance);
    incidents
        .chain(works)
        .chain(page.denials.iter().map(Borrowed::Denial))
}

/// When something was last said, in milliseconds since the epoch.
fn said(page: &StatusPage) -> i64 {
    let incidents = page
        .current
        .iter()
        .chain(&page.past)
        .map(|i| i.latest().published_ms);
    let works = page.maintenance.iter().map(|m| m.latest().published_ms);
    let denials = page.denials.iter().map(|d| d.latest().published_ms);
    incidents.chain(works).chain(denials).max().unwrap_or(0)
}

/// The address of the first mirror with a slash at its end; empty where none is known.
fn base(settings: &PageSettings) -> String {
    let web = |m: &&String| is_link(m) && (m.starts_with("https://") || m.starts_with("http://"));
    settings
        .mirrors
        .iter()
        .find(web)
        .map_or_else(String::new, |m| format!("{}/", m.trim_end_matches('/')))
}
