//! Version 4 of Alertmanager's webhook payload, which Grafana sends too with further fields.

use serde_json::value::RawValue;
use stentor_domain::alert::Alert;

use crate::batch::{
    Batch, Clock, Draft, FixedLabels, Pairs, Status, Unreadable, items, rfc3339, told,
};
use crate::json::{Object, shown};

/// Reads a payload whose version is `version`; `further` adds what a kind of sender says besides.
pub(crate) fn read(
    body: &[u8],
    version: &str,
    clock: Clock,
    fixed: &FixedLabels,
    further: impl for<'a> Fn(&Object<'a>, &Object<'a>, &mut Pairs<'a>),
) -> Result<Batch, Unreadable> {
    let envelope = Object::of_body(body)?;
    let found = envelope.text("version").map_err(Unreadable::Part)?;
    if !found.is_empty() && found != version {
        return Err(Unreadable::Part(format!(
            "the payload's version is {}, and a source of this kind sends {version:?}",
            shown(&found)
        )));
    }
    let alerts = envelope.get("alerts").ok_or_else(|| {
        Unreadable::Part("the body has no list \"alerts\", so it is no notification".into())
    })?;
    let items = items(alerts.get().as_bytes())?;
    let mut batch = Batch::read(items, clock, |item| {
        let item: Object<'_> =
            serde_json::from_slice(item).map_err(|e| format!("not an alert: {}", told(&e)))?;
        alert(&envelope, &item, clock, fixed, &further)
    });
    let left_out = envelope.get("truncatedAlerts").map(RawValue::get);
    batch.left_out = left_out.and_then(|n| n.parse().ok()).unwrap_or_default();
    Ok(batch)
}

fn alert<'a>(
    envelope: &Object<'a>,
    item: &Object<'a>,
    clock: Clock,
    fixed: &FixedLabels,
    further: impl Fn(&Object<'a>, &Object<'a>, &mut Pairs<'a>),
) -> Result<Alert, String> {
    let status = item.text("status")?;
    let status = match &*status {
        "" => Status::ByTimes,
        "firing" => Status::Firing,
        "resolved" => Status::Resolved,
        _ => {
            let status = shown(&status);
            return Err(format!(
                "status is {status}, neither \"firing\" nor \"resolved\""
            ));
        }
    };
    // Further parts come first, so that what the sender's people wrote counts above them.
    let mut annotations = Pairs::default();
    further(envelope, item, &mut annotations);
    annotations.extend(item.pairs("annotations")?);
    let draft = Draft {
        labels: item.pairs("labels")?,
        annotations,
        starts_ms: rfc3339("startsAt", Some(&item.text("startsAt")?))?,
        ends_ms: rfc3339("endsAt", Some(&item.text("endsAt")?))?,
        generator_url: item.text("generatorURL")?,
        status,
    };
    draft.judge(clock, fixed)
}
