//! What a receiver is told about a group of alerts: Alertmanager's template data.

use std::sync::Arc;

use crate::alert::Alert;
use crate::labels::Labels;

/// One message about one group to one receiver.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The receiver's name.
    pub receiver: String,
    /// The group's key, as Alertmanager writes it; receivers tell repeats by it.
    pub group_key: String,
    /// The labels that its alerts agree in.
    pub group_labels: Labels,
    /// Its alerts, in the order in which they are shown.
    pub alerts: Vec<NotifiedAlert>,
    /// Where people look at them.
    pub external_url: String,
    /// Why it is told now.
    pub reason: Reason,
}

/// An alert in a message.
#[derive(Clone, Debug)]
pub struct NotifiedAlert {
    /// What it says.
    pub alert: Arc<Alert>,
    /// When it ended, in milliseconds since the epoch; `None` while it fires.
    pub ended_ms: Option<i64>,
}

/// Why a group is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nobody was told about it so far.
    First,
    /// Alerts joined.
    NewAlerts,
    /// Alerts ended, others did not.
    SomeResolved,
    /// All alerts ended.
    AllResolved,
    /// It has not changed for a long time.
    Repeat,
}

impl Reason {
    /// The words in which Alertmanager tells it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::First => "first notification",
            Self::NewAlerts => "new alerts added",
            Self::SomeResolved => "some alerts resolved",
            Self::AllResolved => "all alerts resolved",
            Self::Repeat => "repeat interval elapsed",
        }
    }
}

impl NotifiedAlert {
    /// `firing` or `resolved`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.ended_ms {
            None => "firing",
            Some(_) => "resolved",
        }
    }
}

impl Notification {
    /// Whether any alert fires.
    #[must_use]
    pub fn is_firing(&self) -> bool {
        self.alerts.iter().any(|a| a.ended_ms.is_none())
    }

    /// `firing` or `resolved`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.is_firing() {
            "firing"
        } else {
            "resolved"
        }
    }

    /// Labels with the same value in every alert.
    #[must_use]
    pub fn common_labels(&self) -> Labels {
        common(self.alerts.iter().map(|a| &a.alert.labels))
    }

    /// Annotations with the same value in every alert.
    #[must_use]
    pub fn common_annotations(&self) -> Labels {
        common(self.alerts.iter().map(|a| &a.alert.annotations))
    }
}

/// A receiver's name as Alertmanager hands it on: what means something in a regular expression is escaped.
#[must_use]
pub fn receiver_quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for c in name.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// The names with the same value in every set.
pub fn common<'a>(mut sets: impl Iterator<Item = &'a Labels>) -> Labels {
    let Some(first) = sets.next() else {
        return Labels::default();
    };
    let mut shared: Vec<(&str, &str)> = first.iter().collect();
    for set in sets {
        shared.retain(|(name, value)| set.get(name) == Some(*value));
        if shared.is_empty() {
            break;
        }
    }
    Labels::from_pairs(&mut shared)
}
