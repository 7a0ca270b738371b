//! One alert, parsed without copying what needs no unescaping.

use std::borrow::Cow;
use stentor_domain::alert::Alert;

use serde::Deserialize;

use crate::batch::{Clock, Draft, FixedLabels, Pairs, Status, rfc3339, told};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    labels: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    annotations: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    starts_at: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    ends_at: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "generatorURL")]
    generator_url: Option<Cow<'a, str>>,
}

pub(super) fn read(item: &[u8], clock: Clock) -> Result<Alert, String> {
    let wire: Wire<'_> = serde_json::from_slice(item).map_err(plainly)?;
    let draft = Draft {
        labels: wire.labels.unwrap_or_default(),
        annotations: wire.annotations.unwrap_or_default(),
        starts_ms: rfc3339("startsAt", wire.starts_at.as_deref())?,
        ends_ms: rfc3339("endsAt", wire.ends_at.as_deref())?,
        generator_url: wire.generator_url.unwrap_or_default(),
        status: Status::ByTimes,
    };
    draft.judge(clock, &FixedLabels::new())
}

/// The place within the element helps; serde_json counts lines from its beginning.
fn plainly(error: serde_json::Error) -> String {
    format!("not an alert: {}", told(&error))
}
