//! `status.json`: the page for machines. A wire format of its own; fields are added, never changed.

use serde_json::{Value, json};

use super::RenderError;
use super::view::{Incident, Update, View};

/// The version of the format.
const FORMAT: u32 = 1;

pub(super) fn status(view: &View) -> Result<Vec<u8>, RenderError> {
    let value = json!({
        "format": FORMAT,
        "organisation": view.organisation,
        "drill": view.drill,
        "as_of": view.as_of.iso,
        "stale_after": view.stale_after.iso,
        "headline": view.headline,
        "impact": (view.look != "calm").then_some(view.look),
        "components": view.components.iter().map(|c| json!({"name": c.name, "impact": c.impact})).collect::<Vec<_>>(),
        "current": view.current.iter().map(incident).collect::<Vec<_>>(),
        "past": view.past.iter().map(incident).collect::<Vec<_>>(),
    });
    let mut bytes =
        serde_json::to_vec_pretty(&value).map_err(|e| RenderError::new("status.json", e))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn incident(incident: &Incident) -> Value {
    json!({
        "id": incident.id,
        "page": incident.path,
        "impact": incident.impact,
        "over": incident.over,
        "components": incident.components,
        "updates": incident.updates.iter().map(update).collect::<Vec<_>>(),
    })
}

fn update(update: &Update) -> Value {
    let sections: Vec<_> = update
        .sections
        .iter()
        .map(|s| json!({"heading": s.heading, "text": s.paragraphs.join("\n\n")}))
        .collect();
    json!({
        "number": update.number,
        "published": update.at.iso,
        "status": update.status,
        "title": update.title,
        "sections": sections,
        "next_update": update.next.as_ref().map(|t| &t.iso),
    })
}
