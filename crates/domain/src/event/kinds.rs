//! From a list of kinds to the entries: their types, and how they are written and read.

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal $version:literal { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {
        /// Something that happened or was decided, as journaled.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            /// Alerts opened, changed or resolved: a compressed batch.
            AlertsChanged(Vec<AlertGroup>),
            /// Receivers were told about groups of alerts: a compressed batch.
            NotificationsSent(Vec<Delivered>),
            $($(#[$doc])* $name($name),)*
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }

            impl From<$name> for Event {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*

        impl Event {
            /// The kind and version under which it is journaled.
            #[must_use]
            pub fn kind(&self) -> (&'static str, u16) {
                match self {
                    Self::AlertsChanged(_) => ALERTS_CHANGED,
                    Self::NotificationsSent(_) => NOTIFICATIONS_SENT,
                    $(Self::$name(_) => ($kind, $version),)*
                }
            }

            /// The payload to journal.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    Self::AlertsChanged(groups) => alert::encode(groups),
                    Self::NotificationsSent(all) => told::encode(all),
                    $(Self::$name(event) => json(event),)*
                }
            }

            /// Reads a payload.
            ///
            /// # Errors
            /// The kind is unknown or the payload has another form.
            pub fn decode(kind: &str, version: u16, payload: &[u8]) -> Result<Self, Unreadable> {
                let malformed = |reason: String| Unreadable::Malformed { kind: kind.to_owned(), reason };
                match (kind, version) {
                    (k, v) if (k, v) == ALERTS_CHANGED => {
                        alert::decode(payload).map(Self::AlertsChanged).map_err(|e| malformed(e.to_string()))
                    }
                    (k, v) if (k, v) == NOTIFICATIONS_SENT => {
                        told::decode(payload).map(Self::NotificationsSent).map_err(|e| malformed(e.to_string()))
                    }
                    $(($kind, $version) => serde_json::from_slice(payload)
                        .map(Self::$name)
                        .map_err(|e| malformed(e.to_string())),)*
                    _ => Err(Unreadable::UnknownKind { kind: kind.to_owned(), version }),
                }
            }

            /// Every kind this release can read.
            pub const KINDS: &[(&str, u16)] = &[ALERTS_CHANGED, NOTIFICATIONS_SENT, $(($kind, $version),)*];
        }
    };
}
