//! Names of things. A name from configuration is a short slug; a number counts within its world from 1.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! slug {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

slug! {
    /// A person of the organisation.
    PersonId;
    /// A service of the catalogue.
    ServiceId;
    /// An on-call schedule.
    ScheduleId;
    /// An escalation policy.
    PolicyId;
    /// A working calendar.
    CalendarId;
    /// A template of a public update.
    TemplateId;
    /// A source of alerts.
    SourceId;
}

/// Whether `text` may name something: 1 to 63 of `a-z`, `0-9`, `-`, beginning with a letter (RFC 1123 labels).
#[must_use]
pub fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    )*};
}

number! {
    /// An incident.
    IncidentId, "INC-";
    /// A page: one logical message to one person.
    PageId, "PAGE-";
    /// A handoff of a role.
    HandoffId, "HANDOFF-";
    /// Work announced in public.
    MaintenanceId, "MNT-";
    /// A false message that we deny.
    DenialId, "DENIAL-";
}

impl IncidentId {
    /// No incident: what a page about announced work carries. Incidents count from 1.
    pub const NONE: Self = Self(0);
}
