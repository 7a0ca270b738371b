//! `status.json`: the page for machines. A wire format of its own; fields are added, never changed.

use serde::Serialize;

use super::RenderError;
use super::view::{Incident, Part, Section, Update, View};

/// The version of the format.
const FORMAT: u32 = 1;

// Structs rather than maps: the order of the fields is part of the signed bytes.

#[derive(Serialize)]
struct Status<'a> {
    format: u32,
    organisation: &'a str,
    drill: Option<&'a str>,
    as_of: &'a str,
    stale_after: &'a str,
    headline: &'a str,
    impact: Option<&'a str>,
    components: Vec<Component<'a>>,
    current: Vec<Affair<'a>>,
    past: Vec<Affair<'a>>,
}

#[derive(Serialize)]
struct Component<'a> {
    name: &'a str,
    impact: Option<&'a str>,
}

/// An incident.
#[derive(Serialize)]
struct Affair<'a> {
    id: &'a str,
    page: &'a str,
    impact: &'a str,
    over: bool,
    components: &'a [String],
    updates: Vec<Statement<'a>>,
}

#[derive(Serialize)]
struct Statement<'a> {
    number: u32,
    published: &'a str,
    status: &'a str,
    title: &'a str,
    sections: Vec<Paragraphs<'a>>,
    next_update: Option<&'a str>,
}

#[derive(Serialize)]
struct Paragraphs<'a> {
    heading: &'a str,
    text: String,
}

pub(super) fn status(view: &View) -> Result<Vec<u8>, RenderError> {
    let status = Status {
        format: FORMAT,
        organisation: &view.organisation,
        drill: view.drill.as_deref(),
        as_of: &view.as_of.iso,
        stale_after: &view.stale_after.iso,
        headline: &view.headline,
        impact: (view.look != "calm").then_some(view.look),
        components: view.components.iter().map(component).collect(),
        current: view.current.iter().map(affair).collect(),
        past: view.past.iter().map(affair).collect(),
    };
    let mut bytes =
        serde_json::to_vec_pretty(&status).map_err(|e| RenderError::new("status.json", e))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn component(part: &Part) -> Component<'_> {
    Component {
        name: &part.name,
        impact: part.impact,
    }
}

fn affair(incident: &Incident) -> Affair<'_> {
    Affair {
        id: &incident.id,
        page: &incident.path,
        impact: incident.impact,
        over: incident.over,
        components: &incident.components,
        updates: incident.updates.iter().map(statement).collect(),
    }
}

fn statement(update: &Update) -> Statement<'_> {
    Statement {
        number: update.number,
        published: &update.at.iso,
        status: update.status,
        title: &update.title,
        sections: update.sections.iter().map(paragraphs).collect(),
        next_update: update.next.as_ref().map(|t| t.iso.as_str()),
    }
}

fn paragraphs(section: &Section) -> Paragraphs<'_> {
    Paragraphs {
        heading: &section.heading,
        text: section.paragraphs.join("\n\n"),
    }
}
