//! From the public page to files: HTML that needs no script, JSON, Atom and plain text.

mod feed;
mod machine;
mod template;
mod view;

use jiff::Timestamp;
use stentor_domain::bulletin::StatusPage;

use crate::repository::Pages;
use view::View;

/// A page could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("{page} could not be rendered: {why}")]
pub struct RenderError {
    pub(crate) page: String,
    pub(crate) why: String,
}

impl RenderError {
    fn new(page: &str, why: impl std::fmt::Display) -> Self {
        Self {
            page: page.to_owned(),
            why: why.to_string(),
        }
    }
}

/// Every file that says `page` as of `now`. `fingerprint` is the SHA-256 of the first trusted root.
pub(crate) fn pages(
    page: &StatusPage,
    fingerprint: &str,
    now: Timestamp,
) -> Result<Pages, RenderError> {
    let view = View::of(page, fingerprint, now)?;
    let templates = template::environment();
    let mut pages = Pages::new();
    for (file, template) in [
        ("index.html", "index.html"),
        ("feed.atom", "feed.xml"),
        ("status.txt", "status.txt"),
    ] {
        pages.insert(
            file.into(),
            template::render(&templates, file, template, &view)?,
        );
    }
    pages.insert("status.json".into(), machine::status(&view)?);
    for incident in view.incidents() {
        let one = view::IncidentPage {
            page: &view,
            incident,
        };
        pages.insert(
            incident.path.clone(),
            template::render(&templates, &incident.path, "incident.html", &one)?,
        );
    }
    Ok(pages)
}
